#include "bridge/with_keyspace.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

TEST(WithKeyspace, NamesItBeforeEachTable) {
  EXPECT_EQ(with_keyspace("SELECT a, from_id FROM rows WHERE a = ?", "ks"),
            "SELECT a, from_id FROM ks.rows WHERE a = ?");
  EXPECT_EQ(with_keyspace("INSERT INTO rows (a) VALUES (?)", "ks"),
            "INSERT INTO ks.rows (a) VALUES (?)");
  EXPECT_EQ(with_keyspace("UPDATE rows SET a = ?", "ks"), "UPDATE ks.rows SET a = ?");
  EXPECT_EQ(with_keyspace("DELETE FROM rows USING TIMESTAMP ? WHERE a = ?", "ks"),
            "DELETE FROM ks.rows USING TIMESTAMP ? WHERE a = ?");
  EXPECT_EQ(with_keyspace("CREATE TABLE IF NOT EXISTS rows (a int)", "ks"),
            "CREATE TABLE IF NOT EXISTS ks.rows (a int)");
  EXPECT_EQ(with_keyspace("ALTER TABLE rows ADD b int", "ks"), "ALTER TABLE ks.rows ADD b int");
}

TEST(WithKeyspace, LeavesATableOfAnotherKeyspaceAlone) {
  EXPECT_EQ(with_keyspace("SELECT key FROM system.local", "ks"), "SELECT key FROM system.local");
  EXPECT_EQ(with_keyspace("CREATE TABLE IF NOT EXISTS other.rows (a int)", "ks"),
            "CREATE TABLE IF NOT EXISTS other.rows (a int)");
}

TEST(WithKeyspace, ChangesNothingWhereThereIsNone) {
  EXPECT_EQ(with_keyspace("SELECT a FROM rows", ""), "SELECT a FROM rows");
}

}  // namespace
}  // namespace tidings
