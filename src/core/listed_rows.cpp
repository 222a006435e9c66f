#include "core/listed_rows.h"

#include <algorithm>
#include <utility>

#include "core/round.h"

namespace tidings {
namespace {

// Amendments may stand in long rows: look further each time.
constexpr std::size_t kLookMax = 1'000;

}  // namespace

Task<Result<ListedRows>> read_listed(MessageStore& store, GroupId group, IdRange range, Take take,
                                     std::size_t limit) {
  ListedRows listed;
  auto& kept = listed.messages;  // from the near end to the far one, until the return
  std::size_t look = limit + 1;
  while (kept.size() <= limit && range.from < range.to) {
    auto rows = co_await store.read_range(group, range, take, look);
    if (!rows) co_return forward(rows);
    const bool is_end = rows->size() < look;
    if (take == Take::Newest) std::ranges::reverse(*rows);
    for (Message& row : *rows) {
      if (take == Take::Newest) {
        range.to = row.id;
      } else {
        range.from = after(row.id);
      }
      if (!is_amendment(row.content.kind)) kept.push_back(std::move(row));
    }
    if (is_end) break;
    look = std::min(look * 2, kLookMax);
  }
  listed.has_more = kept.size() > limit;
  kept.resize(std::min(kept.size(), limit));
  if (take == Take::Newest) std::ranges::reverse(kept);
  co_return listed;
}

}  // namespace tidings
