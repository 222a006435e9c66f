#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "adapters/cassandra/bucket_registry.h"

namespace tidings::cassandra {

// Decides which buckets of a range are read next, until the rows that were asked for are known to
// be the ones nearest to the end of the range that was asked for. Pure.
//
//   while (walk.wants_buckets()) walk.add(registry page); or read walk.next_buckets(); …
class RangeWalk {
 public:
  // `now` is where most of the newest rows are.
  RangeWalk(IdRange range, Take take, Time now) : range_(range), take_(take), now_(now) {}

  void add(BucketPage page) {
    for (const Bucket bucket : page.buckets) {
      if (std::ranges::find(seen_, bucket) != seen_.end()) continue;
      seen_.push_back(bucket);
      unread_.push_back(bucket);
    }
    rest_ = page.rest;
  }

  // No row that was not found yet lies nearer to the end than this; nothing when all were found.
  std::optional<MessageId> bound() const {
    const auto unlisted = unlisted_bound();
    const Bucket* const first = nearest();
    if (first == nullptr) return unlisted;
    const MessageId unread = edge(*first);
    if (!unlisted) return unread;
    return take_ == Take::Newest ? std::max(unread, *unlisted) : std::min(unread, *unlisted);
  }

  // Whether the registry must be asked for more before anything else is read; from `rest()`.
  bool wants_buckets() const {
    const auto unlisted = unlisted_bound();
    if (!unlisted) return false;
    const Bucket* const first = nearest();
    if (first == nullptr) return true;
    return take_ == Take::Newest ? *unlisted > edge(*first) : *unlisted < edge(*first);
  }
  std::optional<Time> rest() const { return rest_; }

  // The unread buckets around the point at which reading goes on: they are read together.
  std::vector<Bucket> next_buckets() {
    const Bucket first = *nearest();
    const Time last = range_.to.sent_at();
    Time point = std::max(first.start, range_.from.sent_at());
    if (take_ == Take::Newest) point = std::min({first.end() - milliseconds(1), last, now_});
    std::vector<Bucket> next;
    std::erase_if(unread_, [&](const Bucket& bucket) {
      const bool is_next = bucket == first || bucket.contains(point);
      if (is_next) next.push_back(bucket);
      return is_next;
    });
    return next;
  }

 private:
  const Bucket* nearest() const {
    if (unread_.empty()) return nullptr;
    const auto by_end = [](const Bucket& bucket) { return bucket.end(); };
    if (take_ == Take::Newest) return &*std::ranges::max_element(unread_, {}, by_end);
    return &*std::ranges::min_element(unread_, {}, &Bucket::start);
  }
  MessageId edge(const Bucket& bucket) const {
    return MessageId::floor(take_ == Take::Newest ? bucket.end() : bucket.start);
  }
  std::optional<MessageId> unlisted_bound() const {
    if (!rest_) return std::nullopt;
    return MessageId::floor(take_ == Take::Newest ? *rest_ : *rest_ - kWidestNarrow);
  }

  const IdRange range_;
  const Take take_;
  const Time now_;
  std::vector<Bucket> seen_;
  std::vector<Bucket> unread_;
  std::optional<Time> rest_;
};

}  // namespace tidings::cassandra
