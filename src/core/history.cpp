#include "core/history.h"

#include <algorithm>
#include <span>
#include <utility>

#include "core/answer_size.h"
#include "core/deleted.h"
#include "core/listed_rows.h"
#include "core/round.h"

namespace tidings {
namespace {

// A page in two parts, which meet where the reader looks: what does not fit is left out at the far
// ends.
struct Parts {
  ListedRows before;  // the newest of a range
  ListedRows after;   // the oldest of one
};

// As many of each side as make `limit`, half of them before.
void share(Parts& parts, std::size_t limit) {
  auto& before = parts.before.messages;
  auto& after = parts.after.messages;
  const std::size_t half = limit / 2;
  const std::size_t from_after = std::min(after.size(), limit - std::min(before.size(), half));
  const std::size_t from_before = std::min(before.size(), limit - from_after);
  if (from_after < after.size()) parts.after.has_more = true;
  if (from_before < before.size()) parts.before.has_more = true;
  after.resize(from_after);
  before.erase(before.begin(), before.end() - static_cast<std::ptrdiff_t>(from_before));
}

std::vector<ShownMessage> apply_all(std::vector<Message> messages,
                                    const std::vector<Amendment>& amendments, UserId reader) {
  std::vector<ShownMessage> shown;
  shown.reserve(messages.size());
  for (Message& message : messages) {
    const auto of_message =
        std::ranges::equal_range(amendments, message.id, {}, &Amendment::target);
    shown.push_back(apply(std::move(message), std::span(of_message), reader));
  }
  return shown;
}

}  // namespace

Task<Result<HistoryPage>> History::page(Caller caller, HistoryRequest request) {
  const Instant began = clock_.monotonic();
  const GroupId group = request.group;
  if (request.limit < 1 || request.limit > kPageLimitMax) {
    co_return fail_field("limit", "A limit is 1 to 200.");
  }
  if (request.around && (request.before || request.after)) {
    co_return fail_field("around", "Give `around` alone, or `before` and `after`.");
  }
  const auto standing = co_await directory_.standing(group, caller.user);
  if (!standing) co_return forward(standing);
  const MessageId visible_from = first_visible((*standing)->group, (*standing)->member);

  // [visible_from, middle) is read from its end, [middle, end) from its beginning.
  Parts parts;
  MessageId middle = request.before.value_or(kLastMessageId);
  MessageId end = kLastMessageId;
  if (request.around) middle = *request.around;
  if (request.after) {
    middle = after(*request.after);
    end = request.before.value_or(kLastMessageId);
  }
  middle = std::max(middle, visible_from);
  const std::size_t wanted_before = request.after ? 0 : request.limit;
  const std::size_t wanted_after = request.after || request.around ? request.limit : 0;
  const IdRange range_before{visible_from, middle};
  auto before = co_await read_listed(messages_, group, range_before, Take::Newest, wanted_before);
  if (!before) co_return forward(before);
  parts.before = std::move(*before);
  const IdRange range_after{middle, end};
  auto found_after =
      co_await read_listed(messages_, group, range_after, Take::Oldest, wanted_after);
  if (!found_after) co_return forward(found_after);
  parts.after = std::move(*found_after);
  if (!parts.after.has_more && end < kLastMessageId) {
    const IdRange beyond{std::max(end, visible_from), kLastMessageId};
    const auto any = co_await read_listed(messages_, group, beyond, Take::Oldest, 0);
    if (!any) co_return forward(any);
    parts.after.has_more = any->has_more;
  }
  share(parts, request.limit);

  HistoryPage page;
  page.has_before = parts.before.has_more;
  page.has_after = parts.after.has_more;
  const std::size_t count_before = parts.before.messages.size();
  std::vector<Message> rows = std::move(parts.before.messages);
  std::ranges::move(parts.after.messages, std::back_inserter(rows));
  std::vector<MessageId> ids;
  ids.reserve(rows.size());
  for (const Message& row : rows) ids.push_back(row.id);
  std::vector<Amendment> amendments;
  if (!ids.empty()) {
    auto found = co_await messages_.amendments(group, std::move(ids), began);
    if (!found) co_return forward(found);
    amendments = std::move(*found);
  }
  page.messages = apply_all(std::move(rows), amendments, caller.user);

  // From the middle outwards, as much as an answer holds.
  AnswerRoom room{request.limit, kAnswerBytesMax};
  std::size_t last = count_before;
  while (last < page.messages.size() && room.take(page.messages[last].message)) ++last;
  std::size_t first = count_before;
  while (first > 0 && room.take(page.messages[first - 1].message)) --first;
  if (last < page.messages.size()) page.has_after = true;
  if (first > 0) page.has_before = true;
  page.messages.erase(page.messages.begin() + static_cast<std::ptrdiff_t>(last),
                      page.messages.end());
  page.messages.erase(page.messages.begin(),
                      page.messages.begin() + static_cast<std::ptrdiff_t>(first));
  co_return page;
}

Task<Result<ShownMessage>> History::one(Caller caller, GroupId group, MessageId id) {
  const Instant began = clock_.monotonic();
  const auto standing = co_await directory_.standing(group, caller.user);
  if (!standing) co_return forward(standing);
  const MessageId visible_from = first_visible((*standing)->group, (*standing)->member);
  if (id < visible_from) co_return fail(ErrorCode::UnknownMessage);
  const std::vector<MessageId> ids(1, id);
  auto rows = co_await messages_.read(group, ids);
  if (!rows) co_return forward(rows);
  if (rows->empty()) co_return fail(ErrorCode::UnknownMessage);
  if (is_amendment(rows->front().content.kind)) {
    auto shown = co_await hide_deleted(messages_, group, std::move(*rows), visible_from, began);
    if (!shown) co_return forward(shown);
    co_return std::move(shown->front());
  }
  const auto amendments = co_await messages_.amendments(group, ids, began);
  if (!amendments) co_return forward(amendments);
  co_return apply(std::move(rows->front()), *amendments, caller.user);
}

Task<Result<std::vector<ShownMessage>>> History::by_ids(Caller caller, GroupId group,
                                                        std::vector<MessageId> ids) {
  const Instant began = clock_.monotonic();
  if (ids.empty() || ids.size() > kIdsPerReadMax) co_return fail_field("ids", "Name 1 to 100 ids.");
  const auto standing = co_await directory_.standing(group, caller.user);
  if (!standing) co_return forward(standing);
  const MessageId visible_from = first_visible((*standing)->group, (*standing)->member);
  std::erase_if(ids, [visible_from](MessageId id) { return id < visible_from; });
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
  if (ids.empty()) co_return std::vector<ShownMessage>();

  auto rows = co_await messages_.read(group, std::move(ids));
  if (!rows) co_return forward(rows);
  AnswerRoom room{kIdsPerReadMax, kAnswerBytesMax};
  const auto beyond =
      std::ranges::find_if(*rows, [&room](const Message& row) { return !room.take(row); });
  rows->erase(beyond, rows->end());
  co_return co_await hide_deleted(messages_, group, std::move(*rows), visible_from, began);
}

}  // namespace tidings
