#include "core/gateway.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/completion.h"
#include "base/ensure.h"
#include "base/log.h"
#include "base/sharded.h"
#include "base/task_group.h"
#include "core/change_flags.h"

namespace tidings {
namespace {

constexpr milliseconds kAckWithin = seconds(2);
constexpr milliseconds kSleptTooLong = seconds(2);
constexpr milliseconds kTickEvery{250};
constexpr milliseconds kPollWhenWell = std::chrono::minutes(10);
constexpr milliseconds kPollWhenAlone = seconds(60);
constexpr milliseconds kRememberEndedFor = seconds(60);
constexpr std::size_t kRecheckPerTick = 2'500;
constexpr std::size_t kRegisterLanes = 32;

}  // namespace

class Gateway::Connection {
 public:
  Connection(UserId user_in, Uuid credential_in, Subscriber& subscriber_in, Home& home_in)
      : user(user_in), credential(credential_in), subscriber(subscriber_in), home(home_in) {}

  const UserId user;
  const Uuid credential;  // the session or service key it was opened with
  Subscriber& subscriber;
  Home& home;

  // Guarded by the mutex of the user's shard. There are flags only while there is something to say,
  // and `known` is true while the home knows of them.
  std::unique_ptr<ChangeFlags> flags;
  bool known = false;

  // What follows belongs to the home's loop.
  bool begun = false;
  bool speaking = false;  // the subscriber is being told something
  bool awaiting = false;  // an acknowledgement, for 2 s
  bool closed = false;
  bool session_ended = false;
  bool said_goodbye = false;
  std::uint32_t index = 0;              // in home.connections
  std::uint64_t n = 0;                  // of the last `changed`
  Completion<bool>* silence = nullptr;  // awaited by `close` while the subscriber is being told
};

// The connections of one loop.
struct Gateway::Home {
  Loop& loop;

  std::mutex mutex;  // guards what follows
  std::vector<ConnectionRef> flagged;
  bool flush_posted = false;
  bool wants_recheck_all = false;
  std::unordered_set<Uuid> ended;

  // What follows belongs to the loop.
  std::vector<ConnectionRef> connections;
  struct Said {
    Instant at;
    ConnectionRef connection;
    std::uint64_t n;
  };
  std::deque<Said> unacknowledged;  // in the order of time
  std::size_t recheck_left = 0;     // connections [0, recheck_left) are still to be rechecked
  Instant ticked_at;

  Home(Loop& loop_in, Instant now) : loop(loop_in), ticked_at(now) {}
};

namespace {

struct alignas(64) UserShard {
  std::mutex mutex;
  std::unordered_map<UserId, std::vector<Gateway::ConnectionRef>> users;
};

// Continues on `loop` in its next turn, even when the caller runs it.
auto next_turn_of(Loop& loop) {
  struct Awaiter {
    Loop& loop;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) const { loop.post(coroutine); }
    void await_resume() const noexcept {}
  };
  return Awaiter{loop};
}

}  // namespace

struct Gateway::Impl {
  Sharded<UserShard> shards;
  const GatewayId self;
  Presence& presence;
  const Clock& clock;
  std::vector<std::unique_ptr<Home>> homes;
  TaskGroup tasks{"core.gateway"};
  std::atomic<bool> stopping{false};

  std::mutex mutex;  // guards what follows
  std::unordered_set<UserId> unregistered;
  std::unordered_map<Uuid, Instant> lately_ended;

  std::atomic<bool> presence_answers{true};
  std::atomic<std::size_t> connections{0};
  std::atomic<std::uint64_t> changed_sent{0};
  std::atomic<std::uint64_t> rechecks_sent{0};
  std::atomic<std::uint64_t> acks_missed{0};

  Impl(GatewayId self_in, std::vector<Loop*> loops, Presence& presence_in, const Clock& clock_in)
      : self(std::move(self_in)), presence(presence_in), clock(clock_in) {
    for (Loop* const loop : loops) {
      homes.push_back(std::make_unique<Home>(*loop, clock.monotonic()));
    }
  }

  Home& current_home() {
    const auto found = std::ranges::find(
        homes, Loop::current(), [](const std::unique_ptr<Home>& home) { return &home->loop; });
    ensure(found != homes.end(), "a gateway is used on its own loops");
    return **found;
  }

  // --- Flagging, from any thread ---

