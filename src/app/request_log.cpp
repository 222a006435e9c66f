#include "app/request_log.h"

#include <algorithm>
#include <string>

#include "base/log.h"

namespace tidings {
namespace {

constexpr std::array<std::string_view, 32> kRoutes = {
    "other",
    "/v1/accounts",
    "/v1/sessions",
    "/v1/sessions/refresh",
    "/v1/sessions/{id}",
    "/v1/me",
    "/v1/me/password",
    "/v1/me/status",
    "/v1/me/blocks/{name}",
    "/v1/users/{name}",
    "/v1/groups",
    "/v1/groups/{id}",
    "/v1/groups/{id}/members",
    "/v1/groups/{id}/members/{name}",
    "/v1/groups/{id}/join",
    "/v1/groups/{id}/changes",
    "/v1/groups/{id}/messages",
    "/v1/groups/{id}/messages/{id}",
    "/v1/groups/{id}/digest",
    "/v1/groups/{id}/read",
    "/v1/messages",
    "/v1/messages/{id}",
    "/v1/pull",
    "/v1/status",
    "/v1/notifications",
    "/v1/openapi.json",
    "/problems/{code}",
    "/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/favicon.ico",
};

// Cuts the first segment, with its slash, off `path`.
std::string_view take_segment(std::string_view& path) {
  const auto end = std::min(path.find('/', 1), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool fits(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_segment(pattern);
    const std::string_view segment = take_segment(path);
    if (!wanted.starts_with("/{") && wanted != segment) return false;
  }
  return pattern.empty() && path.empty();
}

std::string_view method_name(HttpMethod method) {
  switch (method) {
    case HttpMethod::Get:
      return "GET";
    case HttpMethod::Head:
      return "HEAD";
    case HttpMethod::Post:
      return "POST";
    case HttpMethod::Put:
      return "PUT";
    case HttpMethod::Patch:
      return "PATCH";
    case HttpMethod::Delete:
      return "DELETE";
    case HttpMethod::Options:
      return "OPTIONS";
    case HttpMethod::Other:
      break;
  }
  return "other";
}

LogLevel level_of(int status, bool is_slow) {
  if (status == 503) return LogLevel::Warn;
  if (status >= 500) return LogLevel::Error;
  return is_slow ? LogLevel::Info : LogLevel::Debug;
}

}  // namespace

// The first pattern that fits wins: those with words stand before those with {…}.
std::size_t route_of(std::string_view path) {
  for (std::size_t i = 1; i < kRoutes.size(); ++i) {
    if (fits(kRoutes[i], path)) return i;
  }
  return 0;
}

std::string_view route_name(std::size_t route) { return kRoutes[route]; }
std::size_t route_count() { return kRoutes.size(); }

void RequestLog::add(const Done& request) {
  static_assert(kRoutes.size() <= kRoutesMax);
  const std::size_t index = route_of(request.path);
  Route& route = routes_[index];
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
             {"route", route_name(index)},
             {"status", request.status},
             {"ms", took_seconds * 1e3}});
}

void RequestLog::show(MetricPage& page) const {
  for (std::size_t i = 0; i < kRoutes.size(); ++i) {
    for (std::size_t status = 0; status <= kStatuses.size(); ++status) {
      const auto count = routes_[i].by_status[status].load(std::memory_order_relaxed);
      if (count == 0) continue;
      const std::string shown =
          status < kStatuses.size() ? std::to_string(kStatuses[status]) : "other";
      page.counter("tidings_http_requests_total", "Requests that were answered.",
                   static_cast<double>(count),
                   {{"route", std::string(kRoutes[i])}, {"status", shown}});
    }
  }
  for (std::size_t i = 0; i < kRoutes.size(); ++i) {
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
                   {{"route", std::string(kRoutes[i])}});
  }
}

}  // namespace tidings
