#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <vector>

#include "adapters/rocks/check.h"
#include "adapters/rocks/database.h"
#include "adapters/rocks/stored_record.h"
#include "adapters/rocks/test_store.h"
#include "base/run_loop.h"

// Backup, restore and check.
namespace tidings::rocks {
namespace {

namespace fs = std::filesystem;

const Time kThen = from_ms(1'700'000'000'000);

GroupId group_number(int number) { return {Uuid::v5({}, "group " + std::to_string(number))}; }

Message numbered(GroupId group, int number) {
  Message message;
  message.id = MessageId::mint(kThen + seconds(number), kAlice);
  message.group = group;
  message.author = kAlice;
  message.author_name = "alice";
  message.received_at = message.sent_at() + milliseconds(20);
  message.content.text = std::string(100, static_cast<char>('a' + number % 26));
  return message;
}

// Three groups with messages, amendments, late arrivals, members and a sealed sum.
void fill(RocksStore& store) {
  User user;
  user.id = kAlice;
  user.name = "alice";
  EXPECT_TRUE(block_on(store.users().create(user)).has_value());
  for (int g = 0; g < 3; ++g) {
    const GroupId group = group_number(g);
    Group stored;
    stored.id = group;
    EXPECT_TRUE(block_on(store.groups().create(stored)).has_value());
    Member member;
    member.user = kAlice;
    member.user_name = "alice";
    EXPECT_TRUE(block_on(store.groups().compare_and_set_member(group, member)).value());
    DigestSum sum;
    std::optional<MessageId> first;
    for (int i = 0; i < 50; ++i) {
      const Message message = numbered(group, i);
      if (!first) first = message.id;
      sum.add(message.id);
      EXPECT_TRUE(block_on(store.messages().append(message, i % 10 == 0)).has_value());
    }
    Message edit = numbered(group, 1'000);
    edit.content.kind = Kind::Edit;
    edit.content.target = first;
    EXPECT_TRUE(block_on(store.messages().append(edit, false)).has_value());
    const IdRange sealed{MessageId::floor(kThen), MessageId::floor(kThen + seconds(500))};
    const auto ticket = block_on(store.messages().begin_seal(group, sealed)).value();
    EXPECT_TRUE(block_on(store.messages().seal(group, sealed, sum, ticket)).has_value());
    EXPECT_TRUE(block_on(store.messages().index_late(group, {kThen + seconds(2'000), *first})));
  }
}

std::vector<GroupId> groups_of(const CheckReport& report) {
  std::vector<GroupId> groups;
  for (const auto& problem : report.problems) {
    if (problem.group) groups.push_back(*problem.group);
  }
  return groups;
}

std::string text_of(const CheckReport& report) {
  std::string text;
  for (const auto& problem : report.problems) text += problem.what + "\n";
  return text;
}

TEST(Check, FindsNothingInASoundStore) {
  const TestDirectory directory;
  {
    const auto store = open_store(options_in(directory.path()));
    fill(*store);
    const auto report = block_on(store->check());
    ASSERT_TRUE(report.has_value());
    EXPECT_TRUE(report->is_sound()) << text_of(*report);
    EXPECT_EQ(report->groups, 3u);
    EXPECT_EQ(report->messages, 153u);
    EXPECT_EQ(report->arrivals, 156u);
    EXPECT_EQ(report->late_arrivals, 18u);
    EXPECT_EQ(report->amendments, 3u);
    EXPECT_EQ(report->sealed_sums, 3u);
    EXPECT_EQ(report->members, 3u);
    EXPECT_EQ(report->users, 1u);
  }
  const auto report = RocksStore::check(options_in(directory.path()));
  ASSERT_TRUE(report.has_value()) << report.error().detail;
  EXPECT_TRUE(report->is_sound()) << text_of(*report);
  EXPECT_EQ(report->messages, 153u);
}

TEST(Check, SaysWhichGroupLacksWhat) {
  const Message message = numbered(group_number(1), 7);
  struct Case {
    const char* expected;
    std::function<void(Database&, const Message&)> damage;
  };
  const auto remove = [](Database& database, Table table, std::string_view key) {
    EXPECT_TRUE(database.db().Delete({}, database.handle(table), slice(key)).ok());
  };
  const auto put = [](Database& database, Table table, std::string_view key, std::string value) {
    EXPECT_TRUE(database.db().Put({}, database.handle(table), slice(key), value).ok());
  };
  const Case cases[] = {
      {"A message that arrived is missing",
       [&](Database& database, const Message& at) {
         remove(database, Table::Messages, message_key(at.group, at.id).view());
       }},
      {"A damaged record: messages",
       [&](Database& database, const Message& at) {
         put(database, Table::Messages, message_key(at.group, at.id).view(), "nonsense");
       }},
      {"A message is not in the order of arrival",
       [&](Database& database, const Message& at) {
         Message more = at;
         more.id = MessageId::mint(kThen + seconds(600), kAlice);
         put(database, Table::Messages, message_key(more.group, more.id).view(), encode(more));
       }},
      {"The head is behind the order of arrival",
       [&](Database& database, const Message& at) {
         put(database, Table::Heads, StoredKey().uuid(at.group.value).view(),
             encode(Head{kThen + seconds(9'000), 1, kLastMessageId}));
       }},
      {"The head knows no message as new as the newest",
       [&](Database& database, const Message& at) {
         put(database, Table::Heads, StoredKey().uuid(at.group.value).view(),
             encode(Head{kThen + seconds(9'000), 1'000'000, at.id}));
       }},
      {"The sealed sum",
       [&](Database& database, const Message& at) {
         const IdRange sealed{MessageId::floor(kThen), MessageId::floor(kThen + seconds(500))};
         put(database, Table::Sealed, sealed_key(at.group, sealed).view(), encode(DigestSum()));
       }},
      {"The number of members",
       [&](Database& database, const Message& at) {
         put(database, Table::MemberCounts, StoredKey().uuid(at.group.value).view(), encode_u64(9));
       }},
      {"The index of a member's groups differs",
       [&](Database& database, const Message& at) {
         remove(database, Table::UserGroups, pair_key(kAlice.value, at.group.value).view());
       }},
  };
  for (const Case& each : cases) {
    const TestDirectory directory;
    MessageId id;
    {
      const auto store = open_store(options_in(directory.path()));
      fill(*store);
      id = block_on(store->messages().read_ids(message.group, {}, Take::Oldest, 10))->at(7);
    }
    Message at = message;
    at.id = id;
    each.damage(**Database::open(options_in(directory.path())), at);
    const auto report = RocksStore::check(options_in(directory.path()));
    ASSERT_TRUE(report.has_value());
    EXPECT_NE(text_of(*report).find(each.expected), std::string::npos) << text_of(*report);
    for (const GroupId group : groups_of(*report)) EXPECT_EQ(group, message.group);
    EXPECT_FALSE(groups_of(*report).empty());
  }
}

// Flips a bit in the middle of the largest file of that kind.
void flip_bit(const fs::path& db, std::string_view extension) {
  fs::path largest;
  for (const auto& entry : fs::directory_iterator(db)) {
    if (entry.path().extension() != extension) continue;
    if (largest.empty() || entry.file_size() > fs::file_size(largest)) largest = entry.path();
  }
  std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(2'000);
  const char byte = static_cast<char>(file.get());
  file.seekp(2'000);
  file.put(static_cast<char>(byte ^ 1));
}

TEST(Check, SeesAFlippedBitInAFileOnDisk) {
  const TestDirectory directory;
  {
    const auto store = open_store(options_in(directory.path()));
    fill(*store);
  }
  flip_bit(directory.path() / "db", ".sst");
  const auto report = RocksStore::check(options_in(directory.path()));
  ASSERT_TRUE(report.has_value());
  EXPECT_FALSE(report->is_sound());
  EXPECT_NE(text_of(*report).find("A file is damaged"), std::string::npos) << text_of(*report);
  EXPECT_FALSE(groups_of(*report).empty());
}

TEST(Check, SaysThatThereIsNoStore) {
  const TestDirectory directory;
  const auto report = RocksStore::check(options_in(directory.path()));
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, ErrorCode::Unavailable);
  EXPECT_TRUE(fs::is_empty(directory.path()));
}

TEST(Backup, BringsEverythingBackUnderANewEpoch) {
  const TestDirectory directory;
  const auto backup = directory.path() / "backup";
  const auto again = directory.path() / "again";
  const auto store = open_store(options_in(directory.path() / "data"));
  fill(*store);
  const auto made = block_on(store->backup_to(backup));
  ASSERT_TRUE(made.has_value()) << made.error().detail;
  EXPECT_GT(made->files, 0u);
  EXPECT_TRUE(
      block_on(store->messages().append(numbered(group_number(0), 2'000), false)).has_value());

  const auto restored = RocksStore::restore(backup, again);
  ASSERT_TRUE(restored.has_value()) << restored.error().detail;
  const auto copy = open_store(options_in(again));
  EXPECT_NE(copy->messages().epoch(), store->messages().epoch());
  const auto report = block_on(copy->check());
  EXPECT_TRUE(report->is_sound()) << text_of(*report);
  EXPECT_EQ(report->messages, 153u);
  EXPECT_EQ(block_on(copy->messages().read_range(group_number(1), {}, Take::Oldest, 100)),
            block_on(store->messages().read_range(group_number(1), {}, Take::Oldest, 100)));
}

TEST(Backup, RefusesADirectoryThatIsNotEmpty) {
  const TestDirectory directory;
  const auto store = open_store(options_in(directory.path() / "data"));
  EXPECT_EQ(block_on(store->backup_to(directory.path())).error().code, ErrorCode::InvalidRequest);
  ASSERT_TRUE(block_on(store->backup_to(directory.path() / "backup")).has_value());
  EXPECT_EQ(
      RocksStore::restore(directory.path() / "backup", directory.path() / "data").error().code,
      ErrorCode::InvalidRequest);
  EXPECT_EQ(RocksStore::restore(directory.path() / "data", directory.path() / "new").error().code,
            ErrorCode::InvalidRequest);
}

void fail_to_back_up(const fs::path& data, const fs::path& backup) {
  const auto store = open_store(options_in(data));
  const auto before = store->statistics().damage_met;
  const auto made = block_on(store->backup_to(backup));
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, ErrorCode::Internal);
  EXPECT_TRUE(made.error().detail.starts_with("The store is damaged")) << made.error().detail;
  EXPECT_TRUE(fs::is_empty(backup));
  EXPECT_EQ(store->statistics().damage_met, before + 1);
}

TEST(Backup, IsNotMadeOfADamagedStore) {
  for (const char* extension : {".sst", ".blob"}) {
    const TestDirectory directory;
    const auto data = directory.path() / "data";
    {
      const auto store = open_store(options_in(data));
      fill(*store);
      Message large = numbered(group_number(0), 3'000);  // goes into a blob file, and can't shrink
      std::minstd_rand random(1);
      large.content.text.clear();
      while (large.content.text.size() < 9'000)
        large.content.text += static_cast<char>('!' + random() % 90);
      EXPECT_TRUE(block_on(store->messages().append(large, false)).has_value());
    }
    flip_bit(data / "db", extension);
    fail_to_back_up(data, directory.path() / "backup");
  }
}

// Rewrites all tables as a version did whose manifest holds no sums of files.
void forget_sums(const fs::path& db_path) {
  rocksdb::Options options;
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(options, db_path.string(), &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> tables;
  for (const auto& name : names) tables.emplace_back(name, options);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, db_path.string(), tables, &handles, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::CompactRangeOptions everything;
  everything.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  for (auto* const handle : handles) {
    EXPECT_TRUE(db->CompactRange(everything, handle, nullptr, nullptr).ok());
    EXPECT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
}

TEST(Backup, IsNotMadeOfADamagedStoreThatHasNoSumsOfFiles) {
  const TestDirectory directory;
  const auto data = directory.path() / "data";
  fill(*open_store(options_in(data)));
  forget_sums(data / "db");
  {
    const auto store = open_store(options_in(data));
    EXPECT_TRUE(block_on(store->backup_to(directory.path() / "sound")).has_value());
  }
  flip_bit(data / "db", ".sst");
  fail_to_back_up(data, directory.path() / "backup");
}

TEST(Backup, RestoresNothingFromADamagedBackup) {
  const TestDirectory directory;
  const auto backup = directory.path() / "backup";
  {
    const auto store = open_store(options_in(directory.path() / "data"));
    fill(*store);
    ASSERT_TRUE(block_on(store->backup_to(backup)).has_value());
  }
  std::string damaged;
  for (const auto& entry : fs::recursive_directory_iterator(backup)) {
    if (entry.path().extension() != ".sst") continue;
    damaged = entry.path().filename().string();
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file.put('?');
    break;
  }
  const auto restored = RocksStore::restore(backup, directory.path() / "again");
  ASSERT_FALSE(restored.has_value());
  EXPECT_EQ(restored.error().code, ErrorCode::Internal);
  EXPECT_NE(restored.error().detail.find(damaged), std::string::npos) << restored.error().detail;
  EXPECT_FALSE(fs::exists(directory.path() / "again"));
}

}  // namespace
}  // namespace tidings::rocks