  // Flags every connection of `users`, and lets each home know once.
  template <class Flag>
  void flag(const std::vector<UserId>& users, Flag add) {
    std::vector<ConnectionRef> flagged;
    for (const UserId user : users) {
      UserShard& shard = shards.of(user);
      const std::lock_guard lock(shard.mutex);
      const auto found = shard.users.find(user);
      if (found == shard.users.end()) continue;
      for (const ConnectionRef& connection : found->second) {
        if (flag_one(*connection, add)) flagged.push_back(connection);
      }
    }
    if (flagged.empty()) return;
    for (const auto& home : homes) hand_over(*home, flagged);
  }

  // With the shard's lock held. True when the home has to be told.
  template <class Flag>
  static bool flag_one(Connection& connection, Flag add) {
    if (!connection.flags) connection.flags = std::make_unique<ChangeFlags>();
    add(*connection.flags);
    return !std::exchange(connection.known, true);
  }

  void hand_over(Home& home, const std::vector<ConnectionRef>& flagged) {
    const std::lock_guard lock(home.mutex);
    const std::size_t before = home.flagged.size();
    for (const ConnectionRef& connection : flagged) {
      if (&connection->home == &home) home.flagged.push_back(connection);
    }
    if (home.flagged.size() > before && !std::exchange(home.flush_posted, true)) {
      tasks.spawn(flush(home));
    }
  }

  // --- Saying, on the home's loop ---

  Task<void> flush(Home& home) {
    co_await next_turn_of(home.loop);
    std::vector<ConnectionRef> flagged;
    {
      const std::lock_guard lock(home.mutex);
      flagged.swap(home.flagged);
      home.flush_posted = false;
    }
    for (const ConnectionRef& connection : flagged) say(connection);
  }

  // Says what is flagged, if it is time to. What is not said now is said when the acknowledgement
  // comes, or is 2 s late, or the words before have left.
  void say(const ConnectionRef& connection) {
    Connection& it = *connection;
    if (!it.begun || it.speaking || it.awaiting || it.closed || it.session_ended) return;
    std::unique_ptr<ChangeFlags> flags;
    {
      const std::lock_guard lock(shards.of(it.user).mutex);
      flags = std::move(it.flags);
      it.known = false;
    }
    if (!flags) return;
    it.speaking = true;
    if (!flags->recheck()) {
      it.awaiting = true;
      ++it.n;
      it.home.unacknowledged.push_back({clock.monotonic(), connection, it.n});
    }
    tasks.spawn(tell(connection, std::move(*flags)));
  }

  Task<void> tell(ConnectionRef connection, ChangeFlags flags) {
    if (flags.recheck()) {
      rechecks_sent.fetch_add(1, std::memory_order_relaxed);
      auto saying = connection->subscriber.recheck();
      co_await std::move(saying);
    } else {
      changed_sent.fetch_add(1, std::memory_order_relaxed);
      auto saying = connection->subscriber.changed(connection->n, clock.now(), flags.take_groups());
      co_await std::move(saying);
    }
    has_spoken(connection);
  }

  void say_goodbye(const ConnectionRef& connection) {
    Connection& it = *connection;
    it.session_ended = true;
    if (it.speaking || it.closed || it.said_goodbye) return;
    it.speaking = true;
    it.said_goodbye = true;
    tasks.spawn(tell_goodbye(connection));
  }

  Task<void> tell_goodbye(ConnectionRef connection) {
    auto saying = connection->subscriber.session_ended();
    co_await std::move(saying);
    has_spoken(connection);
  }

  void has_spoken(const ConnectionRef& connection) {
    Connection& it = *connection;
    it.speaking = false;
    if (it.silence != nullptr) {
      it.silence->set(true);
    } else if (it.session_ended) {
      say_goodbye(connection);
    } else {
      say(connection);
    }
  }

  // --- The upkeep of a home, on its loop ---

  void end_sessions(Home& home, const std::unordered_set<Uuid>& ended) {
    std::vector<ConnectionRef> ending;
    for (const ConnectionRef& connection : home.connections) {
      if (ended.contains(connection->credential)) ending.push_back(connection);
    }
    for (const ConnectionRef& connection : ending) say_goodbye(connection);
  }

  void recheck_some(Home& home) {
    std::vector<ConnectionRef> some;
    while (home.recheck_left > 0 && some.size() < kRecheckPerTick) {
      some.push_back(home.connections[--home.recheck_left]);
    }
    for (const ConnectionRef& connection : some) {
      {
        const std::lock_guard lock(shards.of(connection->user).mutex);
        flag_one(*connection, [](ChangeFlags& flags) { flags.collapse(); });
      }
      say(connection);
    }
  }

