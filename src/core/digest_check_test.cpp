#include "core/digest_check.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/test_world.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

class DigestCheckTest : public testing::Test {
 protected:
  Result<Digest> range(IdRange asked, const std::string& reader = "bob") {
    return world.run(world.digests.range(world.user(reader), group, asked));
  }
  Result<Digest> last(std::size_t rows, const std::string& reader = "bob") {
    return world.run(world.digests.last(world.user(reader), group, rows));
  }
  // Straight into the store: one every `apart`, from `first` on.
  void fill(Time first, int count, milliseconds apart) {
    const UserId author = world.user("alice").user;
    for (int i = 0; i < count; ++i) {
      Message message;
      message.id = MessageId::mint(first + i * apart, author);
      message.group = group;
      message.author = author;
      message.received_at = message.id.sent_at();
      ASSERT_TRUE(world.run(world.messages.append(message, false)));
      ids.push_back(message.id);
    }
  }
  static DigestSum sum_of(const std::vector<MessageId>& ids) {
    DigestSum sum;
    for (const MessageId id : ids) sum.add(id);
    return sum;
  }
  void expect_parts_cover(const Digest& digest) {
    ASSERT_FALSE(digest.parts.empty());
    EXPECT_EQ(digest.parts.front().from, digest.from);
    EXPECT_EQ(digest.parts.back().to, digest.to);
    DigestSum total;
    for (std::size_t i = 0; i < digest.parts.size(); ++i) {
      const Digest& part = digest.parts[i];
      if (i > 0) {
        EXPECT_EQ(part.from, digest.parts[i - 1].to);
      }
      EXPECT_LE(part.sum.count(), kDigestRowsMax);
      DigestSum own;
      for (const MessageId id : ids) {
        if (IdRange{part.from, *part.to}.contains(id)) own.add(id);
      }
      EXPECT_EQ(part.sum, own) << "part " << i;
      total.add(part.sum);
    }
    EXPECT_EQ(digest.sum, total);
    EXPECT_EQ(digest.sum, sum_of(ids));
  }

  World world;
  const GroupId group = world.group({"alice", "bob"});
  std::vector<MessageId> ids;
};

TEST_F(DigestCheckTest, ARangeHoldsItsBeginAndNotItsEnd) {
  fill(world.clock.now(), 4, 1ms);
  const auto digest = range({ids[1], ids[3]});
  EXPECT_EQ(digest->from, ids[1]);
  EXPECT_EQ(digest->to, ids[3]);
  EXPECT_EQ(digest->ids, (std::vector{ids[1], ids[2]}));
  EXPECT_EQ(digest->sum, sum_of({ids[1], ids[2]}));
}

TEST_F(DigestCheckTest, AmendmentsCount) {
  const auto said = world.say("alice", group, "hello");
  Content removal;
  removal.kind = Kind::Delete;
  removal.target = *said;
  ASSERT_TRUE(world.send(world.draft("alice", group, removal)));
  EXPECT_EQ(last(10)->sum.count(), 2u);
}

TEST_F(DigestCheckTest, IdsAreNamedUpTo256) {
  fill(world.clock.now(), 256, 1ms);
  EXPECT_EQ(range({})->ids, ids);
  fill(world.clock.now() + 1s, 1, 1ms);
  EXPECT_TRUE(range({})->ids.empty());
  EXPECT_EQ(range({})->sum, sum_of(ids));
}

TEST_F(DigestCheckTest, TheLastRowsBeginAtTheOldestOfThem) {
  fill(world.clock.now(), 300, 1ms);
  const auto digest = last(256);
  EXPECT_EQ(digest->from, ids[300 - 256]);
  EXPECT_FALSE(digest->to.has_value());
  EXPECT_EQ(digest->ids, std::vector(ids.begin() + (300 - 256), ids.end()));
  EXPECT_EQ(digest->sum, sum_of(digest->ids));
  EXPECT_EQ(last(10'000)->sum, sum_of(ids));
}

TEST_F(DigestCheckTest, TheLastOfAnEmptyGroupIsNothing) {
  EXPECT_EQ(last(256)->sum.count(), 0u);
  EXPECT_TRUE(last(256)->ids.empty());
}

TEST_F(DigestCheckTest, LastIsOneToTenThousand) {
  EXPECT_TRUE(last(1));
  EXPECT_TRUE(last(10'000));
  EXPECT_EQ(last(0).error().code, ErrorCode::InvalidRequest);
  EXPECT_EQ(last(10'001).error().code, ErrorCode::InvalidRequest);
  EXPECT_EQ(last(1, "carol").error().code, ErrorCode::UnknownGroup);
  EXPECT_EQ(range({}, "carol").error().code, ErrorCode::UnknownGroup);
}

TEST_F(DigestCheckTest, MoreThanTenThousandRowsComeInPartsThatFollowEachOther) {
  fill(world.clock.now() - 100h, 10'000, 30s);
  EXPECT_TRUE(range({})->parts.empty());
  fill(world.clock.now(), 1, 1ms);
  const auto digest = range({});
  EXPECT_GE(digest->parts.size(), 2u);
  expect_parts_cover(*digest);
}

TEST_F(DigestCheckTest, ManyRowsOfOneMillisecondComeInPartsToo) {
  fill(world.clock.now(), 10'001, 0ms);
  std::ranges::sort(ids);
  expect_parts_cover(*range({}));
}

TEST_F(DigestCheckTest, SealedSumsAnswerForWhatIsOldAndAreUnsealedByAnImport) {
  fill(world.clock.now() - 2'400h, 10'500, 5min);
  const auto first = range({});
  expect_parts_cover(*first);
  const auto again = range({});
  EXPECT_EQ(again->parts.size(), first->parts.size());
  expect_parts_cover(*again);
  fill(world.clock.now() - 2'000h, 1, 1ms);  // imported between them
  expect_parts_cover(*range({}));
}

TEST_F(DigestCheckTest, WhoJoinedLaterIsToldOfNothingFromBeforeWhereTheGroupSaysSo) {
  Group wanted;
  wanted.history = HistoryRule::SinceJoined;
  const GroupId closed = world.group({"alice"}, wanted);
  const auto before = world.say("alice", closed, "before");
  world.advance(1s);
  world.put(closed, "bob", Role::Member);
  const auto after = world.say("alice", closed, "after");
  const auto all = world.run(world.digests.range(world.user("bob"), closed, {}));
  EXPECT_EQ(all->ids, std::vector{*after});
  const auto newest = world.run(world.digests.last(world.user("bob"), closed, 10));
  EXPECT_EQ(newest->ids, std::vector{*after});
  const IdRange hidden{*before, MessageId::floor(world.clock.now() - 500ms)};
  EXPECT_EQ(world.run(world.digests.range(world.user("bob"), closed, hidden))->sum.count(), 0u);
}

}  // namespace
}  // namespace tidings
