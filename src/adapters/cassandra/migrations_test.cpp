#include "adapters/cassandra/migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidings::cassandra {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(StatementsOfMigrations, EndWithASemicolonAtTheEndOfALine) {
  EXPECT_THAT(statements_of("-- a;\nb ';' c;\n\n  d\n  -- e;\n  f;  \ng"),
              ElementsAre("b ';' c", "d f", "g"));
  EXPECT_THAT(statements_of("-- nothing\n"), IsEmpty());
}

TEST(StatementsOfMigrations, AreWhatAChecksumIsOf) {
  const Migration one{1, "one", "CREATE TABLE one (a int PRIMARY KEY);\n"};
  const Migration commented{1, "one", "-- Why.\nCREATE TABLE one (a int PRIMARY KEY);\n"};
  const Migration another{1, "one", "CREATE TABLE one (b int PRIMARY KEY);\n"};
  EXPECT_EQ(checksum_of(commented), checksum_of(one));
  EXPECT_NE(checksum_of(another), checksum_of(one));
}

TEST(StatementsOfMigrations, ThatAddAColumnAreKnown) {
  EXPECT_EQ(added_column("ALTER TABLE users ADD admin boolean"), (AddedColumn{"users", "admin"}));
  for (const char* other :
       {"", "ALTER TABLE users ADD", "ALTER TABLE users ADD admin",
        "ALTER TABLE users DROP admin x", "CREATE TABLE users ADD admin boolean",
        "ALTER TABLE users ADD IF NOT EXISTS admin boolean"})
    EXPECT_EQ(added_column(other), std::nullopt) << other;
}

TEST(StatementsOfMigrations, MayAllBeRepeated) {
  ASSERT_FALSE(all_migrations().empty());
  int last = 0;
  for (const Migration& migration : all_migrations()) {
    EXPECT_GT(migration.number, last);
    last = migration.number;
    for (const auto& statement : statements_of(migration.text)) {
      if (added_column(statement)) continue;
      EXPECT_THAT(statement, HasSubstr("IF NOT EXISTS")) << migration.name;
    }
  }
}

}  // namespace
}  // namespace tidings::cassandra
