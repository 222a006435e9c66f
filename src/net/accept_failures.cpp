#include "net/accept_failures.h"

#include <utility>

namespace tidings {
namespace {

constexpr milliseconds kSayEvery = seconds(1);

}  // namespace

std::optional<std::uint64_t> AcceptFailures::add(Instant now) {
  const std::scoped_lock lock(mutex_);
  ++unsaid_;
  if (said_at_ && now - *said_at_ < kSayEvery) return std::nullopt;
  said_at_ = now;
  return std::exchange(unsaid_, 0);
}

}  // namespace tidings
