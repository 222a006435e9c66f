#include "core/send_message.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/loop.h"
#include "base/task_group.h"
#include "core/direct_groups.h"
#include "core/policies.h"
#include "core/recent_ids.h"
#include "model/amendment.h"
#include "model/limits.h"
#include "model/name.h"

namespace tidings {
namespace {

constexpr std::size_t kRecentBuckets = std::size_t{1} << 15;
constexpr std::size_t kRepairsMax = 1'000;
constexpr int kLateIndexAttempts = 3;
constexpr milliseconds kFirstRepairAfter{100};
constexpr milliseconds kRepairAtLeastEvery = seconds(5);
constexpr milliseconds kNoticeStopWithin{100};
// How long, and how often, content that came second looks whether the first is stored.
constexpr milliseconds kContestPatience = seconds(1);
constexpr milliseconds kLookAgainAfter{50};

Result<void> check_targets(const SendRequest& request) {
  const auto& to = request.to;
  if (to.empty() || to.size() > kTargetsMax) {
    return fail_field("to", "Name 1 to 10 targets.");
  }
  if (is_amendment(request.content.kind) && to.size() != 1) {
    return fail_field("to", "An edit, a delete or a reaction goes to exactly one group.");
  }
  for (std::size_t i = 0; i < to.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (to[i].to == to[j].to) {
        return fail_field("to[" + std::to_string(i) + "]", "This target is named twice.");
      }
    }
  }
  return {};
}

// A bucket that is smaller than the cost would say "try again later" for ever.
Result<void> check_cost(std::uint32_t cost, ThrottlePolicy policy) {
  if (cost <= policy.burst) return {};
  return fail_field("to", "Name at most " + std::to_string(policy.burst) +
                              " targets at a time: a target costs a token, and your bucket holds "
                              "no more.");
}

// Who may say anything at all in the group.
Result<void> check_may_post(const Standing& standing) {
  const Role role = standing.member.role;
  if (role == Role::Reader) return fail(ErrorCode::Forbidden, "Readers may not post here.");
  if (standing.group.post == PostRule::Moderators && role < Role::Moderator) {
    return fail(ErrorCode::Forbidden, "Only moderators may post here.");
  }
  return {};
}

std::unexpected<Error> not_a_member(std::size_t mention) {
  return fail_field("mentions[" + std::to_string(mention) + "]",
                    "This person is not a member of the group.");
}

std::unexpected<Error> too_old() {
  return fail(ErrorCode::TooOld, "A message may be at most 30 days old when it first arrives.");
}

std::unexpected<Error> id_is_contested() {
  Error contested{ErrorCode::Unavailable,
                  "Other content was sent under this id a moment ago. Try again in 5 s.",
                  {},
                  {}};
  contested.retry_after = kContestedFor;
  return std::unexpected(std::move(contested));
}

std::uint64_t hash_of(GroupId group, MessageId id) {
  return std::hash<MessageId>()(id) * 31 + std::hash<GroupId>()(group);
}

// One call of run(); it outlives all that is done for it.
struct Sending {
  Caller caller;
  MessageId id;
  Content content;
  bool seen = false;  // some worker was given the id in the last minute, as far as this one knows
  bool paid_as_replay = false;
  bool contested = false;  // other content may be on its way to the store under this id
};

// Where one target of a message is.
struct Destination {
  GroupId group;
  std::shared_ptr<const User> person;  // null unless `to` names one; then it may not be there yet
};

struct Outcome {
  Stored stored = Stored::New;
  Time received_at;
};

}  // namespace

struct SendMessage::Impl {
  MessageStore& messages;
  Directory& directory;
  Throttle& throttle;
  Marker& marker;
  const ClockGuard& clock_guard;
  const Clock& clock;
  DirectGroups direct_groups;
  RecentIds given{kRecentBuckets};      // ids that arrived here
  RecentIds rearrived{kRecentBuckets};  // rows whose second arrival was noted by this worker
  BusyGroups busy_groups{clock.monotonic()};
  TaskGroup repairs{"send.repairs"};

