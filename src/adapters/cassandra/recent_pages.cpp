#include "adapters/cassandra/recent_pages.h"

#include <algorithm>
#include <iterator>

namespace tidings::cassandra {
namespace {

constexpr std::size_t kPagesMax = 64;  // in one shard
constexpr std::size_t kBucketsMax = 32;

}  // namespace

void RecentPages::keep(GroupId group, IdRange range, Instant asked,
                       const std::vector<Bucket>& buckets) {
  if (buckets.size() > kBucketsMax) return;
  Shard& shard = shards_.of(group);
  const std::scoped_lock lock(shard.mutex);
  const auto known = shard.pages.find(group);
  if (known != shard.pages.end() && known->second.asked > asked) return;
  if (known == shard.pages.end() && shard.pages.size() >= kPagesMax) {
    shard.pages.erase(shard.pages.begin());
  }
  shard.pages.insert_or_assign(group, Page{range, asked, buckets});
}

std::optional<std::vector<Bucket>> RecentPages::find(GroupId group, IdRange range,
                                                     Instant as_of) const {
  const Shard& shard = shards_.of(group);
  const std::scoped_lock lock(shard.mutex);
  const auto known = shard.pages.find(group);
  if (known == shard.pages.end()) return std::nullopt;
  const Page& page = known->second;
  if (page.asked < as_of || range.from < page.range.from || page.range.to < range.to) {
    return std::nullopt;
  }
  std::vector<Bucket> buckets;
  std::ranges::copy_if(page.buckets, std::back_inserter(buckets),
                       [&range](const Bucket& bucket) { return bucket.overlaps(range); });
  return buckets;
}

}  // namespace tidings::cassandra
