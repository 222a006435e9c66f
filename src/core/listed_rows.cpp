#include "core/listed_rows.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "core/round.h"

namespace tidings {
namespace {

// Amendments may stand in long rows: look further each time.
constexpr std::size_t kLookMax = 1'000;

}  // namespace

Task<Result<ListedRows>> read_listed(MessageStore& store, GroupId group, IdRange range, Take take,
                                     std::size_t limit) {
  const bool newest = take == Take::Newest;
  std::vector<Message> kept;  // ascending
  std::size_t look = limit + 1;
  while (kept.size() <= limit && range.from < range.to) {
    auto rows = co_await store.read_range(group, range, take, look);
    if (!rows) co_return forward(rows);
    const bool is_end = rows->size() < look;
    if (!is_end && newest) range.to = rows->front().id;
    if (!is_end && !newest) range.from = after(rows->back().id);
    std::erase_if(*rows, [](const Message& row) { return is_amendment(row.content.kind); });
    if (newest || kept.empty()) std::swap(kept, *rows);
    std::ranges::move(*rows, std::back_inserter(kept));
    if (is_end) break;
    look = std::min(look * 2, kLookMax);
  }
  const std::size_t over = kept.size() > limit ? kept.size() - limit : 0;
  const auto first_over = newest ? kept.begin() : kept.end() - static_cast<std::ptrdiff_t>(over);
  kept.erase(first_over, first_over + static_cast<std::ptrdiff_t>(over));
  co_return ListedRows{std::move(kept), over > 0};
}

}  // namespace tidings