  Task<Result<Destination>> resolve(const SendTarget& target, std::size_t index,
                                    const Caller& caller);
  Task<Result<void>> admit(const Standing& standing, const Sending& sending);
  Task<Result<std::shared_ptr<const Standing>>> make_direct(std::shared_ptr<const User> person,
                                                            const Sending& sending);
  Task<Result<void>> check_direct(const Standing& standing, const Caller& caller);
  Task<Result<void>> check_mentions(const Standing& standing, const Content& content);
  Task<Result<void>> check_amendment(const Standing& standing, const Sending& sending);
  Task<Result<void>> check_emoji_count(GroupId group, const Content& content);

  Task<Result<Outcome>> send_to(const Destination& destination, const Sending& sending,
                                std::string& group_name);
  Task<Result<std::optional<Outcome>>> find_stored(const Standing& standing,
                                                   const Sending& sending);
  Task<Result<Outcome>> store(const Standing& standing, const Sending& sending);
  Task<Result<Outcome>> lose_contest(const Standing& standing, const Sending& sending);
  Task<Result<std::optional<Outcome>>> settle_stored(const Standing& standing,
                                                     const Sending& sending);
  Task<Result<Outcome>> settle(const Message& there, const Standing& standing,
                               const Sending& sending);
  Task<Result<void>> note_rearrival(const Standing& standing, const Sending& sending);
  Task<Result<void>> pay_in_full(const Sending& sending);

  bool is_too_old(const Sending& sending) const {
    return !sending.caller.may_import && clock.now() - sending.id.sent_at() > kTooOldAfter;
  }
  // Whether readers may have passed a stamp before its write became visible. By both clocks: the
  // monotonic one stands still while the machine sleeps.
  bool took_too_long(Instant stamped, Time received_at) const {
    return clock.monotonic() - stamped > kWriteDeadline ||
           clock.now() - received_at > kWriteDeadline;
  }
  Task<Result<void>> write_late_index(GroupId group, MessageId id);
  void repair(GroupId group, MessageId id);
  Task<void> run_repair(GroupId group, MessageId id);

  void mark(const Group& group) {
    if (is_told(group, clock.now())) marker.changed(group.id);
  }
};

SendMessage::SendMessage(MessageStore& messages, GroupStore& groups, Directory& directory,
                         Throttle& throttle, Marker& marker, const ClockGuard& clock_guard,
                         const Clock& clock)
    : impl_(new Impl{.messages = messages,
                     .directory = directory,
                     .throttle = throttle,
                     .marker = marker,
                     .clock_guard = clock_guard,
                     .clock = clock,
                     .direct_groups = DirectGroups(groups, directory, clock)}) {}

SendMessage::~SendMessage() = default;

BusyGroups& SendMessage::busy_groups() { return impl_->busy_groups; }

Task<void> SendMessage::stop() {
  impl_->repairs.request_stop();
  co_await impl_->repairs.join();
}