  void repeat_late(Home& home, Instant now) {
    while (!home.unacknowledged.empty() && now - home.unacknowledged.front().at >= kAckWithin) {
      const Home::Said late = std::move(home.unacknowledged.front());
      home.unacknowledged.pop_front();
      if (late.connection->n != late.n || !late.connection->awaiting) continue;
      if (!late.connection->closed) acks_missed.fetch_add(1, std::memory_order_relaxed);
      late.connection->awaiting = false;
      say(late.connection);
    }
  }

  static void remove(Home& home, Connection& connection) {
    home.connections.back()->index = connection.index;
    std::swap(home.connections[connection.index], home.connections.back());
    home.connections.pop_back();
    home.recheck_left = std::min(home.recheck_left, home.connections.size());
  }

  // --- Presence ---

  Task<void> enrol(UserId user) {
    auto telling = presence.connected(user, self);
    const auto told = co_await std::move(telling);
    if (told) co_return;
    const std::lock_guard lock(mutex);
    unregistered.insert(user);
  }

  struct Batch {
    std::vector<UserId> users;
    std::size_t next = 0;
  };
  Task<void> enrol_lane(Batch& batch) {
    while (batch.next < batch.users.size()) {
      const UserId user = batch.users[batch.next++];
      if (!is_connected(user)) continue;
      auto enrolling = enrol(user);
      co_await std::move(enrolling);
    }
  }
  Task<void> enrol_all(std::vector<UserId> users) {
    Batch batch{std::move(users)};
    TaskGroup lanes("core.gateway.presence");
    for (std::size_t lane = 0; lane < std::min(kRegisterLanes, batch.users.size()); ++lane) {
      lanes.spawn(enrol_lane(batch));
    }
    co_await lanes.join();
  }

  bool is_connected(UserId user) {
    UserShard& shard = shards.of(user);
    const std::lock_guard lock(shard.mutex);
    return shard.users.contains(user);
  }

  // True when it was the user's last.
  bool forget(const ConnectionRef& connection) {
    UserShard& shard = shards.of(connection->user);
    const std::lock_guard lock(shard.mutex);
    const auto user = shard.users.find(connection->user);
    std::erase(user->second, connection);
    connection->flags.reset();
    if (!user->second.empty()) return false;
    shard.users.erase(user);
    return true;
  }

  bool has_lately_ended(Uuid credential) {
    const std::lock_guard lock(mutex);
    return lately_ended.contains(credential);
  }
};

Gateway::Gateway(GatewayId self, std::vector<Loop*> loops, Presence& presence, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(self), std::move(loops), presence, clock)) {}

Gateway::~Gateway() { ensure(impl_->connections == 0, "connections are closed before a gateway"); }

const GatewayId& Gateway::self() const { return impl_->self; }

Task<Result<Gateway::ConnectionRef>> Gateway::open(Caller caller, Subscriber& subscriber) {
  Home& home = impl_->current_home();
  Uuid credential;
  if (caller.session) credential = caller.session->value;
  if (caller.key) credential = caller.key->value;
  auto connection = std::make_shared<Connection>(caller.user, credential, subscriber, home);
  connection->index = static_cast<std::uint32_t>(home.connections.size());
  home.connections.push_back(connection);
  ++impl_->connections;
  {
    UserShard& shard = impl_->shards.of(caller.user);
    const std::lock_guard lock(shard.mutex);
    shard.users[caller.user].push_back(connection);
  }
  // Whoever ends the session from here on finds the connection.
  if (impl_->has_lately_ended(credential)) {
    auto closing = close(connection);
    co_await std::move(closing);
    co_return fail(ErrorCode::Unauthenticated, "This session has ended: sign in again.");
  }
  auto enrolling = impl_->enrol(caller.user);
  co_await std::move(enrolling);
  co_return connection;
}

void Gateway::begin(const ConnectionRef& connection) {
  connection->begun = true;
  impl_->say(connection);
}

bool Gateway::acked(const ConnectionRef& connection, std::uint64_t n) {
  if (n > connection->n) return false;
  if (n == connection->n) {
    connection->awaiting = false;
    impl_->say(connection);
  }
  return true;
}

Task<void> Gateway::close(ConnectionRef connection) {
  connection->closed = true;
  Impl::remove(connection->home, *connection);
  const bool was_last = impl_->forget(connection);
  --impl_->connections;
  if (connection->speaking) {
    Completion<bool> silence;
    connection->silence = &silence;
    co_await silence;
  }
  if (!was_last) co_return;

  const UserId user = connection->user;
  auto leaving = impl_->presence.disconnected(user, impl_->self);
  co_await std::move(leaving);
  if (!impl_->is_connected(user)) co_return;
  // Somebody came back while this was under way, and may have been struck out. What they were not
  // told meanwhile they find by themselves.
  auto enrolling = impl_->enrol(user);
  co_await std::move(enrolling);
  recheck({user});
}

