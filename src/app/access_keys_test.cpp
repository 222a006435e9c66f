#include "app/access_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/manual_clock.h"
#include "base/uuid.h"

namespace tidings {
namespace {

class AccessKeysTest : public testing::Test {
 protected:
  AccessKeysTest() : data_(std::filesystem::path(testing::TempDir()) / Uuid::v4().to_string()) {
    std::filesystem::create_directories(data_);
  }
  ~AccessKeysTest() override { std::filesystem::remove_all(data_); }

  std::filesystem::path file() const { return data_ / "access-keys"; }
  unsigned rights() const {
    struct stat found{};
    EXPECT_EQ(::stat(file().c_str(), &found), 0);
    return found.st_mode & 0777;
  }
  std::unique_ptr<AccessKeys> open() const {
    auto opened = AccessKeys::open(data_, clock_);
    EXPECT_TRUE(opened.has_value()) << opened.error().detail;
    return opened ? std::move(*opened) : nullptr;
  }
  std::string sign(const AccessKeys& keys) const {
    const AccessClaims claims{UserId{Uuid::v4()}, "alice", SessionId{Uuid::v4()},
                              clock_.now() + std::chrono::days(400)};
    return keys.tokens().sign(claims);
  }
  bool believes(const AccessKeys& keys, const std::string& token) const {
    return keys.tokens().verify(token, clock_.now()).has_value();
  }
  static std::string kid_of(const std::string& token) { return token.substr(0, token.find('.')); }

  std::filesystem::path data_;
  ManualClock clock_;
};

TEST_F(AccessKeysTest, AreMadeOnceForTheirOwnerAlone) {
  const auto made = open();
  const std::string token = sign(*made);
  EXPECT_EQ(rights(), 0600u);
  const auto again = open();
  EXPECT_TRUE(believes(*again, token));
  EXPECT_EQ(kid_of(sign(*again)), kid_of(token));
}

TEST_F(AccessKeysTest, AreRefusedWhenOthersMayReadThem) {
  open();
  ::chmod(file().c_str(), 0640);
  EXPECT_FALSE(AccessKeys::open(data_, clock_).has_value());
}

TEST_F(AccessKeysTest, AreRefusedWhenTheyAreDamaged) {
  open();
  std::ofstream(file(), std::ios::app) << "2026-11-23T16:04:05.678Z 00ff";
  EXPECT_FALSE(AccessKeys::open(data_, clock_).has_value());
  std::ofstream(file(), std::ios::trunc) << std::string(64, '0') << '\n';
  EXPECT_FALSE(AccessKeys::open(data_, clock_).has_value());
  std::ofstream(file(), std::ios::trunc) << "";
  EXPECT_FALSE(AccessKeys::open(data_, clock_).has_value());
}

TEST_F(AccessKeysTest, GiveWayAfterThirtyDaysToANewOneBesideWhichTheyAreBelieved) {
  const auto keys = open();
  const std::string first = sign(*keys);
  clock_.advance(std::chrono::days(30) - milliseconds(1));
  EXPECT_FALSE(keys->rotate_if_due().value());
  clock_.advance(milliseconds(1));
  EXPECT_TRUE(keys->rotate_if_due().value());
  EXPECT_FALSE(keys->rotate_if_due().value());
  const std::string second = sign(*keys);
  EXPECT_NE(kid_of(second), kid_of(first));
  EXPECT_TRUE(believes(*keys, first));
  EXPECT_TRUE(believes(*keys, second));
  clock_.advance(std::chrono::days(30));
  EXPECT_TRUE(keys->rotate_if_due().value());
  EXPECT_FALSE(believes(*keys, first));
  EXPECT_TRUE(believes(*keys, second));
}

TEST_F(AccessKeysTest, OutliveARestartWithTheTimeOfTheirNextChange) {
  auto keys = open();
  const std::string first = sign(*keys);
  clock_.advance(std::chrono::days(29));
  ASSERT_TRUE(keys->rotate().has_value());
  EXPECT_EQ(rights(), 0600u);
  EXPECT_FALSE(std::filesystem::exists(file().string() + ".new"));
  const std::string second = sign(*keys);
  keys = open();
  EXPECT_TRUE(believes(*keys, first));
  EXPECT_EQ(kid_of(sign(*keys)), kid_of(second));
  clock_.advance(std::chrono::days(29));
  EXPECT_FALSE(keys->rotate_if_due().value());
  clock_.advance(std::chrono::days(1));
  EXPECT_TRUE(keys->rotate_if_due().value());
}

TEST_F(AccessKeysTest, StayAsTheyAreWhenTheFileCannotBeReplaced) {
  const auto keys = open();
  const std::string token = sign(*keys);
  // What stands in the way can't be removed as a file can.
  std::filesystem::create_directories(file().string() + ".new/in the way");
  EXPECT_FALSE(keys->rotate().has_value());
  EXPECT_EQ(kid_of(sign(*keys)), kid_of(token));
  EXPECT_TRUE(believes(*open(), token));
}

}  // namespace
}  // namespace tidings
