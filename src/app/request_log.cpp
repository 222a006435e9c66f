#include "app/request_log.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/log.h"
#include "roles/api/routes.h"

namespace tidings {
namespace {

// A small fixed set, fit for labels: first "other", then the API's, the busiest before the others.
const std::vector<std::string_view>& known_routes() {
  static const std::vector<std::string_view> kKnown = [] {
    std::vector<std::string_view> known = {"other"};
    for (const Route& route : route_table()) {
      if (std::ranges::find(known, route.path) == known.end()) known.push_back(route.path);
    }
    return known;
  }();
  return kKnown;
}

std::size_t index_of(std::string_view route) {
  const auto& known = known_routes();
  const auto found = std::ranges::find(known, route);
  return found == known.end() ? 0 : static_cast<std::size_t>(found - known.begin());
}

LogLevel level_of(int status, bool is_slow) {
  if (status == 503) return LogLevel::Warn;
  if (status >= 500) return LogLevel::Error;
  return is_slow ? LogLevel::Info : LogLevel::Debug;
}

}  // namespace

void RequestLog::add(const Done& request) {
  const std::size_t index = index_of(request.route);
  RouteCounts& route = routes_.at(index);
  const auto status = std::ranges::find(kStatuses, request.status) - kStatuses.begin();
  route.by_status[static_cast<std::size_t>(status)].fetch_add(1, std::memory_order_relaxed);
  const double took_seconds = static_cast<double>(request.took.count()) / 1e6;
  const auto bucket = std::ranges::lower_bound(kBoundsSeconds, took_seconds);
  route.by_time[static_cast<std::size_t>(bucket - kBoundsSeconds.begin())].fetch_add(
      1, std::memory_order_relaxed);
  route.took_us.fetch_add(
      static_cast<std::uint64_t>(std::max<std::int64_t>(request.took.count(), 0)),
      std::memory_order_relaxed);

  // A WebSocket is answered when it is opened; how long it lives is not the request's time.
  const LogLevel level = level_of(request.status, request.took > slow_);
  if (!log_enabled(level)) return;
  log_event(level, "http.answered",
            {{"request", request.request_id},
             {"method", method_name(request.method)},
             {"route", known_routes()[index]},
             {"status", request.status},
             {"ms", took_seconds * 1e3}});
}

std::uint64_t RequestLog::throttled() const {
  constexpr int kTooManyRequests = 429;
  const auto status = std::ranges::find(kStatuses, kTooManyRequests) - kStatuses.begin();
  std::uint64_t all = 0;
  for (const RouteCounts& route : routes_) {
    all += route.by_status[static_cast<std::size_t>(status)].load(std::memory_order_relaxed);
  }
  return all;
}

void RequestLog::show(MetricPage& page) const {
  for (std::size_t i = 0; i < known_routes().size(); ++i) {
    for (std::size_t status = 0; status <= kStatuses.size(); ++status) {
      const auto count = routes_[i].by_status[status].load(std::memory_order_relaxed);
      if (count == 0) continue;
      const std::string shown =
          status < kStatuses.size() ? std::to_string(kStatuses[status]) : "other";
      page.counter("tidings_http_requests_total", "Requests that were answered.",
                   static_cast<double>(count),
                   {{"route", std::string(known_routes()[i])}, {"status", shown}});
    }
  }
  for (std::size_t i = 0; i < known_routes().size(); ++i) {
    std::array<std::uint64_t, kBoundsSeconds.size() + 1> counts{};
    std::uint64_t all = 0;
    for (std::size_t bucket = 0; bucket < counts.size(); ++bucket) {
      counts[bucket] = routes_[i].by_time[bucket].load(std::memory_order_relaxed);
      all += counts[bucket];
    }
    if (all == 0) continue;
    page.histogram("tidings_http_request_seconds", "From the last byte of a request to its answer.",
                   kBoundsSeconds, counts,
                   static_cast<double>(routes_[i].took_us.load(std::memory_order_relaxed)) / 1e6,
                   {{"route", std::string(known_routes()[i])}});
  }
}

}  // namespace tidings
