// Plays senders, readers and a faulty store against each other on a manual clock, by a seed, and
// holds what readers are given against a simple model: a set of messages that only grows.
//
// What must hold at every moment (G2 to G7 and G10 of the guarantees):
//   an answer is in sent order, has no id twice, and only what was sent and the reader may see;
//   when a round ends, the reader has every message that was acknowledged before it began;
//   its digest is that of the reader's own rows;
//   nobody who is not a member is told anything.
// And in the end: what the store holds, what history lists and what each reader has are the same.
//
// Each rule that this rests on is broken once on purpose, and must be noticed.

#include <gmock/gmock.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "adapters/memory/memory_group_queue.h"
#include "adapters/memory/memory_group_store.h"
#include "adapters/memory/memory_message_store.h"
#include "adapters/memory/memory_throttle.h"
#include "adapters/memory/memory_user_store.h"
#include "base/log.h"
#include "base/manual_clock.h"
#include "base/task_group.h"
#include "core/digest_check.h"
#include "core/history.h"
#include "core/send_message.h"
#include "core/sync.h"
#include "core/test_loop.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Plays = MemoryMessageStore::Plays;

// A rule that a run does without.
enum class Broken {
  Nothing,
  LateIndexAfterSlowWrite,
  WatermarkIsBeginOfRead,
  WaitForNextRead,
  ClocksAgree,
  RowsOnlyAppear,
  ReadOverlap,
  KeepFirstWatermark,
};

struct ModelOptions {
  std::uint32_t seed = 1;
  Plays plays = Plays::OneWriter;
  Broken broken = Broken::Nothing;
  int steps = 700;
};

// The clock of one worker: off by a little, or by a lot when somebody set it wrong.
class WorkerClock final : public Clock {
 public:
  WorkerClock(const ManualClock& truth, milliseconds skew) : truth_(truth), skew_(skew) {}
  Time now() const override { return truth_.now() + skew_; }
  Instant monotonic() const override { return truth_.monotonic(); }
  void set_skew(milliseconds skew) { skew_ = skew; }

 private:
  const ManualClock& truth_;
  milliseconds skew_;
};

class TrueStoreClocks final : public StoreClocks {
 public:
  explicit TrueStoreClocks(const ManualClock& truth) : truth_(truth) {}
  Task<Result<std::vector<Time>>> read() override {
    const Time now = truth_.now();
    co_return std::vector<Time>{now - 40ms, now, now + 30ms};
  }

 private:
  const ManualClock& truth_;
};

// The store, or one that breaks a rule: without read repair, what one read saw the next one may not
// see; or nobody writes the late index for rows that are there.
class RuleBreakingStore final : public MessageStore {
 public:
  RuleBreakingStore(MessageStore& store, const ManualClock& clock, std::uint32_t seed,
                    Broken broken)
      : store_(store), clock_(clock), random_(seed), broken_(broken) {}

  Task<Result<std::optional<Message>>> append(Message message, bool late) override {
    return store_.append(std::move(message), late);
  }
  Task<Result<void>> index_late(GroupId group, LateArrival arrival) override {
    if (broken_ == Broken::LateIndexAfterSlowWrite) return store_.touch(group, arrival.received_at);
    return store_.index_late(group, arrival);
  }
  Task<Result<std::vector<Message>>> read(GroupId group, std::vector<MessageId> ids) override {
    return store_.read(group, std::move(ids));
  }
  Task<Result<std::vector<Message>>> read_range(GroupId group, IdRange range, Take take,
                                                std::size_t limit) override {
    auto rows = co_await store_.read_range(group, range, take, limit);
    if (rows) {
      std::erase_if(*rows, [this](const Message& row) { return is_forgotten(row.id); });
    }
    co_return rows;
  }
  Task<Result<std::vector<MessageId>>> read_ids(GroupId group, IdRange range, Take take,
                                                std::size_t limit) override {
    return store_.read_ids(group, range, take, limit);
  }
  Task<Result<std::vector<LateArrival>>> read_late(GroupId group, LateArrival after,
                                                   std::size_t limit) override {
    return store_.read_late(group, after, limit);
  }
  Task<Result<std::vector<Amendment>>> amendments(GroupId group, std::vector<MessageId> targets,
                                                  Instant as_of) override {
    return store_.amendments(group, std::move(targets), as_of);
  }
  Task<Result<std::vector<std::optional<Time>>>> heads(std::vector<GroupId> groups) override {
    return store_.heads(std::move(groups));
  }
  Task<Result<void>> touch(GroupId group, Time at) override { return store_.touch(group, at); }
  Task<Result<void>> erase(GroupId group, MessageId id) override { return store_.erase(group, id); }
  Task<Result<std::optional<DigestSum>>> sealed(GroupId group, IdRange range) override {
    return store_.sealed(group, range);
  }
  Task<Result<SealTicket>> begin_seal(GroupId group, IdRange range) override {
    return store_.begin_seal(group, range);
  }
  Task<Result<void>> seal(GroupId group, IdRange range, DigestSum sum, SealTicket ticket) override {
    return store_.seal(group, range, sum, ticket);
  }
  StoreEpoch epoch() const override { return store_.epoch(); }

