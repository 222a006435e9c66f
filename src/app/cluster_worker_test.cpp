#include "app/cluster_worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "net/asio_loop.h"
#include "net/http_client.h"

namespace tidings {
namespace {

using testing::HasSubstr;

// A worker whose stores are nowhere: nobody listens on port 1.
struct ClusterWorkerTest : testing::TestWithParam<ServerRole> {
  ClusterWorkerTest() {
    set_log_level(LogLevel::Off);
    settings.listen = "127.0.0.1:0";
    settings.admin_listen = "127.0.0.1:0";
    settings.cassandra = {"127.0.0.1:1"};
    settings.redis = {"127.0.0.1:1"};
    settings.internal_secret = std::string(32, 'x');
  }
  ~ClusterWorkerTest() override { set_log_level(LogLevel::Info); }

  HttpReply ask(ClusterWorker& worker, const std::string& path) {
    const Address admin = worker.admin_address();
    HttpClient client(loop, {.host = admin.host, .port = admin.port, .ca_path = {}});
    HttpClient::Call call{.method = "GET", .target = path, .headers = {}, .body = {}};
    auto reply =
        loop.run(client.call(std::move(call), std::chrono::steady_clock::now() + seconds(5)));
    return reply ? std::move(*reply) : HttpReply{};
  }

  const SystemClock clock;
  Settings settings;
  AsioLoop loop;
};

TEST_P(ClusterWorkerTest, SaysForWhatItWaitsAndStopsBeforeItCame) {
  auto worker = ClusterWorker::start(GetParam(), settings, clock);
  ASSERT_TRUE(worker.has_value()) << worker.error().detail;
  EXPECT_EQ(ask(**worker, "/healthz").status, 200);
  const HttpReply ready = ask(**worker, "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("cassandra: "));
  EXPECT_THAT(ask(**worker, "/metrics").body, HasSubstr("tidings_ready{check=\"cassandra\"} 0"));
  EXPECT_FALSE((*worker)->failure().has_value());
  const Instant begun = std::chrono::steady_clock::now();
  (*worker)->stop(seconds(60), seconds(60));  // which are for workers that serve
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(30));
}

INSTANTIATE_TEST_SUITE_P(Roles, ClusterWorkerTest,
                         testing::Values(ServerRole::Api, ServerRole::Notify),
                         [](const auto& role) { return std::string(name_of(role.param)); });

TEST_P(ClusterWorkerTest, AnAdminAddressThatIsTakenIsSaidAtOnce) {
  auto first = ClusterWorker::start(GetParam(), settings, clock);
  ASSERT_TRUE(first.has_value());
  settings.admin_listen = format_address((*first)->admin_address());
  EXPECT_FALSE(ClusterWorker::start(GetParam(), settings, clock).has_value());
}

}  // namespace
}  // namespace tidings
