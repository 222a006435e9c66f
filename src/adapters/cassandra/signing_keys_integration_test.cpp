#include "adapters/cassandra/signing_keys.h"

#include <gtest/gtest.h>

#include <thread>

#include "adapters/cassandra/test_keyspace.h"
#include "ports/test_values.h"

namespace tidings::cassandra {
namespace {

using contract::value_of;
using std::chrono::days;
using std::chrono::minutes;

std::string seed(char of) { return std::string(32, of); }

class CassandraSigning : public testing::Test {
 protected:
  CassandraSigning() {
    keyspace_.run("DELETE FROM signing_keys WHERE purpose = 'access' IF EXISTS");
  }

  std::string signing(const SigningKeys& keys) { return keys.signing(clock_.now()).seed; }
  std::string believed(const SigningKeys& keys) {
    const auto* const key = keys.believed(clock_.now());
    return key == nullptr ? "" : key->seed;
  }

  TestKeyspace& keyspace_ = TestKeyspace::shared();
  ShiftedClock clock_;
  std::unique_ptr<CassandraSigningKeys> one_ = open_on<CassandraSigningKeys>(keyspace_, clock_);
  std::unique_ptr<CassandraSigningKeys> other_ = open_on<CassandraSigningKeys>(keyspace_, clock_);
};

TEST_F(CassandraSigning, MakesOneFirstKeyForAllWhoStartAtTheSameTime) {
  std::vector<std::string> made(4);
  std::vector<std::jthread> workers;
  for (std::size_t i = 0; i < made.size(); ++i) {
    workers.emplace_back([this, i, &mine = made[i]] {
      mine = signing(value_of(one_->load(seed(static_cast<char>('a' + i)))));
    });
  }
  workers.clear();
  EXPECT_EQ(made[0].size(), 32u);
  for (const auto& each : made) EXPECT_EQ(each, made[0]);
  EXPECT_EQ(believed(value_of(other_->load(seed('z')))), "");
}

TEST_F(CassandraSigning, AnnouncesANewKeyAfterThirtyDaysTenMinutesBeforeItSigns) {
  value_of(one_->load(seed('a')));
  clock_.shift = days(30) - seconds(30);
  EXPECT_EQ(value_of(one_->rotate_if_due(seed('b'))).keys.size(), 1u);
  clock_.shift += minutes(1);
  const auto announced = value_of(one_->rotate_if_due(seed('b')));
  EXPECT_EQ(signing(announced), seed('a'));
  EXPECT_EQ(believed(announced), seed('b'));
  EXPECT_EQ(value_of(other_->load(seed('z'))), announced);
  EXPECT_EQ(value_of(other_->rotate_if_due(seed('c'))), announced);  // not again
  clock_.shift += minutes(11);
  EXPECT_EQ(signing(announced), seed('b'));
  EXPECT_EQ(believed(announced), seed('a'));
}

TEST_F(CassandraSigning, ChangesOnceForAllWhoFindItDue) {
  value_of(one_->load(seed('a')));
  clock_.shift = days(31);
  std::vector<std::jthread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back(
        [this, i] { value_of(one_->rotate_if_due(seed(static_cast<char>('b' + i)))); });
  }
  workers.clear();
  const auto now = value_of(one_->load(seed('z')));
  EXPECT_EQ(now.version, 2u);
  ASSERT_EQ(now.keys.size(), 2u);
  EXPECT_EQ(now.keys[1].seed, seed('a'));
  EXPECT_NE(now.keys[0].seed, seed('a'));
}

TEST_F(CassandraSigning, RefusesToChangeAgainBeforeTheNewKeySigns) {
  value_of(one_->load(seed('a')));
  const auto announced = value_of(one_->rotate(seed('b')));
  const auto again = block_on(other_->rotate(seed('c')));
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::InvalidRequest);
  EXPECT_EQ(value_of(one_->load(seed('z'))), announced);
  clock_.shift += minutes(11);
  const auto next = value_of(other_->rotate(seed('c')));
  EXPECT_EQ(signing(next), seed('b'));
  EXPECT_EQ(believed(next), seed('c'));
}

TEST_F(CassandraSigning, RefusesARowThatIsDamaged) {
  value_of(one_->load(seed('a')));
  keyspace_.run("UPDATE signing_keys SET keys = 0x0100 WHERE purpose = 'access' IF version = 1");
  EXPECT_FALSE(block_on(one_->load(seed('b'))).has_value());
}

}  // namespace
}  // namespace tidings::cassandra
