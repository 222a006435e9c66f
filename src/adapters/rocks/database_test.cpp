#include "adapters/rocks/database.h"

#include <gtest/gtest.h>
#include <rocksdb/listener.h>

#include <string>

#include "adapters/rocks/test_store.h"

namespace tidings::rocks {
namespace {

// Tells the database, as RocksDB does, that a table stops or takes writes.
void tell(Database& database, std::size_t table, rocksdb::WriteStallCondition condition) {
  rocksdb::WriteStallInfo info;
  info.cf_name = std::string(name_of(static_cast<Table>(table)));
  info.condition.cur = condition;
  for (const auto& listener : database.db().GetDBOptions().listeners)
    listener->OnStallConditionsChanged(info);
}

TEST(Database, IsStalledAsLongAsOneTableIs) {
  const TestDirectory directory;
  const auto opened = Database::open(options_in(directory.path()));
  ASSERT_TRUE(opened.has_value()) << opened.error().detail;
  Database& database = **opened;
  for (std::size_t one = 0; one < kTableCount; ++one) {
    for (std::size_t other = 0; other < one; ++other) {
      tell(database, one, rocksdb::WriteStallCondition::kStopped);
      tell(database, other, rocksdb::WriteStallCondition::kStopped);
      tell(database, other, rocksdb::WriteStallCondition::kNormal);
      EXPECT_TRUE(database.stalled()) << one << " after " << other;
      tell(database, one, rocksdb::WriteStallCondition::kNormal);
      EXPECT_FALSE(database.stalled());
    }
  }
}

}  // namespace
}  // namespace tidings::rocks
