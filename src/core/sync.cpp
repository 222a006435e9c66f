#include "core/sync.h"

#include <utility>

#include "core/answer_size.h"
#include "core/deleted.h"
#include "core/log_sync.h"
#include "core/newest.h"
#include "core/poll_interval.h"
#include "core/round_reads.h"
#include "core/round_sync.h"
#include "core/sync_answer.h"

namespace tidings {
namespace {

Result<void> check_limit(std::size_t limit) {
  if (limit >= 1 && limit <= kPageLimitMax) return {};
  return fail_field("limit", "A limit is 1 to 200.");
}

SyncReader reader_of(std::shared_ptr<const Standing> standing) {
  const MessageId visible_from = first_visible(standing->group, standing->member);
  return {std::move(standing), visible_from};
}

}  // namespace

struct Sync::Impl {
  MessageStore& messages;
  ArrivalLog* const log;
  Directory& directory;
  const ClockGuard& clock_guard;
  const Clock& clock;
  RoundReads reads;
  RoundSync rounds;
  UnreadCount unread;

  Impl(MessageStore& messages, ArrivalLog* log, Directory& directory, const ClockGuard& clock_guard,
       const Clock& clock, RoundRules rules)
      : messages(messages),
        log(log),
        directory(directory),
        clock_guard(clock_guard),
        clock(clock),
        reads(messages, log == nullptr ? &clock_guard : nullptr, clock, rules),
        rounds(messages, reads, rules),
        unread(messages, log, reads, rules) {}

  // Where a request begins: nothing when it asks for the newest messages.
  Result<std::optional<Cursor>> position_of(const ChangesRequest& request) const;

