#include "adapters/rocks/stored_record.h"

#include <gtest/gtest.h>

#include "adapters/rocks/stored_key.h"

namespace tidings::rocks {
namespace {

const Time kThen = from_ms(1'700'000'000'123);

// The record comes back; and from any part of its bytes, or any bytes that differ in one, decoding
// gives an answer.
template <class Record>
void expect_round_trip(const Record& record, Record blank) {
  const std::string bytes = encode(record);
  Record back = blank;
  ASSERT_TRUE(decode(bytes, back));
  EXPECT_EQ(back, record);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Record part = blank;
    EXPECT_FALSE(decode(std::string_view(bytes).substr(0, size), part)) << size;
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      auto damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      Record some = blank;
      decode(damaged, some);
    }
  }
  Record longer = blank;
  EXPECT_FALSE(decode(bytes + "x", longer));
}

TEST(StoredRecord, BringsAHeadBack) {
  expect_round_trip(Head{kThen, 77, MessageId{Uuid::v5({}, "id")}}, Head{});
}

TEST(StoredRecord, BringsAGroupBack) {
  const Group group{.id = {},
                    .kind = GroupKind::Direct,
                    .name = "name",
                    .description = "description",
                    .metadata = "{}",
                    .visibility = Visibility::Public,
                    .history = HistoryRule::SinceJoined,
                    .post = PostRule::Moderators,
                    .push = false,
                    .push_changed_at = kThen + seconds(1),
                    .created_at = kThen,
                    .created_by = UserId{Uuid::v5({}, "alice")},
                    .deleted_at = kThen + seconds(2),
                    .creation_digest = "digest",
                    .version = 7};
  expect_round_trip(group, Group{});
}

TEST(StoredRecord, BringsAMemberAndAMembershipBack) {
  expect_round_trip(Member{.user = {},
                           .user_name = "alice",
                           .role = Role::None,
                           .joined_at = kThen,
                           .changed_at = kThen + seconds(1),
                           .version = 7},
                    Member{});
  expect_round_trip(
      Membership{
          .group = {}, .role = Role::Owner, .joined_at = kThen, .changed_at = kThen + seconds(1)},
      Membership{});
}

TEST(StoredRecord, BringsAUserBack) {
  const User user{.id = {},
                  .name = "alice",
                  .display_name = "Alice",
                  .service = true,
                  .disabled = true,
                  .admin = true,
                  .accepts_direct = false,
                  .metadata = "{}",
                  .password_hash = "hash",
                  .status = ManualStatus::Busy,
                  .status_text = "busy",
                  .created_at = kThen,
                  .last_seen = kThen + seconds(1),
                  .ended_at = kThen + seconds(2),
                  .erased = true,
                  .version = 7};
  expect_round_trip(user, User{});
}

TEST(StoredRecord, BringsASessionAndAKeyBack) {
  const Session session{.id = {},
                        .user = UserId{Uuid::v5({}, "alice")},
                        .device = "phone",
                        .created_at = kThen,
                        .last_seen = kThen + seconds(1),
                        .refresh_hash = "one",
                        .previous_refresh_hash = "two",
                        .previous_until = kThen + seconds(2),
                        .refresh_salt = "salt",
                        .ended_at = kThen + seconds(3),
                        .version = 7};
  expect_round_trip(session, Session{});
  const ServiceKey key{.id = {},
                       .user = UserId{Uuid::v5({}, "robot")},
                       .secret_hash = "hash",
                       .may_import = true,
                       .send_burst = 10,
                       .send_per_seconds = 20,
                       .created_at = kThen,
                       .revoked_at = kThen + seconds(1)};
  expect_round_trip(key, ServiceKey{});
}

TEST(StoredRecord, RefusesAVersionItDoesNotKnow) {
  auto bytes = encode(Head{kThen, 1, {}});
  bytes[0] = 2;
  Head head;
  EXPECT_FALSE(decode(bytes, head));
}

TEST(StoredKey, SortsTheMessagesOfAGroupFromTheNewest) {
  const GroupId group{Uuid::v5({}, "group")};
  const MessageId older = MessageId::floor(kThen);
  const MessageId newer = MessageId::floor(kThen + milliseconds(1));
  const auto newer_key = message_key(group, newer);
  EXPECT_LT(newer_key.view(), message_key(group, older).view());
  EXPECT_EQ(id_in_message_key(newer_key.view()), newer);
}

TEST(StoredKey, EndsAPrefixBehindAllItsKeys) {
  EXPECT_EQ(after_prefix("ab")->view(), "ac");
  EXPECT_EQ(after_prefix("a\xFF\xFF")->view(), "b");
  EXPECT_FALSE(after_prefix("\xFF").has_value());
  EXPECT_FALSE(after_prefix("").has_value());
}

}  // namespace
}  // namespace tidings::rocks
