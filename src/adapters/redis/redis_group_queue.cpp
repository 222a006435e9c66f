#include "adapters/redis/redis_group_queue.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstring>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "adapters/redis/queue_scripts.h"
#include "adapters/redis/redis_names.h"
#include "adapters/redis/shard_agenda.h"
#include "adapters/redis/sort_few.h"
#include "base/random.h"
#include "base/task_group.h"

namespace tidings {
namespace {

using std::chrono::microseconds;

constexpr milliseconds kLease = seconds(4);
constexpr std::size_t kLookMax = 500;  // groups that one script takes
constexpr int kRoundsMax = 4;          // of a claim
constexpr std::size_t kReapMax = 200;
constexpr int kReapRoundsMax = 10;

// Tokens of one look are a random number of 52 bits, of which the last 12 count its groups: Lua's
// numbers hold 53.
constexpr std::uint64_t kTokenBases = ((std::uint64_t{1} << 52) - 1) & ~std::uint64_t{0xFFF};

struct Got {
  Claim claim;
  Instant due;
};

// A look at one shard and what came of it.
struct Taking {
  ShardAgenda::Look look;
  std::size_t limit = 0;
  std::optional<microseconds> latest = {};  // relative to now
  std::vector<Got> got = {};
  bool failed = false;
};

std::size_t parse_shard(std::string_view channel) {
  std::size_t shard = 0;
  if (channel.size() < 2) return static_cast<std::size_t>(-1);
  const auto [end, error] =
      std::from_chars(channel.data() + 2, channel.data() + channel.size(), shard);
  return error == std::errc() ? shard : static_cast<std::size_t>(-1);
}

std::uint64_t random_seed() {
  const std::string bytes = random_bytes(sizeof(std::uint64_t));
  std::uint64_t seed = 0;
  std::memcpy(&seed, bytes.data(), sizeof(seed));
  return seed;
}

std::unexpected<Error> not_understood() {
  return fail(ErrorCode::Unavailable, "Redis answered something else than its script says.");
}

}  // namespace

struct RedisGroupQueue::Impl {
  RedisLink& link;
  const Clock& clock;
  const std::size_t shards;
  // Also held by those who hear wake-ups.
  const std::shared_ptr<ShardAgenda> agenda;
  const std::shared_ptr<std::atomic<std::uint64_t>> wake_ups =
      std::make_shared<std::atomic<std::uint64_t>>(0);

  std::atomic<bool> listens{false};
  std::atomic<std::uint64_t> looks{0};
  std::atomic<std::uint64_t> empty_looks{0};
  std::mutex random_mutex;
  std::mt19937_64 random;

  Impl(RedisLink& link_in, const Clock& clock_in, const Options& options)
      : link(link_in),
        clock(clock_in),
        shards(std::max<std::size_t>(1, options.shards)),
        agenda(std::make_shared<ShardAgenda>(shards, clock_in)),
        random(options.seed ? *options.seed : random_seed()) {
    agenda->begin_at(random() % shards);
  }

  std::size_t shard_of(GroupId group) const { return std::hash<GroupId>()(group) % shards; }

  // The first `count` keys of a shard, as its scripts want them.
  static std::vector<std::string> keys_of(std::size_t shard, std::size_t count) {
    static constexpr std::array<std::string_view, 5> kKeys{"w", "r", "l", "t", "a"};
    std::vector<std::string> keys;
    keys.reserve(count);
    for (const std::string_view key : std::span(kKeys).first(count)) {
      keys.push_back(shard_key(shard, key));
    }
    return keys;
  }
  static std::string channel_of(std::size_t shard) { return shard_key(shard, "wake"); }

  // When the first waiting group of a shard is due, as a script answers it.
  std::optional<Instant> first_due(const RedisReply& first) const {
    if (first.kind != RedisReply::Kind::Integer) return std::nullopt;
    return clock.monotonic() + microseconds(first.integer);
  }
  void learn(std::size_t shard, const RedisReply& first) const {
    if (const auto due = first_due(first)) agenda->expect(shard, *due);
  }

  void listen() {
    if (listens.exchange(true)) return;
    std::vector<std::string> channels;
    channels.reserve(shards);
    for (std::size_t shard = 0; shard < shards; ++shard) channels.push_back(channel_of(shard));
    link.subscribe(std::move(channels), [agenda = agenda, heard = wake_ups](std::string_view name) {
      heard->fetch_add(1, std::memory_order_relaxed);
      agenda->wake(parse_shard(name));
    });
  }

  // --- Claiming ---

  std::uint64_t token_base() {
    const std::lock_guard lock(random_mutex);
    return random() & kTokenBases;
  }

