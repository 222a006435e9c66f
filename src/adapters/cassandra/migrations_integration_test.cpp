#include "adapters/cassandra/migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "adapters/cassandra/schema_table.h"
#include "adapters/cassandra/testing/test_cassandra.h"

namespace tidings::cassandra {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Migration kFirst{1, "first",
                           "-- A comment; it may change.\n"
                           "CREATE TABLE IF NOT EXISTS one (\n  a int PRIMARY KEY\n);\n"
                           "CREATE TABLE IF NOT EXISTS two (a int PRIMARY KEY);\n"};
constexpr Migration kSecond{2, "second", "CREATE TABLE IF NOT EXISTS three (a int PRIMARY KEY);\n"};
// The second statement is refused: as if the process had died before it.
constexpr Migration kInterrupted{2, "second",
                                 "CREATE TABLE IF NOT EXISTS three (a int PRIMARY KEY);\n"
                                 "CREATE TABLE IF NOT EXISTS four (a nonsense PRIMARY KEY);\n"};
constexpr Migration kMended{2, "second",
                            "CREATE TABLE IF NOT EXISTS three (a int PRIMARY KEY);\n"
                            "CREATE TABLE IF NOT EXISTS four (a int PRIMARY KEY);\n"};

class CassandraMigrations : public testing::Test {
 protected:
  static MigrationRules rules(const std::vector<Migration>& migrations) {
    MigrationRules made;
    made.migrations = migrations;
    made.replication_factor = 1;
    made.lease = seconds(30);
    made.wait = seconds(60);
    return made;
  }
  std::vector<std::string> applied(const std::vector<Migration>& migrations) {
    const auto names = migrate(options_, rules(migrations));
    EXPECT_TRUE(names.has_value()) << names.error().detail;
    return names.value_or(std::vector<std::string>{"failed"});
  }
  std::vector<std::string> tables() {
    std::vector<std::string> names;
    const auto rows = TestCassandra::node().connect()->run(
        "SELECT table_name FROM system_schema.tables WHERE keyspace_name = '" + options_.keyspace +
            "'",
        seconds(10));
    for (std::size_t i = 0; i < rows->size(); ++i) names.emplace_back((*rows)[i].text(0));
    return names;
  }

  // Its own keyspace, which nobody has made.
  CqlOptions options_ = TestCassandra::node().options("k" + Uuid::v4().to_string().substr(0, 8));
};

TEST_F(CassandraMigrations, MakeAKeyspaceAndAreAppliedOnce) {
  EXPECT_THAT(applied({kFirst}), ElementsAre("first"));
  EXPECT_THAT(tables(), ElementsAre("migrations", "one", "two"));
  EXPECT_THAT(applied({kFirst}), IsEmpty());
  EXPECT_THAT(applied({kFirst, kSecond}), ElementsAre("second"));
  EXPECT_THAT(applied({kFirst, kSecond}), IsEmpty());
  const auto warnings = check_schema(options_, std::vector{kFirst, kSecond});
  ASSERT_TRUE(warnings.has_value()) << warnings.error().detail;
  EXPECT_THAT(*warnings, IsEmpty());
}

TEST_F(CassandraMigrations, AreFinishedAfterTheyWereInterrupted) {
  const std::vector interrupted{kFirst, kInterrupted};
  const auto failed = migrate(options_, rules(interrupted));
  ASSERT_FALSE(failed.has_value());
  EXPECT_THAT(failed.error().detail, HasSubstr("2 (second)"));
  EXPECT_THAT(tables(), ElementsAre("migrations", "one", "three", "two"));
  EXPECT_FALSE(check_schema(options_, std::vector{kFirst, kMended}).has_value());
  EXPECT_THAT(applied({kFirst, kMended}), ElementsAre("second"));
  EXPECT_THAT(tables(), ElementsAre("four", "migrations", "one", "three", "two"));
}

TEST_F(CassandraMigrations, AreAppliedAgainWhenACrashLeftThemUnrecorded) {
  applied({kFirst});
  auto session = TestCassandra::node().connect(options_.keyspace);
  ASSERT_TRUE(session->run("DELETE FROM migrations WHERE scope = 'schema' AND number = 1 IF EXISTS",
                           seconds(10)));
  EXPECT_THAT(applied({kFirst}), ElementsAre("first"));
}

TEST_F(CassandraMigrations, AddAColumnOnceThoughTheyAreAppliedAgain) {
  constexpr Migration kColumn{2, "column", "ALTER TABLE one ADD b boolean;\n"};
  EXPECT_THAT(applied({kFirst, kColumn}), ElementsAre("first", "column"));
  auto session = TestCassandra::node().connect(options_.keyspace);
  ASSERT_TRUE(session->run("DELETE FROM migrations WHERE scope = 'schema' AND number = 2 IF EXISTS",
                           seconds(10)));
  EXPECT_THAT(applied({kFirst, kColumn}), ElementsAre("column"));
  EXPECT_TRUE(session->run("SELECT b FROM one", seconds(10)));
}

TEST_F(CassandraMigrations, WaitForTheLeaseOfOneWhoDied) {
  applied({kFirst});
  auto session = TestCassandra::node().connect(options_.keyspace);
  SchemaTable dead(*session, options_.keyspace);
  ASSERT_EQ(dead.take_lease(seconds(2)), true);
  SchemaTable other(*session, options_.keyspace);
  EXPECT_EQ(other.take_lease(seconds(2)), false);
  EXPECT_EQ(dead.take_lease(seconds(2)), true);  // it is still there
  EXPECT_THAT(applied({kFirst, kSecond}), ElementsAre("second"));
  MigrationRules hasty = rules({});
  const std::vector migrations{kFirst, kSecond};
  hasty.migrations = migrations;
  hasty.wait = milliseconds(0);
  ASSERT_EQ(dead.take_lease(seconds(60)), true);
  const auto refused = migrate(options_, hasty);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::Unavailable);
}

