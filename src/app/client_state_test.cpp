#include "app/client_state.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/uuid.h"

namespace tidings {
namespace {

class ClientStateTest : public testing::Test {
 protected:
  ClientStateTest()
      : folder_(std::filesystem::path(testing::TempDir()) / Uuid::v4().to_string()),
        file_(folder_ / "deep/session.json") {}
  ~ClientStateTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  ClientStateFile file_;
};

TEST_F(ClientStateTest, IsReadAsItWasSavedByItsOwnerAlone) {
  ClientState state;
  state.server = "http://127.0.0.1:7400";
  state.name = "alice";
  state.user = "447d1b5b-dc35-42b0-89b1-3b0afd226c88";
  state.access_token = "a.b.c";
  state.expires_at = *parse_time("2026-11-23T16:04:05.678Z");
  state.refresh_token = "tdr_x";
  state.last_sent_at = *parse_time("2026-11-23T16:04:05.679Z");
  state.clock_offset = milliseconds(-1'234);
  const ClientStateFile::Lock lock(file_);
  ASSERT_TRUE(file_.save(state).has_value());
  EXPECT_EQ(file_.load(), state);
  struct stat found{};
  ASSERT_EQ(::stat(file_.path().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(ClientStateTest, WithoutAFileNobodyIsSignedIn) {
  const auto loaded = file_.load();
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, ErrorCode::UnknownSession);
}

TEST_F(ClientStateTest, WhatIsForgottenIsGoneAndMayBeForgottenAgain) {
  const ClientStateFile::Lock lock(file_);
  ASSERT_TRUE(file_.save({}).has_value());
  EXPECT_TRUE(file_.forget().has_value());
  EXPECT_EQ(file_.load().error().code, ErrorCode::UnknownSession);
  EXPECT_TRUE(file_.forget().has_value());
}

TEST_F(ClientStateTest, AFileThatIsNoStateIsRefused) {
  const ClientStateFile::Lock lock(file_);
  std::ofstream(file_.path()) << "{}";
  EXPECT_FALSE(file_.load().has_value());
}

}  // namespace
}  // namespace tidings
