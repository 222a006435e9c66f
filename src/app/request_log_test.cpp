#include "app/request_log.h"

#include <gtest/gtest.h>

#include <string>

namespace tidings {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(RequestLog, ShowsRequestsByRouteAndStatusAndTheirTimes) {
  RequestLog log{milliseconds(1'000)};
  log.add({HttpMethod::Put, "/v1/messages/{id}", "r1", 201, microseconds(800)});
  log.add({HttpMethod::Put, "/v1/messages/{id}", "r2", 201, microseconds(900)});
  log.add({HttpMethod::Put, "/v1/messages/{id}", "r3", 599, microseconds(9'000'000)});
  for (const char* unknown : {"", "/v1/unheard-of"}) {
    log.add({HttpMethod::Get, unknown, "r4", 404, microseconds(100)});
  }
  MetricPage page;
  log.show(page);
  const std::string text = page.text();
  const auto has = [&](std::string_view line) {
    EXPECT_NE(text.find(line), std::string::npos) << line << " is not in\n" << text;
  };
  has("# TYPE tidings_http_requests_total counter\n");
  has("tidings_http_requests_total{route=\"/v1/messages/{id}\",status=\"201\"} 2\n");
  has("tidings_http_requests_total{route=\"/v1/messages/{id}\",status=\"other\"} 1\n");
  has("tidings_http_request_seconds_bucket{route=\"/v1/messages/{id}\",le=\"0.0005\"} 0\n");
  has("tidings_http_request_seconds_bucket{route=\"/v1/messages/{id}\",le=\"0.001\"} 2\n");
  has("tidings_http_request_seconds_bucket{route=\"/v1/messages/{id}\",le=\"+Inf\"} 3\n");
  has("tidings_http_request_seconds_count{route=\"/v1/messages/{id}\"} 3\n");
  has("tidings_http_requests_total{route=\"other\",status=\"404\"} 2\n");
}

TEST(RequestLog, CountsThrottledRequestsOfAllRoutes) {
  RequestLog log{milliseconds(1'000)};
  log.add({HttpMethod::Put, "/v1/messages/{id}", "r1", 201, microseconds(800)});
  log.add({HttpMethod::Put, "/v1/messages/{id}", "r2", 429, microseconds(100)});
  log.add({HttpMethod::Get, "", "r3", 429, microseconds(100)});
  EXPECT_EQ(log.throttled(), 2u);
}

}  // namespace
}  // namespace tidings