milliseconds Gateway::poll_interval() const {
  return impl_->presence_answers.load() ? kPollWhenWell : kPollWhenAlone;
}

void Gateway::changed(GroupId group, const std::vector<UserId>& users) {
  impl_->flag(users, [group](ChangeFlags& flags) { flags.add(group); });
}

void Gateway::recheck(const std::vector<UserId>& users) {
  impl_->flag(users, [](ChangeFlags& flags) { flags.collapse(); });
}

void Gateway::recheck_all() {
  for (const auto& home : impl_->homes) {
    const std::lock_guard lock(home->mutex);
    home->wants_recheck_all = true;
  }
}

void Gateway::session_ended(Uuid session_or_key) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->lately_ended[session_or_key] = impl_->clock.monotonic();
  }
  for (const auto& home : impl_->homes) {
    const std::lock_guard lock(home->mutex);
    home->ended.insert(session_or_key);
  }
}

Task<void> Gateway::run() {
  impl_->current_home().ticked_at = impl_->clock.monotonic();
  while (!impl_->stopping.load()) {
    co_await sleep_until(std::chrono::steady_clock::now() + kTickEvery);
    tick();
  }
}

void Gateway::tick() {
  Home& home = impl_->current_home();
  const Instant now = impl_->clock.monotonic();
  const milliseconds slept =
      std::chrono::duration_cast<milliseconds>(now - std::exchange(home.ticked_at, now));
  std::unordered_set<Uuid> ended;
  bool wants_recheck_all = false;
  {
    const std::lock_guard lock(home.mutex);
    ended.swap(home.ended);
    wants_recheck_all = std::exchange(home.wants_recheck_all, false);
  }
  if (slept > kSleptTooLong) {
    log_warn("gateway.slept", {{"ms", slept.count()}, {"connections", home.connections.size()}});
    wants_recheck_all = true;
  }
  if (wants_recheck_all) home.recheck_left = home.connections.size();
  if (!ended.empty()) impl_->end_sessions(home, ended);
  impl_->repeat_late(home, now);
  impl_->recheck_some(home);
}

Task<void> Gateway::beat() {
  auto beating = impl_->presence.heartbeat(impl_->self);
  const auto beaten = co_await std::move(beating);
  const bool answers = beaten.has_value();
  std::vector<UserId> unregistered;
  {
    const Instant now = impl_->clock.monotonic();
    const std::lock_guard lock(impl_->mutex);
    std::erase_if(impl_->lately_ended,
                  [now](const auto& ended) { return now - ended.second >= kRememberEndedFor; });
    if (answers) {
      unregistered.assign(impl_->unregistered.begin(), impl_->unregistered.end());
      impl_->unregistered.clear();
    }
  }
  if (!unregistered.empty()) {
    auto enrolling = impl_->enrol_all(unregistered);
    co_await std::move(enrolling);
    recheck(unregistered);
  }
  if (impl_->presence_answers.exchange(answers) == answers) co_return;
  log_event(answers ? LogLevel::Info : LogLevel::Warn,
            answers ? "gateway.presence_answers" : "gateway.presence_is_gone");
  recheck_all();
}

Task<void> Gateway::presence_was_lost() {
  auto beating = beat();
  co_await std::move(beating);
  std::vector<UserId> users;
  for (UserShard& shard : impl_->shards) {
    const std::lock_guard lock(shard.mutex);
    for (const auto& [user, connections] : shard.users) users.push_back(user);
  }
  log_warn("gateway.registers_again", {{"users", users.size()}});
  auto enrolling = impl_->enrol_all(std::move(users));
  co_await std::move(enrolling);
}

void Gateway::request_stop() { impl_->stopping = true; }

Task<void> Gateway::stop() {
  request_stop();
  co_await impl_->tasks.join();
}

Gateway::Stats Gateway::stats() const {
  return {.connections = impl_->connections.load(std::memory_order_relaxed),
          .changed_sent = impl_->changed_sent.load(std::memory_order_relaxed),
          .rechecks_sent = impl_->rechecks_sent.load(std::memory_order_relaxed),
          .acks_missed = impl_->acks_missed.load(std::memory_order_relaxed),
          .presence_answers = impl_->presence_answers.load()};
}

}  // namespace tidings
