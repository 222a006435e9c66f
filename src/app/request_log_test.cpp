#include "app/request_log.h"

#include <gtest/gtest.h>

#include <string>

namespace tidings {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

std::string route(std::string_view path) { return std::string(route_name(route_of(path))); }

TEST(RequestLog, PathsFallIntoAFixedSetOfRoutes) {
  EXPECT_EQ(route("/v1/messages/018f4c1e-0000-7000-8000-000000000000"), "/v1/messages/{id}");
  EXPECT_EQ(route("/v1/sessions/refresh"), "/v1/sessions/refresh");
  EXPECT_EQ(route("/v1/sessions/x"), "/v1/sessions/{id}");
  EXPECT_EQ(route("/v1/groups/x/members/@bob"), "/v1/groups/{id}/members/{name}");
  EXPECT_EQ(route("/v1/groups/x/members"), "/v1/groups/{id}/members");
  EXPECT_EQ(route("/"), "/");
  for (const char* other : {"", "x", "/v1", "/v2/me", "/v1/me/", "/v1/groups/x/unheard-of",
                            "/v1/groups/x/messages/y/z", "//", "/../../etc/passwd"}) {
    EXPECT_EQ(route(other), "other") << other;
  }
}

TEST(RequestLog, ShowsRequestsByRouteAndStatusAndTheirTimes) {
  RequestLog log{milliseconds(1'000)};
  log.add({HttpMethod::Put, "/v1/messages/a", "r1", 201, microseconds(800)});
  log.add({HttpMethod::Put, "/v1/messages/b", "r2", 201, microseconds(900)});
  log.add({HttpMethod::Put, "/v1/messages/c", "r3", 599, microseconds(9'000'000)});
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
  EXPECT_EQ(text.find("/v1/messages/a"), std::string::npos);
}

}  // namespace
}  // namespace tidings
