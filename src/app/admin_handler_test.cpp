#include "app/admin_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/run_loop.h"
#include "base/uuid.h"

namespace tidings {
namespace {

using testing::HasSubstr;

class AdminHandlerTest : public testing::Test {
 protected:
  AdminHandlerTest()
      : data_(std::filesystem::path(testing::TempDir()) / Uuid::v4().to_string()),
        backend_(open(data_, clock_)),
        chat_(std::make_unique<Chat>(Settings{}, clock_, backend_->ports())),
        handler_(*chat_, *backend_, [] {
          return AdminHandler::Status{
              {"running", true}, {"version", "7"}, {"up_seconds", std::uint64_t{144}}};
        }) {}
  ~AdminHandlerTest() override {
    block_on(chat_->stop());
    chat_.reset();
    backend_.reset();
    std::filesystem::remove_all(data_);
  }

  static std::unique_ptr<EmbeddedBackend> open(const std::filesystem::path& data,
                                               const Clock& clock) {
    Settings settings;
    settings.data = data.string();
    return std::move(EmbeddedBackend::open(settings, clock).value());
  }

  HttpResponse get(std::string path) {
    HttpRequest request;
    request.method = HttpMethod::Get;
    request.path = std::move(path);
    return block_on(handler_.handle(std::move(request)));
  }

  const std::filesystem::path data_;
  const SystemClock clock_;
  std::unique_ptr<EmbeddedBackend> backend_;
  std::unique_ptr<Chat> chat_;
  AdminHandler handler_;
};

TEST_F(AdminHandlerTest, ShowsTheStatusByKeysOfTheirOwnTypes) {
  const auto response = get("/status");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"running":true,"version":"7","up_seconds":144})");
}

TEST_F(AdminHandlerTest, SaysThatACommandIsOfAnotherVersion) {
  const auto response = get("/nothing");
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, HasSubstr("another version"));
}

}  // namespace
}  // namespace tidings
