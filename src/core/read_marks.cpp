#include "core/read_marks.h"

#include <utility>

#include "model/limits.h"

namespace tidings {

Task<Result<void>> ReadMarks::put(Caller caller, GroupId group, std::string cursor) {
  const auto standing = co_await directory_.standing(group, caller.user);
  if (!standing) co_return forward(standing);
  auto mark = decode_cursor(cursor, group);
  if (!mark) co_return forward(mark);
  // A mark never moves back, so one of the future would be for ever.
  const bool is_of_the_future = mark->watermark > clock_.now() + kClockSkewMax;
  if (mark->more() || is_of_the_future) {
    co_return fail(ErrorCode::InvalidCursor,
                   "Only the cursor of an answer without more can be a read mark.");
  }
  co_return co_await marks_.put(caller.user, std::move(*mark));
}

Task<Result<Sync::Unread>> ReadMarks::unread(Caller caller, GroupId group) {
  auto standing = co_await directory_.standing(group, caller.user);
  if (!standing) co_return forward(standing);
  std::vector<GroupId> groups(1, group);
  auto marks = co_await marks_.get(caller.user, std::move(groups));
  if (!marks) co_return forward(marks);
  co_return co_await sync_.count_unread(std::move(*standing), std::move(marks->front()));
}

}  // namespace tidings