Task<Result<SendReceipt>> SendMessage::run(Caller caller, SendRequest request,
                                           std::optional<Allowance>* bucket) {
  Impl& self = *impl_;
  if (auto valid = check(request.content); !valid) co_return forward(valid);
  if (auto valid = check_targets(request); !valid) co_return forward(valid);
  if (!self.clock_guard.in()) co_return clock_is_out();

  Sending sending;
  sending.id = request.id.tagged(caller.user);
  sending.caller = std::move(caller);
  sending.content = std::move(request.content);

  const auto cost = static_cast<std::uint32_t>(request.to.size());
  if (auto valid = check_cost(cost, send_policy(sending.caller)); !valid) co_return forward(valid);
  const UserId sender = sending.caller.user;
  const auto allowance = co_await self.throttle.take_send(sender, send_policy(sending.caller),
                                                          read_policy(sending.caller), cost,
                                                          SendAttempt{sending.id, sending.content});
  if (bucket != nullptr) {
    *bucket = allowance ? *allowance : left_by(allowance.error(), cost, sending.caller);
  }
  if (!allowance) co_return forward(allowance);
  sending.paid_as_replay = allowance->replay;
  sending.contested = allowance->contested;
  if (sending.id.sent_at() - self.clock.now() > kClockAheadMax) {
    co_return fail(ErrorCode::ClockAhead,
                   "The id is more than 10 s ahead. Correct the clock by server_time.");
  }
  const bool given_here =
      self.given.note(std::hash<MessageId>()(sending.id), self.clock.monotonic());
  sending.seen = given_here || allowance->replay;

  SendReceipt receipt;
  receipt.id = sending.id;
  receipt.sent_at = sending.id.sent_at();
  receipt.targets.reserve(request.to.size());
  bool any_stored = false;
  for (std::size_t i = 0; i < request.to.size(); ++i) {
    SendTarget& target = request.to[i];
    const auto destination = co_await self.resolve(target, i, sending.caller);
    if (!destination) {
      receipt.targets.push_back({std::move(target.to), {}, {}, forward(destination)});
      continue;
    }
    const GroupId group = destination->group;
    // Only now can a person and the group with them be seen to be the same.
    const auto is_same = [group](const SentTo& other) { return other.group == group; };
    if (std::ranges::any_of(receipt.targets, is_same)) {
      auto twice = fail_field("to[" + std::to_string(i) + "]", "This target is named twice.");
      receipt.targets.push_back({std::move(target.to), {}, {}, std::move(twice)});
      continue;
    }
    std::string group_name;
    const auto outcome = co_await self.send_to(*destination, sending, group_name);
    if (!outcome) {
      receipt.targets.push_back({std::move(target.to), group, {}, forward(outcome)});
      continue;
    }
    receipt.targets.push_back(
        {std::move(target.to), group, std::move(group_name), outcome->stored});
    receipt.any_new = receipt.any_new || outcome->stored == Stored::New;
    if (!any_stored) receipt.received_at = outcome->received_at;
    any_stored = true;
  }
  if (!any_stored) co_return forward(receipt.targets.front().outcome);
  receipt.late = is_late(receipt.id, receipt.received_at);
  co_return receipt;
}

Task<Result<Destination>> SendMessage::Impl::resolve(const SendTarget& target, std::size_t index,
                                                     const Caller& caller) {
  if (target.group) co_return Destination{*target.group, nullptr};
  const std::string_view name = name_of_reference(target.to);
  if (name.empty()) {
    co_return fail_field("to[" + std::to_string(index) + "]",
                         "Name a person as @name, or a group by its id.");
  }
  auto person = co_await directory.user_by_name(std::string(name));
  if (!person) co_return forward(person);
  const GroupId group = direct_group_id(caller.user, (*person)->id);
  co_return Destination{group, std::move(*person)};
}

Task<Result<Outcome>> SendMessage::Impl::send_to(const Destination& destination,
                                                 const Sending& sending, std::string& group_name) {
  auto standing = co_await directory.standing(destination.group, sending.caller.user);
  const bool is_first = !standing && standing.error().code == ErrorCode::UnknownGroup &&
                        destination.person != nullptr;
  if (is_first) standing = co_await make_direct(destination.person, sending);
  if (!standing) co_return forward(standing);
  group_name = (*standing)->group.name;
  if (!is_first) {
    const auto before = co_await find_stored(**standing, sending);
    if (!before) co_return forward(before);
    if (*before) co_return **before;
    const auto allowed = co_await admit(**standing, sending);
    if (!allowed) co_return forward(allowed);
  }
  co_return co_await store(**standing, sending);
}