TEST_F(CassandraMigrations, AreAppliedOnceByThoseWhoStartAtTheSameTime) {
  const std::vector migrations{kFirst, kSecond};
  std::vector<std::vector<std::string>> names(3);
  std::vector<std::jthread> workers;
  for (auto& mine : names) {
    workers.emplace_back([&] { mine = applied(migrations); });
  }
  workers.clear();
  std::vector<std::string> all;
  for (const auto& mine : names) all.insert(all.end(), mine.begin(), mine.end());
  EXPECT_THAT(all, ElementsAre("first", "second"));
  EXPECT_THAT(tables(), ElementsAre("migrations", "one", "three", "two"));
}

TEST_F(CassandraMigrations, LetNoWorkerStartOnAStoreWithoutASchema) {
  const auto checked = check_schema(options_, std::vector{kFirst});
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code, ErrorCode::InvalidRequest);
  EXPECT_THAT(checked.error().detail, HasSubstr("tidings admin migrate"));
}

TEST_F(CassandraMigrations, LetNoWorkerStartOnAnOlderSchema) {
  applied({kFirst});
  const auto checked = check_schema(options_, std::vector{kFirst, kSecond});
  ASSERT_FALSE(checked.has_value());
  EXPECT_THAT(checked.error().detail, HasSubstr("lacks migration 2 (second)"));
  EXPECT_THAT(checked.error().detail, HasSubstr("tidings admin migrate"));
}

TEST_F(CassandraMigrations, LetNobodyWorkOnANewerSchemaOrChangeIt) {
  applied({kFirst, kSecond});
  const auto checked = check_schema(options_, std::vector{kFirst});
  ASSERT_FALSE(checked.has_value());
  EXPECT_THAT(checked.error().detail, HasSubstr("newer than this program"));
  const std::vector migrations{kFirst};
  const auto migrated = migrate(options_, rules(migrations));
  ASSERT_FALSE(migrated.has_value());
  EXPECT_EQ(migrated.error().detail, checked.error().detail);
}

TEST_F(CassandraMigrations, AreRefusedWhenOneWasChangedAfterItWasApplied) {
  applied({kFirst, kSecond});
  const std::vector changed{kFirst, kMended};
  const auto migrated = migrate(options_, rules(changed));
  ASSERT_FALSE(migrated.has_value());
  EXPECT_THAT(migrated.error().detail, HasSubstr("2 (second)"));
}

TEST_F(CassandraMigrations, WarnOfAKeyspaceThatKnowsNoRacks) {
  ASSERT_TRUE(TestCassandra::node().connect()->run(
      "CREATE KEYSPACE " + options_.keyspace +
          " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
      seconds(10)));
  applied({kFirst});
  const auto warnings = check_schema(options_, std::vector{kFirst});
  ASSERT_TRUE(warnings.has_value()) << warnings.error().detail;
  ASSERT_EQ(warnings->size(), 1u);
  EXPECT_THAT(warnings->front(), HasSubstr("ALTER KEYSPACE " + options_.keyspace));
}

TEST_F(CassandraMigrations, RefuseANameThatIsNone) {
  options_.keyspace = "x; DROP KEYSPACE y";
  EXPECT_FALSE(migrate(options_, rules({})).has_value());
  EXPECT_FALSE(check_schema(options_, {}).has_value());
}

}  // namespace
}  // namespace tidings::cassandra
