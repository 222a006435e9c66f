// The whole core over ports that are not the embedded ones: as in a cluster, over a store without
// an order of arrival.
#include "app/chat.h"

#include <gtest/gtest.h>

#include "adapters/memory/memory_group_queue.h"
#include "adapters/memory/memory_group_store.h"
#include "adapters/memory/memory_message_store.h"
#include "adapters/memory/memory_presence.h"
#include "adapters/memory/memory_read_mark_store.h"
#include "adapters/memory/memory_session_store.h"
#include "adapters/memory/memory_throttle.h"
#include "adapters/memory/memory_user_store.h"
#include "adapters/sodium/access_tokens.h"
#include "adapters/sodium/password_hasher.h"
#include "base/manual_clock.h"
#include "base/run_loop.h"

namespace tidings {
namespace {

// A store's clock that the test sets.
class OneClock final : public StoreClocks {
 public:
  explicit OneClock(const Clock& clock) : clock_(clock) {}
  Task<Result<std::vector<Time>>> read() override {
    co_return std::vector<Time>{clock_.now() + ahead};
  }
  milliseconds ahead{0};

 private:
  const Clock& clock_;
};

struct ChatTest : testing::Test {
  ~ChatTest() override { block_on(chat.stop()); }

  Caller sign_up(const std::string& name) {
    const auto signed_up = block_on(chat.accounts.sign_up({name, "a long password", "", "::1"}));
    EXPECT_TRUE(signed_up.has_value()) << signed_up.error().detail;
    const auto caller = block_on(chat.sessions.authenticate(signed_up->session.access_token));
    EXPECT_TRUE(caller.has_value());
    return *caller;
  }
  Result<SendReceipt> send(const Caller& from, const std::string& to, const std::string& text) {
    SendRequest request{
        MessageId{Uuid::v7(clock.now())}, {SendTarget{to, std::nullopt}}, Content{}};
    request.content.text = text;
    return block_on(chat.send_message.run(from, std::move(request)));
  }

  ManualClock clock;
  MemoryMessageStore messages{MemoryMessageStore::Plays::ManyWriters};
  MemoryGroupStore groups;
  MemoryUserStore users;
  MemorySessionStore sessions;
  MemoryReadMarkStore read_marks;
  OneClock store_clock{clock};
  MemoryGroupQueue queue{clock};
  MemoryPresence presence{clock};
  MemoryThrottle throttle{clock};
  SodiumPasswordHasher hasher{PasswordCost{}};
  SodiumAccessTokens tokens{{SodiumAccessTokens::make_seed()}};
  Chat chat{Settings{}, clock,
            BackendPorts{.messages = messages,
                         .arrivals = nullptr,
                         .groups = groups,
                         .users = users,
                         .sessions = sessions,
                         .read_marks = read_marks,
                         .store_clocks = &store_clock,
                         .queue = queue,
                         .marks_kept_max = 1'000,
                         .presence = presence,
                         .throttle = throttle,
                         .hasher = hasher,
                         .access_tokens = tokens}};
};

TEST_F(ChatTest, WhatOneSendsTheOtherPullsByRounds) {
  const Caller alice = sign_up("alice");
  const Caller bob = sign_up("bob");
  const auto sent = send(alice, "@bob", "hello");
  ASSERT_TRUE(sent.has_value()) << sent.error().detail;
  const GroupId group = *sent->targets.at(0).group;

  const auto first = block_on(chat.sync.changes(bob, {.group = group, .cursor = {}, .since = {}}));
  ASSERT_TRUE(first.has_value()) << first.error().detail;
  ASSERT_EQ(first->messages.size(), 1u);
  EXPECT_EQ(first->messages[0].message.id, sent->id);

  clock.advance(seconds(60));
  block_on(chat.clock_guard.check());
  ASSERT_TRUE(send(alice, "@bob", "are you there?").has_value());
  const auto next =
      block_on(chat.sync.changes(bob, {.group = group, .cursor = first->cursor, .since = {}}));
  ASSERT_TRUE(next.has_value()) << next.error().detail;
  ASSERT_EQ(next->messages.size(), 1u);
  EXPECT_FALSE(next->more);
  EXPECT_EQ(chat.marker.stats().recent, 1u);  // for when the queue is lost
}

TEST_F(ChatTest, AClockThatDiffersFromTheStoresStampsNothing) {
  const Caller alice = sign_up("alice");
  sign_up("bob");
  store_clock.ahead = milliseconds(700);
  block_on(chat.clock_guard.check());
  const auto refused = send(alice, "@bob", "hello");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::Unavailable);
  store_clock.ahead = milliseconds(300);
  block_on(chat.clock_guard.check());
  EXPECT_TRUE(send(alice, "@bob", "hello").has_value());
}

}  // namespace
}  // namespace tidings
