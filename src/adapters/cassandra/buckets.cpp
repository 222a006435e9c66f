#include "adapters/cassandra/buckets.h"

#include <algorithm>

namespace tidings::cassandra {
namespace {

// A worker that writes into more buckets of one group by turns asks the store again.
constexpr std::size_t kKnownMax = 16;

// A group that says nothing for so many times as long as it took to fill a bucket is no longer as
// busy as it was then. A night after a busy day is less.
constexpr int kSilence = 100;

std::int64_t width_ms(std::int8_t width) { return kWidthsMs[static_cast<std::uint8_t>(width)]; }

}  // namespace

Bucket Bucket::around(Time time, std::int8_t width) {
  const std::int64_t ms = to_ms(time);
  return {width, from_ms(ms - ms % width_ms(width))};
}

Bucket Bucket::ending_at(Time end, std::int8_t width) {
  return {width, end - milliseconds(width_ms(width))};
}

std::int8_t width_for(std::uint64_t bytes, milliseconds took, std::uint64_t bytes_wanted) {
  const double bytes_per_ms =
      static_cast<double>(bytes) / static_cast<double>(std::max<std::int64_t>(1, took.count()));
  std::int8_t width = kWidest;
  while (width > 0 &&
         bytes_per_ms * static_cast<double>(width_ms(width)) > static_cast<double>(bytes_wanted)) {
    --width;
  }
  return width;
}

void GroupBuckets::Stretch::add(Time sent_at, std::uint64_t more) {
  from = bytes == 0 ? sent_at : std::min(from, sent_at);
  to = bytes == 0 ? sent_at : std::max(to, sent_at);
  bytes += more;
}

const GroupBuckets::Known* GroupBuckets::narrowest_around(Time sent_at) const {
  const Known* found = nullptr;
  for (const Known& known : known_) {
    if (!known.bucket.contains(sent_at)) continue;
    if (found == nullptr || known.bucket.width < found->bucket.width) found = &known;
  }
  return found;
}

const Bucket* GroupBuckets::usable(Time sent_at, const BucketRules& rules) const {
  const Known* const found = narrowest_around(sent_at);
  if (found == nullptr) return nullptr;
  const bool may_be_used = found->bytes < rules.full_bytes || found->bucket.width == 0;
  return may_be_used ? &found->bucket : nullptr;
}

Bucket GroupBuckets::advised(Time sent_at, const BucketRules& rules) const {
  std::int8_t width = kWidest;
  if (before_.bytes > 0) {
    const milliseconds silence = sent_at - before_.to;
    const bool fell_silent = silence > kSilence * (before_.to - before_.from);
    std::uint64_t bytes = now_.bytes;
    Time from = before_.to;
    if (!fell_silent) {
      bytes += before_.bytes;
      from = std::min({sent_at, before_.from, now_.bytes > 0 ? now_.from : sent_at});
    }
    const Time to = std::max({sent_at, before_.to, now_.bytes > 0 ? now_.to : sent_at});
    width = width_for(bytes, to - from, rules.wanted_bytes);
  }
  const Known* const full = narrowest_around(sent_at);
  if (full != nullptr) {
    width = std::min(width, static_cast<std::int8_t>(std::max(0, full->bucket.width - 1)));
  }
  return Bucket::around(sent_at, width);
}

void GroupBuckets::learn(Bucket registered) {
  const auto is_it = [registered](const Known& known) { return known.bucket == registered; };
  if (std::ranges::any_of(known_, is_it)) return;
  if (known_.size() == kKnownMax) {
    // A wide one would be taken for empty when it is learnt again.
    const auto width = [](const Known& known) { return known.bucket.width; };
    known_.erase(std::ranges::min_element(known_, {}, width));
  }
  known_.push_back({registered});
}

void GroupBuckets::wrote(Bucket bucket, Time sent_at, std::uint64_t bytes,
                         const BucketRules& rules) {
  for (Known& known : known_) {
    if (known.bucket == bucket) known.bytes += bytes;
  }
  now_.add(sent_at, bytes);
  if (now_.bytes < rules.full_bytes) return;
  before_ = now_;
  now_ = {};
}

}  // namespace tidings::cassandra
