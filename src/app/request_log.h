#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "app/metric_page.h"
#include "net/http_message.h"

namespace tidings {

// Counts requests by route and status and measures how long they take, and writes a line for those
// that failed or were slow (at level debug: for all).
//
// Safe from any thread, without a lock.
class RequestLog {
 public:
  explicit RequestLog(std::chrono::milliseconds slow) : slow_(slow) {}

  struct Done {
    HttpMethod method;
    std::string_view route;  // of the API's table; anything else counts as "other"
    std::string_view request_id;
    int status;
    std::chrono::microseconds took;
  };
  void add(const Done& request);

  void show(MetricPage& page) const;
  // How many requests were answered 429.
  std::uint64_t throttled() const;

 private:
  static constexpr std::size_t kRoutesMax = 48;
  static constexpr std::array<double, 13> kBoundsSeconds = {
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5};
  static constexpr std::array<int, 25> kStatuses = {101, 200, 201, 202, 204, 304, 400, 401, 403,
                                                    404, 405, 408, 409, 413, 415, 422, 426, 429,
                                                    431, 500, 501, 502, 503, 504, 505};
  struct RouteCounts {
    std::array<std::atomic<std::uint64_t>, kStatuses.size() + 1> by_status{};
    std::array<std::atomic<std::uint64_t>, kBoundsSeconds.size() + 1> by_time{};
    std::atomic<std::uint64_t> took_us{0};
  };

  std::chrono::milliseconds slow_;
  std::array<RouteCounts, kRoutesMax> routes_;
};

}  // namespace tidings