  // Takes from one shard; `look` then says when the next one is worth it.
  Task<void> take(Taking& taking) {
    const std::uint64_t base = token_base();
    const Instant leased_until = clock.monotonic() + kLease;
    std::vector<std::string> arguments{std::to_string(taking.limit),
                                       taking.latest ? std::to_string(taking.latest->count()) : "",
                                       std::to_string(base)};
    auto running = link.run(QueueScripts::get().claim, keys_of(taking.look.shard, 5),
                            std::move(arguments), link.deadlines().other);
    const auto reply = co_await std::move(running);
    looks.fetch_add(1, std::memory_order_relaxed);
    taking.failed =
        !reply || reply->list.empty() || !read_claims(*reply, base, leased_until, taking);
    if (taking.failed) {
      taking.look = {.shard = taking.look.shard, .when = Instant::max()};
      co_return;
    }
    note_luck(taking, reply->list.front());
    taking.look.when = first_due(reply->list.front()).value_or(Instant::max());
    taking.look.known = true;
    taking.look.was_called = false;
  }

  bool read_claims(const RedisReply& reply, std::uint64_t base, Instant leased_until,
                   Taking& taking) const {
    const Instant now = clock.monotonic();
    for (std::size_t item = 1; item + 2 < reply.list.size(); item += 3) {
      const auto group = read_short_name(reply.list[item].text);
      if (!group) return false;
      Claim claim{.group = {*group},
                  .token = base + taking.got.size() + 1,
                  .attempt = static_cast<std::uint32_t>(reply.list[item + 1].integer),
                  .leased_until = leased_until};
      taking.got.push_back({claim, now + microseconds(reply.list[item + 2].integer)});
    }
    return true;
  }

  // Too late is who was called and finds that nothing waits at all.
  void note_luck(const Taking& taking, const RedisReply& first) {
    if (!taking.got.empty()) {
      agenda->came_in_time(taking.look.shard);
      return;
    }
    if (taking.limit == 0) return;
    empty_looks.fetch_add(1, std::memory_order_relaxed);
    if (taking.look.was_called && first.kind != RedisReply::Kind::Integer) {
      agenda->came_too_late(taking.look.shard);
    }
  }

  Task<void> take_all(std::vector<Taking>& takings) {
    if (takings.size() == 1) {
      auto taking = take(takings.front());
      co_await std::move(taking);
      co_return;
    }
    TaskGroup under_way("redis.claim");
    for (Taking& taking : takings) under_way.spawn(take(taking));
    co_await under_way.join();
  }

  // What the next round does with the shards that are due. With room for all shards each gives its
  // part; else the one that is due first gives what is due before the next one's. For that their
  // due times must be known, and where they are not they are asked for.
  std::vector<Taking> plan(const std::vector<ShardAgenda::Look>& due, std::size_t room) const {
    std::vector<Taking> takings;
    if (room >= shards || due.size() == 1) {
      for (const auto& look : due) {
        takings.push_back({.look = look, .limit = std::min(kLookMax, room / due.size())});
      }
      return takings;
    }
    for (const auto& look : due) {
      if (!look.known) takings.push_back({.look = look});
    }
    if (takings.empty()) {
      const auto next = std::chrono::ceil<microseconds>(due[1].when - clock.monotonic());
      takings.push_back({.look = due[0], .limit = std::min(kLookMax, room), .latest = next});
    }
    return takings;
  }

  // Claims what is due now, in a few rounds. Errors: Unavailable, when no shard answered.
  Task<Result<std::vector<Claim>>> claim_due(std::size_t limit) {
    std::vector<ShardAgenda::Look> due = agenda->take_due();
    std::vector<Got> got;
    std::size_t answered = 0;
    std::size_t failed = 0;
    for (int round = 0; round < kRoundsMax && !due.empty() && got.size() < limit; ++round) {
      std::vector<Taking> takings = plan(due, limit - got.size());
      auto taking_all = take_all(takings);
      co_await std::move(taking_all);
      for (Taking& taking : takings) {
        (taking.failed ? failed : answered) += 1;
        std::ranges::move(taking.got, std::back_inserter(got));
        *std::ranges::find(due, taking.look.shard, &ShardAgenda::Look::shard) = taking.look;
      }
      give_back_early(due);
    }
    for (const auto& look : due) agenda->give_back(look);
    if (answered == 0 && failed > 0) {
      co_return fail(ErrorCode::Unavailable, "No shard of the queue answered.");
    }
    sort_few(got, &Got::due);
    std::vector<Claim> claims;
    claims.reserve(got.size());
    for (const Got& one : got) claims.push_back(one.claim);
    co_return claims;
  }

  // Those that hold nothing any more that is due.
  void give_back_early(std::vector<ShardAgenda::Look>& due) const {
    const Instant now = clock.monotonic();
    for (const auto& look : due) {
      if (look.when > now) agenda->give_back(look);
    }
    std::erase_if(due, [now](const auto& look) { return look.when > now; });
    sort_few(due, &ShardAgenda::Look::when);
  }

  // --- Reaping ---