// What is stored was judged when it came: a rule that has changed since refuses no retry.
Task<Result<std::optional<Outcome>>> SendMessage::Impl::find_stored(const Standing& standing,
                                                                    const Sending& sending) {
  if (!sending.seen && clock.now() - sending.id.sent_at() <= kReadFirstAfter) {
    co_return std::optional<Outcome>();
  }
  const auto settled = co_await settle_stored(standing, sending);
  if (!settled) co_return forward(settled);
  if (!*settled && is_too_old(sending)) co_return too_old();
  co_return *settled;
}

// Whether the sender may say this here.
Task<Result<void>> SendMessage::Impl::admit(const Standing& standing, const Sending& sending) {
  const auto allowed = check_may_post(standing);
  if (!allowed) co_return forward(allowed);
  if (standing.group.kind == GroupKind::Direct) {
    const auto accepted = co_await check_direct(standing, sending.caller);
    if (!accepted) co_return forward(accepted);
  }
  if (!sending.content.mentions.empty()) {
    const auto all_members = co_await check_mentions(standing, sending.content);
    if (!all_members) co_return forward(all_members);
  }
  if (is_amendment(sending.content.kind)) co_return co_await check_amendment(standing, sending);
  co_return Result<void>();
}

// The direct group that a first message needs: nothing is made for one that will not be stored.
Task<Result<std::shared_ptr<const Standing>>> SendMessage::Impl::make_direct(
    std::shared_ptr<const User> person, const Sending& sending) {
  const auto accepted = co_await direct_groups.check_accepted(sending.caller.user, person->id);
  if (!accepted) co_return forward(accepted);
  if (is_too_old(sending)) co_return too_old();
  if (is_amendment(sending.content.kind)) co_return fail(ErrorCode::UnknownMessage);
  const auto& mentions = sending.content.mentions;
  for (std::size_t i = 0; i < mentions.size(); ++i) {
    if (mentions[i] != person->name && mentions[i] != sending.caller.name) {
      co_return not_a_member(i);
    }
  }
  co_return co_await direct_groups.make(sending.caller, std::move(person));
}

Task<Result<void>> SendMessage::Impl::check_direct(const Standing& standing, const Caller& caller) {
  const auto members = co_await directory.concerned(standing.group.id);
  if (!members) co_return forward(members);
  for (const Member& member : **members) {
    if (member.user == caller.user) continue;
    co_return co_await direct_groups.check_accepted(caller.user, member.user);
  }
  co_return Result<void>();
}

Task<Result<void>> SendMessage::Impl::check_mentions(const Standing& standing,
                                                     const Content& content) {
  for (std::size_t i = 0; i < content.mentions.size(); ++i) {
    const auto person = co_await directory.user_by_name(content.mentions[i]);
    if (!person && person.error().code == ErrorCode::UnknownUser) co_return not_a_member(i);
    if (!person) co_return forward(person);
    const auto member = co_await directory.standing(standing.group.id, (*person)->id);
    if (!member && member.error().code == ErrorCode::UnknownGroup) co_return not_a_member(i);
    if (!member) co_return forward(member);
  }
  co_return Result<void>();
}

Task<Result<void>> SendMessage::Impl::check_amendment(const Standing& standing,
                                                      const Sending& sending) {
  const Content& content = sending.content;
  if (content.kind == Kind::Reaction && !standing.group.push) {
    co_return fail(ErrorCode::NotHere, "There are no reactions in groups of this size.");
  }
  const MessageId target = *content.target;
  if (target < first_visible(standing.group, standing.member)) {
    co_return fail(ErrorCode::UnknownMessage);
  }
  std::vector<MessageId> ids(1, target);
  const auto rows = co_await messages.read(standing.group.id, std::move(ids));
  if (!rows) co_return forward(rows);
  if (rows->empty()) co_return fail(ErrorCode::UnknownMessage);
  const Message& row = rows->front();
  if (is_amendment(row.content.kind)) {
    co_return fail_field("target", "An edit, a delete or a reaction can't be changed itself.");
  }

  const bool is_author = row.author == sending.caller.user;
  if (content.kind == Kind::Edit) {
    if (!is_author) co_return fail(ErrorCode::Forbidden, "Only its author edits a message.");
    if (row.content.kind != Kind::Text) {
      co_return fail_field("target", "Only a text can be edited.");
    }
  }
  if (content.kind == Kind::Delete && !is_author && standing.member.role < Role::Moderator) {
    co_return fail(ErrorCode::Forbidden, "Only its author or a moderator deletes a message.");
  }
  if (content.kind == Kind::Reaction && !content.remove) {
    co_return co_await check_emoji_count(standing.group.id, content);
  }
  co_return Result<void>();
}

