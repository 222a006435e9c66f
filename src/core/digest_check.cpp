#include "core/digest_check.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/round.h"
#include "model/limits.h"

namespace tidings {
namespace {

// Sums are stored for windows of 12.4 days and, where those hold too many rows for one part, for
// sixteenths of them, and so on.
constexpr std::int64_t kWindowMs = std::int64_t{1} << 30;
constexpr std::int64_t kSplit = 16;
constexpr milliseconds kSealedAfter = std::chrono::hours(24 * 30);
// An answer of more parts would be no help: 10 million rows.
constexpr std::size_t kPartsMax = 1'000;

IdRange window_at(Time time, std::int64_t width) {
  const std::int64_t begin = to_ms(time) / width * width;
  return {MessageId::floor(from_ms(begin)), MessageId::floor(from_ms(begin + width))};
}

Digest part_of(const IdRange& range, const std::vector<MessageId>& ids) {
  Digest part{range.from, range.to, {}, {}, {}};
  for (const MessageId id : ids) part.sum.add(id);
  return part;
}

DigestSum total_of(const std::vector<Digest>& parts, std::size_t first = 0) {
  DigestSum sum;
  for (std::size_t i = first; i < parts.size(); ++i) sum.add(parts[i].sum);
  return sum;
}

// Joins neighbours that are one part together, and lets each begin where the one before ends.
std::vector<Digest> joined(std::vector<Digest> parts, const IdRange& asked) {
  std::vector<Digest> few;
  for (Digest& part : parts) {
    const bool joins = !few.empty() && few.back().sum.count() + part.sum.count() <= kDigestRowsMax;
    if (joins) {
      few.back().sum.add(part.sum);
    } else {
      few.push_back(std::move(part));
    }
  }
  for (std::size_t i = 0; i < few.size(); ++i) {
    if (i == 0) few[i].from = asked.from;
    few[i].to = i + 1 < few.size() ? few[i + 1].from : asked.to;
  }
  return few;
}

std::unexpected<Error> too_many_rows() {
  return fail_field("from", "This range holds too many rows. Ask for smaller ones.");
}

// One call of range(), and the parts that it found so far.
struct Walk {
  MessageStore& store;
  GroupId group;
  IdRange visible;
  Time now;
  std::vector<Digest> parts;

  // Adds the parts of `range`, which lies in one window of this width.
  Task<Result<void>> add_window(IdRange window, std::int64_t width);
  // The same, by smaller windows.
  Task<Result<void>> add_windows(IdRange range, std::int64_t width);
  // The same, without windows.
  Task<Result<void>> add_rows(IdRange range);

  bool may_be_sealed(const IdRange& window) const {
    return visible.from <= window.from && window.to <= visible.to &&
           now - window.to.sent_at() > kSealedAfter;
  }
};

Task<Result<void>> Walk::add_windows(IdRange range, std::int64_t width) {
  while (range.from < range.to) {
    const auto first = co_await store.read_ids(group, range, Take::Oldest, 1);
    if (!first) co_return forward(first);
    if (first->empty()) break;
    const IdRange window = window_at(first->front().sent_at(), width);
    auto added = co_await add_window(window, width);
    if (!added) co_return added;
    range.from = window.to;
  }
  co_return Result<void>();
}

Task<Result<void>> Walk::add_window(IdRange window, std::int64_t width) {
  const IdRange seen{std::max(window.from, visible.from), std::min(window.to, visible.to)};
  if (!may_be_sealed(window)) co_return co_await add_rows(seen);

  const auto sealed = co_await store.sealed(group, window);
  if (!sealed) co_return forward(sealed);
  if (*sealed && (*sealed)->count() <= kDigestRowsMax) {
    parts.push_back({window.from, window.to, **sealed, {}, {}});
    co_return Result<void>();
  }
  const std::size_t first_part = parts.size();
  bool is_one_part = false;
  std::optional<SealTicket> ticket;
  if (!*sealed) {
    // Before the rows are read: a sum that lacks one must never be stored.
    const auto begun = co_await store.begin_seal(group, window);
    if (begun) ticket = *begun;
    const auto ids = co_await store.read_ids(group, window, Take::Oldest, kDigestRowsMax + 1);
    if (!ids) co_return forward(ids);
    is_one_part = ids->size() <= kDigestRowsMax;
    if (is_one_part) parts.push_back(part_of(window, *ids));
  }
  if (!is_one_part) {
    Result<void> added;
    if (width > 1) {
      added = co_await add_windows(window, std::max<std::int64_t>(1, width / kSplit));
    } else {
      added = co_await add_rows(window);
    }
    if (!added) co_return added;
  }
  if (!ticket) co_return Result<void>();
  const DigestSum sum = total_of(parts, first_part);
  // Whoever cannot seal it computes it again the next time.
  (void)co_await store.seal(group, window, sum, *ticket);
  co_return Result<void>();
}

Task<Result<void>> Walk::add_rows(IdRange range) {
  while (range.from < range.to) {
    const auto ids = co_await store.read_ids(group, range, Take::Oldest, kDigestRowsMax);
    if (!ids) co_return forward(ids);
    if (!ids->empty()) parts.push_back(part_of(range, *ids));
    if (parts.size() > kPartsMax) co_return too_many_rows();
    if (ids->size() < kDigestRowsMax) break;
    range.from = after(ids->back());
    parts.back().to = range.from;
  }
  co_return Result<void>();
}

}  // namespace

Task<Result<Digest>> DigestCheck::range(Caller caller, GroupId group, IdRange range) {
  const auto standing = co_await directory_.standing(group, caller.user);
  if (!standing) co_return forward(standing);
  const MessageId visible_from = first_visible((*standing)->group, (*standing)->member);
  const IdRange visible{std::max(range.from, visible_from), range.to};
  Digest digest{range.from, range.to, {}, {}, {}};
  if (visible.from >= visible.to) co_return digest;

  auto ids = co_await messages_.read_ids(group, visible, Take::Oldest, kDigestRowsMax + 1);
  if (!ids) co_return forward(ids);
  if (ids->size() <= kDigestRowsMax) {
    digest.sum = part_of(range, *ids).sum;
    if (ids->size() <= kDigestIdsMax) digest.ids = std::move(*ids);
    co_return digest;
  }

  Walk walk{messages_, group, visible, clock_.now(), {}};
  const auto walked = co_await walk.add_windows(visible, kWindowMs);
  if (!walked) co_return forward(walked);
  digest.sum = total_of(walk.parts);
  digest.parts = joined(std::move(walk.parts), range);
  if (digest.parts.size() > kPartsMax) co_return too_many_rows();
  co_return digest;
}

Task<Result<Digest>> DigestCheck::last(Caller caller, GroupId group, std::size_t rows) {
  if (rows < 1 || rows > kDigestRowsMax) co_return fail_field("last", "Ask for 1 to 10,000 rows.");
  const auto standing = co_await directory_.standing(group, caller.user);
  if (!standing) co_return forward(standing);
  const IdRange visible{first_visible((*standing)->group, (*standing)->member), kLastMessageId};
  auto ids = co_await messages_.read_ids(group, visible, Take::Newest, rows);
  if (!ids) co_return forward(ids);

  Digest digest{ids->empty() ? visible.from : ids->front(), std::nullopt, {}, {}, {}};
  digest.sum = part_of(visible, *ids).sum;
  if (ids->size() <= kDigestIdsMax) digest.ids = std::move(*ids);
  co_return digest;
}

}  // namespace tidings