  Task<void> reap(std::size_t shard, std::vector<GroupId>& dropped, std::size_t& answered) {
    for (int round = 0; round < kReapRoundsMax; ++round) {
      std::vector<std::string> arguments{std::to_string(kReapMax), channel_of(shard)};
      auto running = link.run(QueueScripts::get().reap, keys_of(shard, 5), std::move(arguments),
                              link.deadlines().other);
      const auto reply = co_await std::move(running);
      if (!reply || reply->list.size() < 2) co_return;
      if (round == 0) ++answered;
      learn(shard, reply->list[0]);
      for (const RedisReply& item : std::span(reply->list).subspan(2)) {
        if (const auto group = read_short_name(item.text)) dropped.push_back({*group});
      }
      if (static_cast<std::size_t>(reply->list[1].integer) < kReapMax) co_return;
    }
  }
};

RedisGroupQueue::RedisGroupQueue(RedisLink& link, const Clock& clock)
    : RedisGroupQueue(link, clock, Options{}) {}
RedisGroupQueue::RedisGroupQueue(RedisLink& link, const Clock& clock, Options options)
    : impl_(std::make_unique<Impl>(link, clock, options)) {}
RedisGroupQueue::~RedisGroupQueue() { impl_->agenda->close(); }

Task<Result<void>> RedisGroupQueue::mark(GroupId group) {
  const std::size_t shard = impl_->shard_of(group);
  std::vector<std::string> arguments{short_name(group.value), Impl::channel_of(shard)};
  auto running = impl_->link.run(QueueScripts::get().mark, Impl::keys_of(shard, 2),
                                 std::move(arguments), impl_->link.deadlines().send);
  const auto reply = co_await std::move(running);
  if (!reply) co_return forward(reply);
  impl_->learn(shard, *reply);
  co_return {};
}

Task<Result<std::vector<Claim>>> RedisGroupQueue::claim(std::size_t limit, milliseconds wait) {
  const Instant until = std::chrono::steady_clock::now() + wait;
  impl_->listen();
  while (true) {
    auto claiming = impl_->claim_due(limit);
    auto claims = co_await std::move(claiming);
    if (!claims || !claims->empty() || std::chrono::steady_clock::now() >= until) {
      // One wake-up wakes one claimer; this one leaves what it could not carry to the next.
      impl_->agenda->wake_next();
      co_return claims;
    }
    auto waiting = impl_->agenda->wait(until);
    co_await std::move(waiting);
  }
}

Task<Result<bool>> RedisGroupQueue::renew(Claim claim) {
  std::vector<std::string> arguments{short_name(claim.group.value), std::to_string(claim.token)};
  auto running =
      impl_->link.run(QueueScripts::get().renew, Impl::keys_of(impl_->shard_of(claim.group), 4),
                      std::move(arguments), impl_->link.deadlines().other);
  const auto reply = co_await std::move(running);
  if (!reply) co_return forward(reply);
  co_return reply->integer == 1;
}

Task<Result<void>> RedisGroupQueue::ack(Claim claim, milliseconds rest) {
  const std::size_t shard = impl_->shard_of(claim.group);
  std::vector<std::string> arguments{
      short_name(claim.group.value), std::to_string(claim.token),
      std::to_string(microseconds(std::max(milliseconds(0), rest)).count()),
      Impl::channel_of(shard)};
  auto running = impl_->link.run(QueueScripts::get().ack, Impl::keys_of(shard, 4),
                                 std::move(arguments), impl_->link.deadlines().other);
  const auto reply = co_await std::move(running);
  if (!reply) co_return forward(reply);
  impl_->learn(shard, *reply);
  co_return {};
}

Task<Result<std::vector<GroupId>>> RedisGroupQueue::reap() {
  std::vector<GroupId> dropped;
  std::size_t answered = 0;
  TaskGroup under_way("redis.reap");
  for (std::size_t shard = 0; shard < impl_->shards; ++shard) {
    under_way.spawn(impl_->reap(shard, dropped, answered));
  }
  co_await under_way.join();
  if (answered == 0) co_return fail(ErrorCode::Unavailable, "No shard of the queue answered.");
  co_return dropped;
}

Task<Result<GroupQueue::Depth>> RedisGroupQueue::depth() {
  std::vector<RedisCommand> commands;
  for (std::size_t shard = 0; shard < impl_->shards; ++shard) {
    commands.push_back({{"ZCARD", shard_key(shard, "w")}});
    commands.push_back({{"ZCARD", shard_key(shard, "l")}});
  }
  auto running = impl_->link.run(std::move(commands), impl_->link.deadlines().other);
  const auto replies = co_await std::move(running);
  if (!replies) co_return forward(replies);
  if (replies->size() != 2 * impl_->shards) co_return not_understood();
  Depth depth;
  for (std::size_t shard = 0; shard < impl_->shards; ++shard) {
    depth.waiting += static_cast<std::size_t>((*replies)[2 * shard].integer);
    depth.leased += static_cast<std::size_t>((*replies)[2 * shard + 1].integer);
  }
  co_return depth;
}

RedisGroupQueue::Stats RedisGroupQueue::stats() const {
  return {.wake_ups = impl_->wake_ups->load(std::memory_order_relaxed),
          .looks = impl_->looks.load(std::memory_order_relaxed),
          .empty_looks = impl_->empty_looks.load(std::memory_order_relaxed)};
}

}  // namespace tidings
