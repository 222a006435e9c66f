#include "roles/api/query.h"

#include <gtest/gtest.h>

#include <array>

namespace tidings {
namespace {

constexpr std::array<std::string_view, 6> kKnown = {"cursor", "limit", "since",
                                                    "fresh",  "ids",   "before"};

Query query_of(std::string_view encoded) { return {encoded, kKnown}; }

// The parameter that is refused after `take` has looked; "" for none.
template <class Take>
std::string refused(std::string_view encoded, Take take) {
  Query query = query_of(encoded);
  take(query);
  const auto done = query.finish();
  return done ? std::string() : done.error().fields.at(0).field;
}
std::string refused(std::string_view encoded) {
  return refused(encoded, [](Query&) {});
}

TEST(Query, DecodesKeysAndValues) {
  const Query query = query_of("cursor=a%2Bb+c%3D&%6Cimit=3");
  EXPECT_EQ(query.text("cursor"), "a+b+c=");
  EXPECT_EQ(query.text("limit"), "3");
  EXPECT_EQ(query.text("since"), std::nullopt);
}

TEST(Query, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(refused(""), "");
  EXPECT_EQ(refused("cursor"), "");
  EXPECT_EQ(refused("Cursor=a"), "Cursor");
  EXPECT_EQ(refused("cursor=a&x=1"), "x");
  EXPECT_EQ(refused("cursor=a&cursor=a"), "cursor");
  EXPECT_EQ(refused("cursor=a&%63ursor=b"), "cursor");
  EXPECT_EQ(refused("cursor=%zz"), "cursor");
  EXPECT_EQ(refused("cursor=%ff"), "cursor");
  EXPECT_EQ(refused("cursor=%00"), "cursor");
  EXPECT_EQ(refused("cursor=a&&limit=1"), "");
  EXPECT_EQ(refused("=a"), "");
}

TEST(Query, TakesLimitsFromOneTo200) {
  const auto limit = [](Query& query) { query.limit(); };
  EXPECT_EQ(query_of("").limit(), 50u);
  EXPECT_EQ(query_of("limit=1").limit(), 1u);
  EXPECT_EQ(query_of("limit=200").limit(), 200u);
  for (const char* text : {"limit=0", "limit=201", "limit=", "limit=-1", "limit=+1", "limit=1.0",
                           "limit=1e1", "limit=x", "limit=99999999999999999999"}) {
    EXPECT_EQ(refused(text, limit), "limit") << text;
  }
}

TEST(Query, TakesTimesFlagsListsAndBounds) {
  EXPECT_EQ(query_of("since=2026-11-23T16:04:05.678Z").time("since"), from_ms(1'795'449'845'678));
  EXPECT_EQ(query_of("since=2026-11-23T18:04:05.678+02:00").time("since"),
            from_ms(1'795'449'845'678));
  EXPECT_EQ(refused("since=yesterday", [](Query& query) { query.time("since"); }), "since");

  EXPECT_TRUE(query_of("fresh=true").flag("fresh"));
  EXPECT_FALSE(query_of("fresh=false").flag("fresh"));
  EXPECT_EQ(refused("fresh=1", [](Query& query) { query.flag("fresh"); }), "fresh");
  EXPECT_EQ(refused("fresh", [](Query& query) { query.flag("fresh"); }), "fresh");

  EXPECT_EQ(query_of("ids=a,b%2Cc").list("ids"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(refused("ids=a,,b", [](Query& query) { query.list("ids"); }), "ids");
  EXPECT_EQ(refused("ids=", [](Query& query) { query.list("ids"); }), "ids");

  const auto bound = [](Query& query) { query.bound("before"); };
  EXPECT_EQ(refused("before=0190163d-8694-739b-aea5-966c26f8ad91", bound), "");
  EXPECT_EQ(refused("before=" + MessageId::floor(from_ms(5)).to_string(), bound), "");
  EXPECT_EQ(refused("before=" + kLastMessageId.to_string(), bound), "");
  EXPECT_EQ(refused("before=0190163d-8694-439b-aea5-966c26f8ad91", bound), "before");
  EXPECT_EQ(refused("before=x", bound), "before");
}

}  // namespace
}  // namespace tidings