Task<Result<void>> SendMessage::Impl::check_emoji_count(GroupId group, const Content& content) {
  std::vector<MessageId> targets(1, *content.target);
  const auto amendments =
      co_await messages.amendments(group, std::move(targets), clock.monotonic());
  if (!amendments) co_return forward(amendments);
  std::set<std::string_view> emoji;
  for (const Amendment& amendment : *amendments) {
    if (amendment.kind == Kind::Reaction && !amendment.remove) emoji.insert(amendment.emoji);
  }
  emoji.insert(content.emoji);
  if (emoji.size() > kEmojiPerMessageMax) {
    co_return fail(ErrorCode::TooManyReactions, "A message has at most 20 different emoji.");
  }
  co_return Result<void>();
}

Task<Result<Outcome>> SendMessage::Impl::store(const Standing& standing, const Sending& sending) {
  const GroupId group = standing.group.id;
  const MessageId id = sending.id;
  if (sending.contested) co_return co_await lose_contest(standing, sending);
  // It passed for a repeat of what is not stored here.
  if (sending.paid_as_replay) {
    const auto paid = co_await pay_in_full(sending);
    if (!paid) co_return forward(paid);
  }

  Message message;
  message.id = id;
  message.group = group;
  message.author = sending.caller.user;
  message.author_name = sending.caller.name;
  message.content = sending.content;
  const Instant stamped = clock.monotonic();
  const Time received_at = clock.now();
  message.received_at = received_at;
  // It may have been set since this call began.
  if (!clock_guard.in()) co_return clock_is_out();
  const auto there = co_await messages.append(std::move(message), is_late(id, received_at));
  if (!there) {
    repair(group, id);
    co_return forward(there);
  }
  if (*there) co_return co_await settle(**there, standing, sending);
  // This process may have slept: then readers have passed the time of the stamp without the row.
  if (took_too_long(stamped, received_at)) {
    const auto written = co_await write_late_index(group, id);
    if (!written) co_return forward(written);
  }
  mark(standing.group);
  busy_groups.note(group, clock.monotonic());
  co_return Outcome{Stored::New, received_at};
}

// Other content came first, and is stored any moment; or it never is, which nobody knows yet.
Task<Result<Outcome>> SendMessage::Impl::lose_contest(const Standing& standing,
                                                      const Sending& sending) {
  const Instant give_up = clock.monotonic() + kContestPatience;
  for (;;) {
    const auto settled = co_await settle_stored(standing, sending);
    if (!settled) co_return forward(settled);
    if (*settled) co_return **settled;
    if (clock.monotonic() >= give_up) co_return id_is_contested();
    co_await sleep_until(clock.monotonic() + kLookAgainAfter);
  }
}

// Nothing if the row is not there.
Task<Result<std::optional<Outcome>>> SendMessage::Impl::settle_stored(const Standing& standing,
                                                                      const Sending& sending) {
  std::vector<MessageId> ids(1, sending.id);
  const auto there = co_await messages.read(standing.group.id, std::move(ids));
  if (!there) co_return forward(there);
  if (there->empty()) co_return std::optional<Outcome>();
  const auto settled = co_await settle(there->front(), standing, sending);
  if (!settled) co_return forward(settled);
  co_return std::optional(*settled);
}

