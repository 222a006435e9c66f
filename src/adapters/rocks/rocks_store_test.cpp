#include "adapters/rocks/rocks_store.h"

#include <fstream>
#include <optional>
#include <thread>
#include <vector>

#include "adapters/rocks/test_store.h"
#include "base/run_loop.h"

namespace tidings::rocks {
namespace {

const Time kThen = from_ms(1'700'000'000'000);

Message text(milliseconds at, std::string body) {
  Message message;
  message.id = MessageId::mint(kThen + at, kAlice);
  message.group = kGroup;
  message.author = kAlice;
  message.author_name = "alice";
  message.received_at = kThen + at + milliseconds(20);
  message.content.text = std::move(body);
  return message;
}

TEST(RocksStore, KeepsEverythingWhenItIsOpenedAgain) {
  const TestDirectory directory;
  const Message message = text(seconds(1), "hello");
  User user;
  user.id = kAlice;
  user.name = "alice";
  StoreEpoch epoch = 0;
  {
    const auto store = open_store(options_in(directory.path()));
    epoch = store->messages().epoch();
    EXPECT_TRUE(block_on(store->messages().append(message, true)).has_value());
    EXPECT_TRUE(block_on(store->users().create(user)).has_value());
  }
  const auto store = open_store(options_in(directory.path()));
  EXPECT_NE(epoch, 0u);
  EXPECT_EQ(store->messages().epoch(), epoch);
  EXPECT_EQ(block_on(store->messages().read_range(kGroup, {}, Take::Newest, 10)),
            std::vector{message});
  EXPECT_EQ(block_on(store->arrivals().read_after(kGroup, 0, 10))->at(0).message, message);
  EXPECT_EQ(block_on(store->messages().heads({kGroup}))->at(0), message.received_at);
  EXPECT_EQ(block_on(store->users().find_by_name("alice")).value(), std::optional(user));
}

// RocksDB calls a key found, with an empty value, that it could not look for because its table is
// not open.
TEST(RocksStore, ReadsWhatLiesInATableThatIsNotOpen) {
  const TestDirectory directory;
  auto options = options_in(directory.path());
  options.open_files_max = 1;  // RocksDB makes it its least: most tables are opened when first read
  const Message message = text(seconds(1), "hello");
  ServiceKey key;
  key.id = KeyId{Uuid::v4()};
  key.user = kAlice;
  key.secret_hash = std::string(32, 's');
  User user;
  user.id = kAlice;
  user.name = "alice";
  {
    const auto store = open_store(options);
    EXPECT_TRUE(block_on(store->users().create(user)).has_value());
    EXPECT_TRUE(block_on(store->messages().append(message, false)).has_value());
    EXPECT_TRUE(block_on(store->sessions().put_key(key)).has_value());
  }
  const auto store = open_store(options);
  EXPECT_EQ(block_on(store->sessions().find_key(key.id)).value(), std::optional(key));
  EXPECT_EQ(block_on(store->messages().heads({kGroup})),
            std::vector{std::optional(message.received_at)});
  EXPECT_EQ(block_on(store->messages().read(kGroup, {message.id})), std::vector{message});
  EXPECT_EQ(block_on(store->users().find_by_name("alice")).value(), std::optional(user));
}

TEST(RocksStore, NeverGivesAPositionOutTwice) {
  const TestDirectory directory;
  std::uint64_t newest = 0;
  for (int life = 0; life < 3; ++life) {
    const auto store = open_store(options_in(directory.path()));
    EXPECT_EQ(block_on(store->arrivals().newest(kGroup)), newest);
    EXPECT_TRUE(block_on(store->messages().append(text(seconds(life), "hello"), false)));
    const auto position = *block_on(store->arrivals().newest(kGroup));
    EXPECT_GT(position, newest);
    newest = position;
  }
}

TEST(RocksStore, RefusesADirectoryThatIsInUse) {
  const TestDirectory directory;
  const auto store = open_store(options_in(directory.path()));
  const auto second = RocksStore::open(options_in(directory.path()));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::Unavailable);
  EXPECT_NE(second.error().detail.find("Another tidings is using"), std::string::npos);
}

TEST(RocksStore, RefusesADirectoryOfAnotherFormat) {
  const TestDirectory directory;
  open_store(options_in(directory.path()));
  std::ofstream(directory.path() / "FORMAT") << "tidings store 99\n";
  const auto second = RocksStore::open(options_in(directory.path()));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::InvalidRequest);
}

TEST(RocksStore, DoesNotBeginAnewWhereAStoreHasGone) {
  const TestDirectory directory;
  open_store(options_in(directory.path()));
  std::filesystem::remove_all(directory.path() / "db");
  const auto second = RocksStore::open(options_in(directory.path()));
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().detail.find("Restore from a backup"), std::string::npos);
}

TEST(RocksStore, RefusesAPlaceThatCannotBeADirectory) {
  const TestDirectory directory;
  std::ofstream(directory.path() / "file") << "not a directory";
  const auto opened = RocksStore::open(options_in(directory.path() / "file"));
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::InvalidRequest);
}

TEST(RocksStore, FinishesMakingAStoreThatACrashInterrupted) {
  const TestDirectory directory;
  std::filesystem::create_directories(directory.path() / "db.new");
  std::ofstream(directory.path() / "db.new" / "CURRENT") << "half a store";
  const auto store = open_store(options_in(directory.path()));
  EXPECT_TRUE(block_on(store->messages().append(text(seconds(1), "hello"), false)).has_value());
}

TEST(RocksStore, RefusesWritesButNotReadsWhileTheDiskHasTooLittleSpace) {
  const TestDirectory directory;
  const Message message = text(seconds(1), "hello");
  {
    const auto store = open_store(options_in(directory.path()));
    EXPECT_TRUE(block_on(store->messages().append(message, false)).has_value());
  }
  auto options = options_in(directory.path());
  options.disk_reserve_bytes = std::filesystem::space(directory.path()).capacity * 2;
  const auto store = open_store(options);
  // The watch thread looks at once; until then writes are accepted.
  while (store->healthy()) std::this_thread::yield();
  const auto refused = block_on(store->messages().append(text(seconds(2), "more"), false));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::Unavailable);
  EXPECT_EQ(block_on(store->messages().read(kGroup, {message.id})), std::vector{message});
}

}  // namespace
}  // namespace tidings::rocks
