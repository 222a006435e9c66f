#include "adapters/cassandra/replication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidings::cassandra {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Replication, IsRightWithThreeCopiesOnThreeNodesOrOneOnOne) {
  const std::string strategy = "org.apache.cassandra.locator.NetworkTopologyStrategy";
  const auto warnings = [&](std::string copies, std::size_t nodes) {
    return warnings_about({"tidings", "dc1", {{"class", strategy}, {"dc1", copies}}, nodes});
  };
  EXPECT_THAT(warnings("3", 3), IsEmpty());
  EXPECT_THAT(warnings("3", 30), IsEmpty());
  EXPECT_THAT(warnings("1", 1), IsEmpty());
  EXPECT_THAT(warnings("1", 3), ElementsAre(HasSubstr("takes messages with it")));
  EXPECT_THAT(warnings("2", 3), ElementsAre(HasSubstr("two of two must answer")));
  EXPECT_THAT(warnings("3", 1), ElementsAre(HasSubstr("nothing can be read or written")));
  EXPECT_THAT(warnings_about({"tidings", "dc1", {{"class", strategy}, {"dc2", "3"}}, 3}),
              ElementsAre(HasSubstr("no copies in the data centre dc1")));
  EXPECT_THAT(warnings_about({"tidings", "dc1", {{"class", "SimpleStrategy"}}, 3}),
              ElementsAre(HasSubstr("{'class': 'NetworkTopologyStrategy', 'dc1': 3}")));
}

}  // namespace
}  // namespace tidings::cassandra
