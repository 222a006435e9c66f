#include "app/access_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/uuid.h"

namespace tidings {
namespace {

class AccessKeys : public testing::Test {
 protected:
  AccessKeys() : data_(std::filesystem::path(testing::TempDir()) / Uuid::v4().to_string()) {
    std::filesystem::create_directories(data_);
  }
  ~AccessKeys() override { std::filesystem::remove_all(data_); }
  std::filesystem::path file() const { return data_ / "access-keys"; }

  std::filesystem::path data_;
};

TEST_F(AccessKeys, AreMadeOnceForTheirOwnerAlone) {
  const auto made = load_access_keys(data_);
  ASSERT_TRUE(made.has_value()) << made.error().detail;
  ASSERT_EQ(made->size(), 1u);
  struct stat found{};
  ASSERT_EQ(::stat(file().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  EXPECT_EQ(load_access_keys(data_), made);
}

TEST_F(AccessKeys, AreRefusedWhenOthersMayReadThem) {
  ASSERT_TRUE(load_access_keys(data_).has_value());
  ::chmod(file().c_str(), 0640);
  EXPECT_FALSE(load_access_keys(data_).has_value());
}

TEST_F(AccessKeys, AreRefusedWhenTheyAreDamaged) {
  ASSERT_TRUE(load_access_keys(data_).has_value());
  std::ofstream(file(), std::ios::app) << "00ff";
  EXPECT_FALSE(load_access_keys(data_).has_value());
  std::ofstream(file(), std::ios::trunc) << "";
  EXPECT_FALSE(load_access_keys(data_).has_value());
}

}  // namespace
}  // namespace tidings