 private:
  bool is_forgotten(MessageId id) {
    return broken_ == Broken::RowsOnlyAppear && clock_.now() - id.sent_at() < 8s &&
           random_() % 4 == 0;
  }

  MessageStore& store_;
  const ManualClock& clock_;
  std::mt19937 random_;
  const Broken broken_;
};

// One stateless process.
struct Worker {
  WorkerClock clock;
  Directory directory;
  ClockGuard guard;
  Marker marker;
  SendMessage send;
  Sync sync;
  History history;
  DigestCheck digest;

  Worker(const ManualClock& truth, milliseconds skew, MessageStore& store, ArrivalLog* log,
         GroupStore& groups, UserStore& users, GroupQueue& queue, Throttle& throttle,
         StoreClocks* store_clocks, RoundRules rules)
      : clock(truth, skew),
        directory(groups, users, truth),
        guard(clock, store_clocks),
        marker(queue, truth),
        send(store, groups, directory, throttle, marker, guard, clock),
        sync(store, log, directory, guard, clock, rules),
        history(store, directory, clock),
        digest(store, directory, clock) {}
};

// A message that somebody tried to send.
struct Sent {
  MessageId id;
  GroupId group;
  std::size_t author = 0;
  Content content;
  int under_way = 0;
  std::optional<int> acknowledged;  // when, in events
  Time acknowledged_at;
};

// One device of one person, in one group.
struct Reader {
  std::size_t user = 0;
  GroupId group;
  bool is_busy = false;
  bool is_member = true;
  std::string cursor;
  bool in_round = false;
  int round_began = 0;  // in events
  Time round_began_at;
  std::map<MessageId, Content> rows;
  // A cursor of a round that ended, as a read mark, and what the reader had then.
  std::string mark;
  std::set<MessageId> read;
};

class SyncModel {
 public:
  explicit SyncModel(ModelOptions options);
  // What did not hold; nothing when all did.
  std::optional<std::string> run();

 private:
  std::size_t chance(std::size_t below) { return random_() % below; }
  Uuid any_uuid(Uuid like);
  template <class T>
  T& any(std::vector<T>& of) {
    return of[chance(of.size())];
  }
  Worker& any_worker() { return *any(workers_); }
  bool breaks(Broken rule) const { return options_.broken == rule; }
  void violated(const std::string& what) {
    if (!violation_) violation_ = "event " + std::to_string(events_) + ": " + what;
  }
  // Runs a task of the test's own, with nothing held.
  template <class T>
  T now(Task<T> task);

  void make_people();
  void step();
  void advance(milliseconds by);
  void change_holding();
  void start_send();
  void start_replay();
  void start_read();
  void start_intrusion();
  void change_membership();
  void set_a_clock_wrong();
  void end_everything();
  void read_to_the_end(std::size_t reader);
  void check_the_end();

  Content any_content(GroupId group, std::size_t author);
  Task<void> send(std::size_t worker, std::size_t sent, Content content, bool is_conflict);
  Task<void> read(std::size_t worker, std::size_t reader, std::size_t limit, bool fresh);
  Task<void> pull(std::size_t worker, std::size_t user, std::size_t limit);
  Task<void> take_in(std::size_t worker, std::size_t reader, Changes changes);
  Task<void> fill_from_history(std::size_t worker, std::size_t reader, MessageId before);
  Task<void> intrude(std::size_t worker, std::size_t user, GroupId group);
  void begin_round(Reader& reader);
  void check_row(const Reader& reader, const ShownMessage& shown);
  void check_digest(const Reader& reader, const Changes& changes);
  void check_end_of_round(const Reader& reader);
  void check_history(const Reader& reader, const std::vector<Message>& rows);
  void check_unread(const Reader& reader, const std::vector<Message>& truth);

  Caller caller(std::size_t user) const;
  Standing standing(const Reader& reader);
  MessageId visible_from(const Reader& reader);
  const Sent* find(GroupId group, MessageId id) const;
  Group& group_of(GroupId id);

  const ModelOptions options_;
  std::mt19937 random_;
  ManualClock clock_;
  TestLoop loop_;
  TaskGroup tasks_{"model"};
  StoreFaults faults_;
  MemoryMessageStore store_;
  RuleBreakingStore rule_breaking_;
  std::unique_ptr<MemoryArrivalLog> log_;
  MemoryGroupStore groups_;
  MemoryUserStore users_;
  MemoryGroupQueue queue_;
  MemoryThrottle throttle_;
  TrueStoreClocks store_clocks_;
  std::vector<std::unique_ptr<Worker>> workers_;

  std::vector<User> people_;  // the last one is in no group
  std::vector<Group> made_;
  std::vector<Reader> readers_;
  std::vector<Sent> sent_;
  std::map<MessageId, std::size_t> by_id_;
  int events_ = 0;
  std::optional<std::string> violation_;
};

