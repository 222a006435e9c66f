#include "roles/notify/socket_only_handler.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "base/run_loop.h"
#include "roles/notify/notification_handler.h"

namespace tidings {
namespace {

class SocketOnlyHandlerTest : public testing::Test {
 protected:
  HttpResponse ask(HttpMethod method, std::string_view path) {
    HttpRequest request;
    request.method = method;
    request.path = path;
    return block_on(handler.handle(std::move(request)));
  }

  ManualClock clock;
  SocketOnlyHandler handler{clock};
};

TEST_F(SocketOnlyHandlerTest, HasNothingElsewhere) {
  EXPECT_EQ(ask(HttpMethod::Get, "/v1/status").status, 404);
}

TEST_F(SocketOnlyHandlerTest, SaysWhatTheAddressOfTheSocketsTakes) {
  const auto answer = ask(HttpMethod::Post, kNotificationsPath);
  EXPECT_EQ(answer.status, 405);
  ASSERT_EQ(answer.headers.size(), 1u);
  EXPECT_EQ(answer.headers[0].first, "Allow");
  EXPECT_EQ(answer.headers[0].second, "GET");
}

}  // namespace
}  // namespace tidings