  Task<Result<Changes>> changes(SyncReader reader, ChangesRequest request, AnswerRoom room);
  Task<Result<SyncAnswer>> answer(SyncReader reader, std::optional<Cursor> from, AnswerRoom room,
                                  bool fresh);
  Task<Result<SyncAnswer>> newest(SyncReader reader, AnswerRoom room);
  Task<Result<SyncAnswer>> round(SyncReader reader, Cursor from, AnswerRoom room, bool fresh);
};

Sync::Sync(MessageStore& messages, ArrivalLog* log, Directory& directory,
           const ClockGuard& clock_guard, const Clock& clock, RoundRules rules)
    : impl_(new Impl(messages, log, directory, clock_guard, clock, rules)) {}

Sync::~Sync() = default;

Task<Result<Changes>> Sync::changes(Caller caller, ChangesRequest request) {
  if (auto valid = check_limit(request.limit); !valid) co_return forward(valid);
  if (request.cursor && request.since) {
    co_return fail_field("since", "Give a cursor or a time, not both.");
  }
  auto standing = co_await impl_->directory.standing(request.group, caller.user);
  if (!standing) co_return forward(standing);
  const AnswerRoom room{request.limit, kAnswerBytesMax};
  co_return co_await impl_->changes(reader_of(std::move(*standing)), std::move(request), room);
}

Task<Result<std::vector<PullResult>>> Sync::pull(Caller caller, PullRequest request) {
  if (auto valid = check_limit(request.limit); !valid) co_return forward(valid);
  if (request.groups.size() > kPullGroupsMax) co_return fail_field("groups", "At most 100 groups.");

  std::vector<PullResult> results;
  results.reserve(request.groups.size());
  AnswerRoom room{request.limit, kAnswerBytesMax};
  for (PullRequest::Position& position : request.groups) {
    auto standing = co_await impl_->directory.standing(position.group, caller.user);
    if (!standing) {
      results.push_back({position.group, forward(standing)});
      continue;
    }
    ChangesRequest one;
    one.group = position.group;
    one.cursor = std::move(position.cursor);
    one.fresh = request.fresh;
    auto changes = co_await impl_->changes(reader_of(std::move(*standing)), std::move(one), room);
    if (changes) {
      for (const ShownMessage& shown : changes->messages) room.take(shown.message);
    }
    results.push_back({position.group, std::move(changes)});
  }
  co_return results;
}

Task<Result<Sync::Unread>> Sync::count_unread(std::shared_ptr<const Standing> reader,
                                              std::optional<Cursor> mark) {
  return impl_->unread.run(reader_of(std::move(reader)), std::move(mark));
}

Result<std::optional<Cursor>> Sync::Impl::position_of(const ChangesRequest& request) const {
  if (request.cursor) {
    auto cursor = decode_cursor(*request.cursor, request.group);
    if (!cursor) return forward(cursor);
    return std::optional(std::move(*cursor));
  }
  if (!request.since) return std::optional<Cursor>();
  Cursor cursor;
  cursor.group = request.group;
  cursor.epoch = messages.epoch();
  cursor.watermark = std::max(Time(), *request.since);
  return std::optional(std::move(cursor));
}

Task<Result<Changes>> Sync::Impl::changes(SyncReader reader, ChangesRequest request,
                                          AnswerRoom room) {
  const Instant began = clock.monotonic();
  const Time now = clock.now();
  const Group& group = reader.standing->group;
  const UserId user = reader.standing->member.user;
  auto from = position_of(request);
  if (!from) co_return forward(from);
  const Time asked_before = *from ? (*from)->watermark : now;

  Changes changes;
  changes.push = is_pushed(group, now);
  if (room.messages == 0) {  // of a pull whose other groups took it all
    changes.cursor = std::move(request.cursor).value_or(std::string());
    changes.more = true;
    co_return changes;
  }
  auto found = co_await answer(reader, std::move(*from), room, request.fresh);
  if (!found) co_return forward(found);
  const bool anything_new = !found->messages.empty();
  auto shown = co_await hide_deleted(messages, group.id, std::move(found->messages),
                                     reader.visible_from, began);
  if (!shown) co_return forward(shown);

  changes.messages = std::move(*shown);
  changes.skipped = found->skipped;
  changes.digest = std::move(found->digest);
  changes.next_poll = poll_interval(group, user, asked_before, now, anything_new);
  if (found->nothing_fitted) {
    changes.cursor = std::move(request.cursor).value_or(std::string());
    changes.more = true;
  } else {
    changes.cursor = encode(found->cursor);
    changes.more = found->cursor.more();
  }
  co_return changes;
}

Task<Result<SyncAnswer>> Sync::Impl::answer(SyncReader reader, std::optional<Cursor> from,
                                            AnswerRoom room, bool fresh) {
  if (!from) co_return co_await newest(std::move(reader), room);
  if (from->epoch != messages.epoch()) {
    // Positions and counts of another life of the store say nothing about this one; times do.
    from->epoch = messages.epoch();
    from->sequence.reset();
    from->in_log = false;
    from->counts.clear();
  }
  const bool is_in_round = from->resume_sent || from->resume_late;
  if (log != nullptr && from->sequence && !is_in_round) {
    LogSync exact(messages, *log, clock);
    co_return co_await exact.next(std::move(reader), std::move(*from), room);
  }
  co_return co_await round(std::move(reader), std::move(*from), room, fresh);
}

// A round; over a store with a log it ends at a position of the log from before its first read.
Task<Result<SyncAnswer>> Sync::Impl::round(SyncReader reader, Cursor from, AnswerRoom room,
                                           bool fresh) {
  from.in_log = false;
  if (log == nullptr) from.sequence.reset();
  std::optional<std::uint64_t> sequence = from.sequence;
  const bool is_first_page = !from.resume_sent && !from.resume_late;
  if (log != nullptr && is_first_page) {
    const auto position = co_await log->newest(reader.group());
    if (!position) co_return forward(position);
    sequence = *position;
  }
  const bool may_reuse = !reader.standing->group.push && !fresh && log == nullptr;
  auto found = co_await rounds.next(std::move(reader), std::move(from), room, may_reuse);
  if (!found) co_return forward(found);
  found->cursor.sequence = sequence;
  if (sequence && !found->cursor.more()) found->cursor.counts.clear();
  co_return found;
}

Task<Result<SyncAnswer>> Sync::Impl::newest(SyncReader reader, AnswerRoom room) {
  SyncAnswer answer;
  Cursor& cursor = answer.cursor;
  cursor.group = reader.group();
  cursor.epoch = messages.epoch();
  cursor.watermark = clock.now();
  if (log != nullptr) {
    const auto position = co_await log->newest(reader.group());
    if (!position) co_return forward(position);
    cursor.sequence = *position;
  } else if (!clock_guard.in()) {
    co_return clock_is_out();
  }
  auto rows = co_await read_newest(messages, reader, room);
  if (!rows) co_return forward(rows);
  answer.nothing_fitted = rows->messages.empty() && rows->is_cut;
  if (answer.nothing_fitted) co_return answer;

  std::vector<MessageId> ids;
  for (const Message& message : rows->messages) ids.push_back(message.id);
  if (log == nullptr) cursor.counts = counts_of(ids, cursor.watermark);
  answer.digest = digest_from(rows->is_cut ? ids.front() : reader.visible_from, ids);
  answer.messages = std::move(rows->messages);
  co_return answer;
}

}  // namespace tidings
