#include "app/admin_socket.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/run_loop.h"
#include "base/uuid.h"

namespace tidings {
namespace {

class Echo final : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    HttpResponse response;
    response.status = request.method == HttpMethod::Post ? 201 : 200;
    response.body = request.path + '|' + request.query + '|' + request.body;
    co_return response;
  }
  HttpResponse problem(const Error&, std::string_view) override { return {}; }
};

class AdminSocketTest : public testing::Test {
 protected:
  // Longer than the path of a Unix socket may be.
  AdminSocketTest()
      : root_(std::filesystem::path(testing::TempDir()) / Uuid::v4().to_string()),
        data_(root_ / std::string(120, 'd')) {
    std::filesystem::create_directories(data_);
  }
  ~AdminSocketTest() override { std::filesystem::remove_all(root_); }

  std::filesystem::path root_;
  std::filesystem::path data_;
  Echo echo_;
};

TEST_F(AdminSocketTest, CarriesACallAndItsAnswer) {
  AdminSocket socket(data_, echo_);
  ASSERT_TRUE(socket.start().has_value());
  const std::string body(300'000, 'x');
  const auto reply = call_admin_socket(data_, "POST", "/a/b?c=d", body);
  ASSERT_TRUE(reply.has_value()) << reply.error().detail;
  EXPECT_EQ(reply->status, 201);
  EXPECT_EQ(reply->body, "/a/b|c=d|" + body);
  EXPECT_EQ(call_admin_socket(data_, "GET", "/", "")->status, 200);
}

TEST_F(AdminSocketTest, IsForItsOwnerOnly) {
  AdminSocket socket(data_, echo_);
  ASSERT_TRUE(socket.start().has_value());
  struct stat found{};
  ASSERT_EQ(::stat((data_ / "admin.sock").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(AdminSocketTest, WithoutAServerSaysSo) {
  const auto missing = call_admin_socket(data_, "GET", "/", "");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::UnknownRoute);
  const auto nowhere = call_admin_socket(data_ / "nowhere", "GET", "/", "");
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_EQ(nowhere.error().code, ErrorCode::UnknownRoute);
}

TEST_F(AdminSocketTest, ReplacesASocketThatWasLeftBehindAndRemovesItsOwn) {
  std::ofstream(data_ / "admin.sock") << "left behind";
  {
    AdminSocket socket(data_, echo_);
    ASSERT_TRUE(socket.start().has_value());
    EXPECT_TRUE(call_admin_socket(data_, "GET", "/", "").has_value());
  }
  EXPECT_FALSE(std::filesystem::exists(data_ / "admin.sock"));
}

}  // namespace
}  // namespace tidings