// The row is there already: the first that was received has won.
Task<Result<Outcome>> SendMessage::Impl::settle(const Message& there, const Standing& standing,
                                                const Sending& sending) {
  const bool is_same = there.author == sending.caller.user &&
                       (there.erased ? there.content.kind == sending.content.kind
                                     : there.content == sending.content);
  if (!is_same) {
    co_return fail(ErrorCode::IdConflict, "This id is stored with other content.");
  }
  const Time received_at = there.received_at;
  const auto noted = co_await note_rearrival(standing, sending);
  if (!noted) co_return forward(noted);
  co_return Outcome{Stored::Already, received_at};
}

// The first attempt may have died half-way, so what it owed to readers is written again: at most
// once a minute for each row, lest a replayer makes writes for the price of reads.
Task<Result<void>> SendMessage::Impl::note_rearrival(const Standing& standing,
                                                     const Sending& sending) {
  const GroupId group = standing.group.id;
  const std::uint64_t row = hash_of(group, sending.id);
  if (rearrived.has(row, clock.monotonic())) co_return Result<void>();

  const Time now = clock.now();
  const bool late = is_late(sending.id, now);
  if (late && sending.paid_as_replay) {
    const auto paid = co_await pay_in_full(sending);
    if (!paid) co_return forward(paid);
  }
  Result<void> written;
  if (late) {
    written = co_await write_late_index(group, sending.id);
  } else {
    written = co_await messages.touch(group, now);
  }
  if (!written) co_return written;
  rearrived.note(row, clock.monotonic());
  mark(standing.group);
  co_return Result<void>();
}

// What a replay has paid, a read token, is not the price of a write.
Task<Result<void>> SendMessage::Impl::pay_in_full(const Sending& sending) {
  const auto paid = co_await throttle.take(sending.caller.user, send_policy(sending.caller), 1);
  if (!paid) co_return forward(paid);
  co_return Result<void>();
}

// Stamps the arrival of a row that is there, now. On success no reader has passed the stamp without
// the entry; on failure that is brought about in the background.
Task<Result<void>> SendMessage::Impl::write_late_index(GroupId group, MessageId id) {
  for (int attempt = 0; attempt < kLateIndexAttempts; ++attempt) {
    const Instant stamped = clock.monotonic();
    const LateArrival arrival{clock.now(), id};
    if (!clock_guard.in()) {
      repair(group, id);
      co_return clock_is_out();
    }
    auto written = co_await messages.index_late(group, arrival);
    if (!written) {
      repair(group, id);
      co_return written;
    }
    if (!took_too_long(stamped, arrival.received_at)) co_return written;
  }
  repair(group, id);
  co_return fail(ErrorCode::Unavailable, "The store is too slow. Repeat the same id.");
}

// The row may be there or not, and may have come too late for its stamp. What exceeds the bound is
// left to the retry and to the digest.
void SendMessage::Impl::repair(GroupId group, MessageId id) {
  if (repairs.running() >= kRepairsMax || repairs.stop_token().stop_requested()) return;
  repairs.spawn(run_repair(group, id));
}

Task<void> SendMessage::Impl::run_repair(GroupId group, MessageId id) {
  const std::stop_token stop = repairs.stop_token();
  milliseconds pause = kFirstRepairAfter;
  while (!stop.stop_requested()) {
    const Instant wake = clock.monotonic() + pause;
    while (clock.monotonic() < wake && !stop.stop_requested()) {
      co_await sleep_until(std::min(wake, clock.monotonic() + kNoticeStopWithin));
    }
    if (stop.stop_requested()) co_return;
    pause = std::min(pause * 2, kRepairAtLeastEvery);
    const Instant stamped = clock.monotonic();
    const LateArrival arrival{clock.now(), id};
    if (!clock_guard.in()) continue;
    const auto written = co_await messages.index_late(group, arrival);
    if (written && !took_too_long(stamped, arrival.received_at)) {
      marker.changed(group);
      co_return;
    }
  }
}

}  // namespace tidings
