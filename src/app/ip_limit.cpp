#include "app/ip_limit.h"

#include <arpa/inet.h>

#include <algorithm>
#include <functional>

#include "app/address.h"
#include "base/random.h"

namespace tidings {
namespace {

std::int64_t nanoseconds_of(Instant instant) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(instant.time_since_epoch()).count();
}

}  // namespace

std::string network_of(std::string_view ip) {
  constexpr std::string_view kMapped = "::ffff:";
  if (ip.starts_with(kMapped)) return std::string(ip.substr(kMapped.size()));
  in6_addr address{};
  const std::string text(ip.substr(0, ip.find('%')));
  if (::inet_pton(AF_INET6, text.c_str(), &address) != 1) return std::string(ip);
  return {reinterpret_cast<const char*>(address.s6_addr), 8};
}

IpLimit::IpLimit(Rate rate, const Clock& clock)
    : clock_(clock),
      interval_ns_(rate.count == 0 ? 0 : std::int64_t{rate.seconds} * 1'000'000'000 / rate.count),
      burst_ns_(interval_ns_ * rate.count),
      secret_(random_bytes(16)),
      spent_at_(std::make_unique<std::array<std::atomic<std::int64_t>, kSlots>>()) {
  for (auto& slot : *spent_at_) slot.store(INT64_MIN, std::memory_order_relaxed);
}

std::size_t IpLimit::slot_of(std::string_view ip) const {
  return std::hash<std::string>()(secret_ + network_of(ip)) % kSlots;
}

Result<void> IpLimit::take(std::string_view ip) {
  if (interval_ns_ == 0 || is_loopback(ip)) return {};
  std::atomic<std::int64_t>& slot = (*spent_at_)[slot_of(ip)];
  const std::int64_t now = nanoseconds_of(clock_.monotonic());
  std::int64_t spent_at = slot.load(std::memory_order_relaxed);
  while (true) {
    const std::int64_t next = std::max(spent_at, now) + interval_ns_;
    const std::int64_t ahead = next - now;
    if (ahead > burst_ns_) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      const std::int64_t wait_ms = (ahead - burst_ns_ + 999'999) / 1'000'000;
      return std::unexpected(Error{ErrorCode::TooManyRequests,
                                   "Too many requests come from this address.",
                                   {},
                                   milliseconds(wait_ms)});
    }
    if (slot.compare_exchange_weak(spent_at, next, std::memory_order_relaxed)) return {};
  }
}

}  // namespace tidings