SyncModel::SyncModel(ModelOptions options)
    : options_(options),
      random_(options.seed),
      loop_(clock_, options.seed + 1),
      store_(options.plays, &faults_),
      rule_breaking_(store_, clock_, options.seed + 2, options.broken),
      queue_(clock_),
      throttle_(clock_, 10'000),
      store_clocks_(clock_) {
  const bool is_exact = options_.plays == Plays::OneWriter;
  if (is_exact) log_ = std::make_unique<MemoryArrivalLog>(store_);
  RoundRules rules;
  rules.watermark_is_begin_of_read = !breaks(Broken::WatermarkIsBeginOfRead);
  rules.wait_for_next_read = !breaks(Broken::WaitForNextRead);
  rules.read_overlap = !breaks(Broken::ReadOverlap);
  rules.keep_first_watermark = !breaks(Broken::KeepFirstWatermark);
  StoreClocks* const store_clocks =
      breaks(Broken::ClocksAgree) || is_exact ? nullptr : &store_clocks_;
  for (int i = 0; i < (is_exact ? 1 : 3); ++i) {
    milliseconds skew = is_exact ? 0ms : milliseconds(static_cast<int>(chance(901)) - 450);
    if (i == 2 && breaks(Broken::ClocksAgree)) skew = chance(2) == 0 ? 5s : -5s;
    workers_.push_back(std::make_unique<Worker>(clock_, skew, rule_breaking_, log_.get(), groups_,
                                                users_, queue_, throttle_, store_clocks, rules));
  }
  make_people();
}

// From the seed, so that a run can be repeated. Keeps the time and the version of `like`.
Uuid SyncModel::any_uuid(Uuid like) {
  for (std::size_t i = 9; i < like.bytes.size(); ++i) {
    like.bytes[i] = static_cast<std::uint8_t>(random_());
  }
  return like;
}

template <class T>
T SyncModel::now(Task<T> task) {
  std::optional<T> result;
  const auto keep = [](Task<T> awaited, std::optional<T>* kept) -> Task<void> {
    kept->emplace(co_await std::move(awaited));
  };
  {
    const Loop::Entered entered(loop_);
    tasks_.spawn(keep(std::move(task), &result));
  }
  while (!result && loop_.run_one()) {
  }
  ensure(result.has_value(), "nothing that is awaited here waits");
  return std::move(*result);
}

void SyncModel::make_people() {
  for (int i = 0; i < 5; ++i) {
    User user;
    user.id = UserId{any_uuid({})};
    user.name = "user" + std::to_string(i);
    (void)now(users_.create(user));
    people_.push_back(user);
  }
  for (int i = 0; i < 3; ++i) {
    Group group;
    group.id = GroupId{any_uuid({})};
    group.name = "group" + std::to_string(i);
    group.history = i == 1 ? HistoryRule::SinceJoined : HistoryRule::All;
    group.push = i != 2;
    group.created_at = clock_.now();
    (void)now(groups_.create(group));
    made_.push_back(group);
    for (std::size_t user = 0; user + 1 < people_.size(); ++user) {
      const Role role = user == 0 ? Role::Owner : Role::Member;
      (void)now(groups_.compare_and_set_member(
          group.id, {people_[user].id, people_[user].name, role, clock_.now(), clock_.now()}));
      Reader reader;
      reader.user = user;
      reader.group = group.id;
      readers_.push_back(std::move(reader));
    }
  }
}

std::optional<std::string> SyncModel::run() {
  for (const auto& worker : workers_) {
    const Loop::Entered entered(loop_);
    tasks_.spawn(worker->guard.check());
  }
  for (int i = 0; i < options_.steps && !violation_; ++i) {
    ++events_;
    step();
    // Not all that is ready gets its turn at once.
    for (std::size_t turns = chance(6); turns > 0 && loop_.run_one(); --turns) {
    }
  }
  end_everything();
  if (!violation_) check_the_end();
  return violation_;
}

void SyncModel::step() {
  switch (chance(24)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      return start_send();
    case 5:
    case 6:
      return start_replay();
    case 7:
    case 8:
    case 9:
    case 10:
    case 11:
      return start_read();
    case 12:
      return change_holding();
    case 13:
      return chance(4) == 0 ? change_membership() : start_intrusion();
    case 14:
      return chance(8) == 0 ? set_a_clock_wrong() : advance(1ms);
    case 15:
    case 16:
    case 17:
      return advance(milliseconds(chance(5) == 0 ? chance(5'000) : chance(400)));
    default:
      faults_.stir(random_, 3);
      if (chance(2) == 0) loop_.run_ready();
  }
}

void SyncModel::advance(milliseconds by) {
  // In steps, so that clocks are compared each second.
  while (by > 0ms) {
    const milliseconds part = std::min<milliseconds>(by, 1s);
    clock_.advance(part);
    by -= part;
    for (const auto& worker : workers_) {
      const Loop::Entered entered(loop_);
      tasks_.spawn(worker->guard.check());
    }
  }
}

void SyncModel::change_holding() {
  switch (chance(4)) {
    case 0:
      return faults_.hold_all();
    case 1:
      return faults_.hold_writes();
    case 2:
      return faults_.hold_reads();
    default:
      return faults_.hold({});
  }
}

void SyncModel::set_a_clock_wrong() {
  if (options_.plays == Plays::OneWriter || breaks(Broken::ClocksAgree)) return;
  const milliseconds skews[] = {-5s, 5s, -300ms, 300ms, 0ms};
  any_worker().clock.set_skew(skews[chance(5)]);
}

Caller SyncModel::caller(std::size_t user) const {
  Caller caller;
  caller.user = people_[user].id;
  caller.name = people_[user].name;
  caller.may_import = true;
  caller.send_burst = 1'000'000;
  caller.send_per_seconds = 1;
  return caller;
}

Group& SyncModel::group_of(GroupId id) { return *std::ranges::find(made_, id, &Group::id); }

const Sent* SyncModel::find(GroupId group, MessageId id) const {
  const auto at = by_id_.find(id);
  if (at == by_id_.end() || sent_[at->second].group != group) return nullptr;
  return &sent_[at->second];
}

Standing SyncModel::standing(const Reader& reader) {
  const auto member = now(groups_.find_member(reader.group, people_[reader.user].id));
  return {group_of(reader.group), **member};
}

MessageId SyncModel::visible_from(const Reader& reader) {
  const Standing place = standing(reader);
  return first_visible(place.group, place.member);
}

Content SyncModel::any_content(GroupId group, std::size_t author) {
  Content content;
  content.text = "text " + std::to_string(sent_.size());
  if (chance(5) == 0) content.mentions.push_back(people_[chance(people_.size() - 1)].name);
  if (chance(3) != 0) return content;

  std::vector<const Sent*> targets;
  for (const Sent& sent : sent_) {
    const bool is_target =
        sent.acknowledged && sent.group == group && !is_amendment(sent.content.kind);
    if (is_target) targets.push_back(&sent);
  }
  if (targets.empty()) return content;
  const Sent& target = *any(targets);
  const Kind kinds[] = {Kind::Edit, Kind::Reaction, Kind::Reaction, Kind::Delete};
  Content amendment;
  amendment.kind = kinds[chance(4)];
  amendment.target = target.id;
  if (amendment.kind == Kind::Reaction && !group_of(group).push) return content;
  if (amendment.kind != Kind::Reaction && target.author != author) return content;
  if (amendment.kind == Kind::Edit) amendment.text = content.text;
  if (amendment.kind == Kind::Reaction) {
    amendment.emoji = chance(2) == 0 ? "+" : "-";
    amendment.remove = chance(3) == 0;
  }
  return amendment;
}

void SyncModel::start_send() {
  const Reader& reader = any(readers_);
  if (!reader.is_member) return;
  Sent sent;
  sent.group = reader.group;
  sent.author = reader.user;
  sent.content = any_content(sent.group, sent.author);
  Time sent_at = clock_.now() - milliseconds(chance(300));
  switch (chance(10)) {
    case 0:
      sent_at = clock_.now() + milliseconds(chance(8'000));
      break;
    case 1:
      sent_at = clock_.now() - milliseconds(chance(9'000));
      break;
    case 2:
      sent_at = clock_.now() - milliseconds(chance(10'000'000));
      break;
    default:
      break;
  }
  Uuid v7 = Uuid::v7_floor(sent_at);
  v7.bytes[6] = 0x70;
  v7.bytes[8] = 0x80;
  sent.id = MessageId{any_uuid(v7)}.tagged(people_[sent.author].id);
  by_id_[sent.id] = sent_.size();
  sent_.push_back(sent);
  const Loop::Entered entered(loop_);
  tasks_.spawn(send(chance(workers_.size()), sent_.size() - 1, sent.content, false));
}

void SyncModel::start_replay() {
  if (sent_.empty() || breaks(Broken::LateIndexAfterSlowWrite)) return;
  // Mostly one of the last.
  const std::size_t last = chance(3) == 0 ? sent_.size() : std::min<std::size_t>(8, sent_.size());
  const std::size_t index = sent_.size() - 1 - chance(last);
  const Sent& sent = sent_[index];
  Content content = sent.content;
  const bool is_old = clock_.now() - sent.id.sent_at() > 3s;
  const bool is_conflict =
      chance(8) == 0 && sent.acknowledged && is_old && content.kind == Kind::Text;
  if (is_conflict) content.text += " and more";
  const Loop::Entered entered(loop_);
  tasks_.spawn(send(chance(workers_.size()), index, std::move(content), is_conflict));
}

Task<void> SyncModel::send(std::size_t worker, std::size_t sent, Content content,
                           bool is_conflict) {
  const MessageId id = sent_[sent].id;
  SendRequest request;
  request.id = id;
  request.to.push_back({sent_[sent].group.to_string(), sent_[sent].group});
  request.content = std::move(content);
  ++sent_[sent].under_way;
  const auto receipt =
      co_await workers_[worker]->send.run(caller(sent_[sent].author), std::move(request));
  --sent_[sent].under_way;
  if (!receipt && receipt.error().code == ErrorCode::IdConflict && !is_conflict) {
    violated("a replay with the same content was called a conflict");
  }
  if (receipt && is_conflict) violated("an id was accepted with two contents");
  if (!receipt || is_conflict) co_return;
  if (receipt->id != id) violated("an id with the right tag was changed");
  if (!sent_[sent].acknowledged) {
    sent_[sent].acknowledged = events_;
    sent_[sent].acknowledged_at = clock_.now();
  }
}

void SyncModel::begin_round(Reader& reader) {
  reader.is_busy = true;
  if (reader.in_round) return;
  reader.in_round = true;
  reader.round_began = events_;
  reader.round_began_at = clock_.now();
}

void SyncModel::start_read() {
  const std::size_t index = chance(readers_.size());
  Reader& reader = readers_[index];
  if (reader.is_busy || !reader.is_member) return;
  const std::size_t limit = chance(4) == 0 ? 100 : 1 + chance(6);
  const std::size_t worker = chance(workers_.size());
  if (chance(4) == 0) {
    const std::size_t user = reader.user;
    for (Reader& other : readers_) {
      if (other.user == user && (other.is_busy || !other.is_member)) return;
    }
    for (Reader& other : readers_) {
      if (other.user == user) begin_round(other);
    }
    const Loop::Entered entered(loop_);
    tasks_.spawn(pull(worker, user, limit));
    return;
  }
  begin_round(reader);
  const Loop::Entered entered(loop_);
  tasks_.spawn(read(worker, index, limit, chance(4) == 0));
}

Task<void> SyncModel::read(std::size_t worker, std::size_t reader, std::size_t limit, bool fresh) {
  ChangesRequest request;
  request.group = readers_[reader].group;
  if (!readers_[reader].cursor.empty()) request.cursor = readers_[reader].cursor;
  request.limit = limit;
  request.fresh = fresh;
  auto changes = co_await workers_[worker]->sync.changes(caller(readers_[reader].user), request);
  if (changes) {
    if (changes->messages.size() > limit) violated("an answer was longer than its limit");
    co_await take_in(worker, reader, std::move(*changes));
  } else if (changes.error().code != ErrorCode::Unavailable) {
    violated("a member was refused: " + std::string(code_name(changes.error().code)));
  }
  readers_[reader].is_busy = false;
}

Task<void> SyncModel::pull(std::size_t worker, std::size_t user, std::size_t limit) {
  PullRequest request;
  request.limit = limit;
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    if (readers_[i].user != user) continue;
    indices.push_back(i);
    PullRequest::Position position{readers_[i].group, {}};
    if (!readers_[i].cursor.empty()) position.cursor = readers_[i].cursor;
    request.groups.push_back(std::move(position));
  }
  auto results = co_await workers_[worker]->sync.pull(caller(user), std::move(request));
  if (results) {
    std::size_t total = 0;
    for (std::size_t i = 0; i < results->size(); ++i) {
      auto& changes = (*results)[i].changes;
      if (!changes) continue;
      total += changes->messages.size();
      co_await take_in(worker, indices[i], std::move(*changes));
    }
    if (total > limit) violated("a pull was longer than its limit");
  }
  for (const std::size_t index : indices) readers_[index].is_busy = false;
}

void SyncModel::check_row(const Reader& reader, const ShownMessage& shown) {
  const Message& row = shown.message;
  const Sent* const sent = find(reader.group, row.id);
  if (sent == nullptr) return violated("a row that nobody sent");
  if (row.id < visible_from(reader)) violated("a row that the reader may not see");
  if (row.author != people_[sent->author].id) violated("a row of another author");
  if (shown.deleted) {
    if (!row.content.text.empty()) violated("a deleted row with a body");
  } else if (row.content != sent->content) {
    violated("a row with another content than was sent");
  }
}

Task<void> SyncModel::take_in(std::size_t worker, std::size_t index, Changes changes) {
  const bool is_first = readers_[index].cursor.empty();
  Reader& reader = readers_[index];
  for (std::size_t i = 0; i < changes.messages.size(); ++i) {
    const MessageId id = changes.messages[i].message.id;
    if (i > 0 && id <= changes.messages[i - 1].message.id) violated("an answer out of order");
    check_row(reader, changes.messages[i]);
    reader.rows[id] = changes.messages[i].message.content;
  }
  reader.cursor = changes.cursor;
  if (changes.cursor.size() > kCursorCharactersMax) violated("a cursor that is too long");
  if (changes.cursor.empty()) {
    if (!changes.more) violated("no cursor, and no more");
    co_return;
  }
  if (!changes.more) check_digest(reader, changes);
  if (is_first || changes.skipped) {
    const MessageId before =
        changes.messages.empty() ? kLastMessageId : changes.messages.front().message.id;
    co_await fill_from_history(worker, index, before);
  }
  if (changes.more) co_return;
  check_end_of_round(readers_[index]);
  readers_[index].in_round = false;
  if (chance(4) != 0) co_return;
  readers_[index].mark = changes.cursor;
  for (const auto& [id, content] : readers_[index].rows) readers_[index].read.insert(id);
}

// What a client does when it is shown the newest messages only. It needs the rows, so it asks for
// them by the digest: history does not list amendments.
Task<void> SyncModel::fill_from_history(std::size_t worker, std::size_t index, MessageId before) {
  if (before == kLastMessageId) co_return;
  const Caller who = caller(readers_[index].user);
  const GroupId group = readers_[index].group;
  while (true) {
    const IdRange range{kFirstMessageId, before};
    auto digest = co_await workers_[worker]->digest.range(who, group, range);
    if (!digest) continue;
    while (!digest->ids.empty()) {
      const std::size_t count = std::min<std::size_t>(kIdsPerReadMax, digest->ids.size());
      const std::vector<MessageId> some(digest->ids.end() - static_cast<std::ptrdiff_t>(count),
                                        digest->ids.end());
      const auto rows = co_await workers_[worker]->history.by_ids(who, group, some);
      if (!rows) continue;
      for (const ShownMessage& shown : *rows) {
        check_row(readers_[index], shown);
        readers_[index].rows[shown.message.id] = shown.message.content;
      }
      digest->ids.resize(digest->ids.size() - count);
    }
    co_return;
  }
}

void SyncModel::check_digest(const Reader& reader, const Changes& changes) {
  if (!changes.digest) {
    const bool may_be_reused = options_.plays == Plays::ManyWriters && !group_of(reader.group).push;
    if (!changes.skipped && !may_be_reused) violated("a round ended without a digest");
    return;
  }
  const MessageId from = std::max(changes.digest->from, visible_from(reader));
  DigestSum own;
  for (const auto& [id, content] : reader.rows) {
    if (id >= from) own.add(id);
  }
  if (own != changes.digest->sum) {
    violated("a digest of " + std::to_string(changes.digest->sum.count()) +
             " rows, where the reader has " + std::to_string(own.count()));
  }
}

void SyncModel::check_end_of_round(const Reader& reader) {
  const MessageId from = visible_from(reader);
  for (const Sent& sent : sent_) {
    if (sent.group != reader.group || !sent.acknowledged || sent.id < from) continue;
    // Where nobody is told, an answer may be a second old.
    const bool may_lag =
        !group_of(reader.group).push && reader.round_began_at - sent.acknowledged_at <= 2s;
    const bool must_be_there = *sent.acknowledged < reader.round_began && !may_lag;
    if (must_be_there && !reader.rows.contains(sent.id)) {
      violated("a message that was acknowledged at event " + std::to_string(*sent.acknowledged) +
               " is missing after a round that began at " + std::to_string(reader.round_began));
    }
  }
}

void SyncModel::start_intrusion() {
  const Reader& reader = any(readers_);
  // The last person is in no group; others may have left this one.
  const std::size_t user = reader.is_member ? people_.size() - 1 : reader.user;
  if (user == reader.user && reader.is_busy) return;
  const Loop::Entered entered(loop_);
  tasks_.spawn(intrude(chance(workers_.size()), user, reader.group));
}

Task<void> SyncModel::intrude(std::size_t worker, std::size_t user, GroupId group) {
  const Caller who = caller(user);
  const auto is_member = [this, user, group] {
    return std::ranges::any_of(readers_, [&](const Reader& reader) {
      return reader.user == user && reader.group == group && reader.is_member;
    });
  };
  ChangesRequest request;
  request.group = group;
  const auto changes = co_await workers_[worker]->sync.changes(who, request);
  if (changes && !is_member()) violated("somebody who is no member was given changes");
  HistoryRequest page;
  page.group = group;
  const auto history = co_await workers_[worker]->history.page(who, page);
  if (history && !is_member()) violated("somebody who is no member was given history");
  const auto digest = co_await workers_[worker]->digest.last(who, group, 10);
  if (digest && !is_member()) violated("somebody who is no member was given a digest");
}

void SyncModel::change_membership() {
  Reader& reader = any(readers_);
  if (reader.is_busy || reader.in_round || reader.user == 0) return;
  reader.is_member = !reader.is_member;
  const Time at = clock_.now();
  const User& person = people_[reader.user];
  const auto before = now(groups_.find_member(reader.group, person.id)).value().value();
  const Role role = reader.is_member ? Role::Member : Role::None;
  (void)now(groups_.compare_and_set_member(reader.group,
                                           {person.id, person.name, role, at, at, before.version}));
  for (const auto& worker : workers_) worker->directory.forget(reader.group, person.id);
}

void SyncModel::end_everything() {
  faults_.release();
  loop_.run_ready();
  for (const auto& call : faults_.lost()) {
    while (call->step()) {
    }
  }
  // Until the last repair was made.
  for (int i = 0; i < 100; ++i) {
    advance(500ms);
    loop_.run_ready();
  }
  for (const auto& worker : workers_) {
    const Loop::Entered entered(loop_);
    tasks_.spawn(worker->send.stop());
    tasks_.spawn(worker->marker.stop());
  }
  for (int i = 0; i < 20; ++i) {
    advance(500ms);
    loop_.run_ready();
  }
  ensure(tasks_.running() == 0, "everything has ended");
}

void SyncModel::read_to_the_end(std::size_t index) {
  Reader& reader = readers_[index];
  do {
    begin_round(reader);
    {
      const Loop::Entered entered(loop_);
      tasks_.spawn(read(chance(workers_.size()), index, 1 + chance(20), true));
    }
    loop_.run_ready();
  } while (reader.in_round && !violation_);
}

void SyncModel::check_the_end() {
  for (const auto& worker : workers_) worker->clock.set_skew(0ms);
  advance(5s);
  loop_.run_ready();
  for (std::size_t i = 0; i < readers_.size() && !violation_; ++i) {
    Reader& reader = readers_[i];
    if (!reader.is_member) continue;
    const auto rows = now(store_.read_range(reader.group, {}, Take::Oldest, 100'000));
    std::vector<Message> truth;
    for (const Message& row : *rows) {
      if (row.id >= visible_from(reader)) truth.push_back(row);
    }
    std::set<MessageId> ids;
    for (const Message& row : truth) ids.insert(row.id);
    for (const Sent& sent : sent_) {
      const bool must_be_there =
          sent.group == reader.group && sent.acknowledged && sent.id >= visible_from(reader);
      if (must_be_there && !ids.contains(sent.id)) violated("an acknowledged message was lost");
    }
    check_history(reader, *rows);
    check_unread(reader, truth);

    // The round under way and one more, from any worker; then only what was never acknowledged may
    // be missing, and the digest tells.
    if (reader.in_round) read_to_the_end(i);
    read_to_the_end(i);
    for (const auto& [id, content] : reader.rows) {
      if (id >= visible_from(reader) && !ids.contains(id)) violated("a row that was seen is gone");
    }
    for (const Message& row : truth) {
      const Sent& sent = *find(reader.group, row.id);
      if (!sent.acknowledged) reader.rows[row.id] = row.content;
    }
    const auto last = now(any_worker().digest.range(caller(reader.user), reader.group, {}));
    DigestSum own;
    for (const auto& [id, content] : reader.rows) {
      if (id >= visible_from(reader)) own.add(id);
    }
    if (!last || last->sum != own) violated("the reader lacks something in the end");
  }
}

// History pages of any size, put together, are the rows with their amendments applied.
void SyncModel::check_history(const Reader& reader, const std::vector<Message>& rows) {
  std::vector<ShownMessage> expected;
  for (const Message& row : rows) {
    if (is_amendment(row.content.kind) || row.id < visible_from(reader)) continue;
    std::map<std::string, Amendment> slots;
    for (const Message& other : rows) {
      const auto amendment = amendment_of(other);
      if (amendment && amendment->target == row.id) slots[slot_of(*amendment)] = *amendment;
    }
    std::vector<Amendment> amendments;
    for (const auto& [slot, amendment] : slots) amendments.push_back(amendment);
    expected.push_back(apply(row, amendments, people_[reader.user].id));
  }

  const bool is_newest_first = chance(2) == 0;
  std::vector<ShownMessage> pages;
  HistoryRequest request;
  request.group = reader.group;
  if (!is_newest_first) request.after = kFirstMessageId;
  while (true) {
    request.limit = 1 + chance(9);
    const auto page = now(any_worker().history.page(caller(reader.user), request));
    if (!page) return violated("history failed");
    const bool has_more = is_newest_first ? page->has_before : page->has_after;
    pages.insert(is_newest_first ? pages.begin() : pages.end(), page->messages.begin(),
                 page->messages.end());
    if (!has_more) break;
    if (page->messages.empty()) return violated("an empty page where there are more");
    if (is_newest_first) {
      request.before = page->messages.front().message.id;
    } else {
      request.after = page->messages.back().message.id;
    }
  }
  const auto is_same = [](const ShownMessage& one, const ShownMessage& other) {
    return one.message.id == other.message.id && one.message.content == other.message.content &&
           one.deleted == other.deleted && one.edited_at == other.edited_at &&
           one.reactions == other.reactions;
  };
  if (!std::ranges::equal(pages, expected, is_same)) {
    violated("history has " + std::to_string(pages.size()) + " messages of " +
             std::to_string(expected.size()) + ", or others");
  }
}

void SyncModel::check_unread(const Reader& reader, const std::vector<Message>& truth) {
  Worker& worker = any_worker();
  const UserId me = people_[reader.user].id;
  const auto counts = [me](const Message& row) {
    const bool is_said = row.content.kind == Kind::Text || row.content.kind == Kind::Opaque;
    return is_said && row.author != me;
  };
  const auto place = std::make_shared<const Standing>(standing(reader));
  const auto since_joined = now(worker.sync.count_unread(place, std::nullopt));
  const auto arrived = std::ranges::count_if(truth, [&](const Message& row) {
    return counts(row) && row.received_at >= place->member.joined_at;
  });
  const auto expected = std::min<std::size_t>(kUnreadMax, static_cast<std::size_t>(arrived));
  if (!since_joined || since_joined->count != expected) {
    violated("unread without a mark is not " + std::to_string(expected));
  }

  if (reader.mark.empty()) return;
  std::set<MessageId> returned;
  ChangesRequest request;
  request.group = reader.group;
  request.cursor = reader.mark;
  request.limit = kPageLimitMax;
  bool more = true;
  while (more) {
    const auto changes = now(worker.sync.changes(caller(reader.user), request));
    if (!changes) return violated("changes failed");
    for (const ShownMessage& shown : changes->messages) {
      if (counts(shown.message)) returned.insert(shown.message.id);
    }
    request.cursor = changes->cursor;
    more = changes->more;
  }
  const auto mark = decode_cursor(reader.mark, reader.group);
  const auto unread = now(worker.sync.count_unread(place, *mark));
  if (!unread) return violated("unread failed");
  const std::size_t at_most = std::min(kUnreadMax, returned.size());
  if (options_.plays == Plays::OneWriter) {
    if (unread->count != at_most) violated("unread is not what changes returns");
    return;
  }
  // A round returns a little of it twice; what came clearly after the mark counts.
  const auto later = std::ranges::count_if(truth, [&](const Message& row) {
    return counts(row) && row.received_at > mark->watermark + kClockSkewMax &&
           !reader.read.contains(row.id);
  });
  const auto at_least = std::min(kUnreadMax, static_cast<std::size_t>(later));
  if (unread->count > at_most || unread->count < at_least) {
    violated("unread is " + std::to_string(unread->count) + ", not " + std::to_string(at_least) +
             " to " + std::to_string(at_most));
  }
}

std::optional<std::string> find_violation(ModelOptions options) {
  set_log_level(LogLevel::Off);  // clocks step all the time
  SyncModel model(options);
  return model.run();
}

// Whether one of many seeds notices that the rule is broken.
bool model_finds_violation(Broken broken) {
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    ModelOptions options;
    options.seed = seed;
    options.plays = Plays::ManyWriters;
    options.broken = broken;
    if (const auto violation = find_violation(options)) {
      std::cout << "seed " << seed << ", " << *violation << "\n";
      return true;
    }
  }
  return false;
}

// MODEL_SEEDS in the environment asks for a longer run than that of every day.
std::uint32_t seeds() {
  const char* const asked = std::getenv("MODEL_SEEDS");
  return asked == nullptr ? 80 : static_cast<std::uint32_t>(std::strtoul(asked, nullptr, 10));
}

void expect_holds(Plays plays, std::uint32_t seed) {
  EXPECT_EQ(find_violation({seed, plays, Broken::Nothing}), std::nullopt) << "seed " << seed;
}

TEST(SyncModel, HoldsOverAStoreWithAnExactOrder) {
  for (std::uint32_t seed = 1; seed <= seeds(); ++seed) expect_holds(Plays::OneWriter, seed);
}

TEST(SyncModel, HoldsOverAStoreWithManyWritersAndSkewedWorkers) {
  for (std::uint32_t seed = 1; seed <= seeds(); ++seed) expect_holds(Plays::ManyWriters, seed);
}

// Seeds that found something once. What a seed plays changes with the model; each cause has a test
// of its own as well.
TEST(SyncModel, HoldsWhereAReusedReadLacksWhatTheReaderHas) {
  expect_holds(Plays::ManyWriters, 152);
  expect_holds(Plays::ManyWriters, 1704);
}
TEST(SyncModel, HoldsWhereAClockThatIsSetBackMakesAnOldReadLookYoung) {
  expect_holds(Plays::ManyWriters, 1647);
}
TEST(SyncModel, HoldsWhereAWatermarkIsTakenWhileTheClockIsOut) {
  expect_holds(Plays::ManyWriters, 2190);
  expect_holds(Plays::ManyWriters, 4303);
}
TEST(SyncModel, HoldsWhereTheRowsOfASlotBecomeVisibleOutOfOrder) {
  expect_holds(Plays::ManyWriters, 289);
  expect_holds(Plays::ManyWriters, 662);
}

TEST(SyncModel, NoticesASlowWriteThatIsNotIndexedLate) {
  EXPECT_TRUE(model_finds_violation(Broken::LateIndexAfterSlowWrite));
}
TEST(SyncModel, NoticesAWatermarkFromTheEndOfTheRead) {
  EXPECT_TRUE(model_finds_violation(Broken::WatermarkIsBeginOfRead));
}
TEST(SyncModel, NoticesAReaderWhoJoinsAReadUnderWay) {
  EXPECT_TRUE(model_finds_violation(Broken::WaitForNextRead));
}
TEST(SyncModel, NoticesAWorkerWhoseClockIsFiveSecondsOff) {
  EXPECT_TRUE(model_finds_violation(Broken::ClocksAgree));
}
TEST(SyncModel, NoticesRowsThatDisappear) {
  EXPECT_TRUE(model_finds_violation(Broken::RowsOnlyAppear));
}
TEST(SyncModel, NoticesARoundWithoutOverlap) {
  EXPECT_TRUE(model_finds_violation(Broken::ReadOverlap));
}
TEST(SyncModel, NoticesAWatermarkFromTheLastPageOfARound) {
  EXPECT_TRUE(model_finds_violation(Broken::KeepFirstWatermark));
}

}  // namespace
}  // namespace tidings
