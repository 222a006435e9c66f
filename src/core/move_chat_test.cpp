#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "adapters/memory/memory_group_store.h"
#include "adapters/memory/memory_message_store.h"
#include "adapters/memory/memory_read_mark_store.h"
#include "adapters/memory/memory_session_store.h"
#include "adapters/memory/memory_user_store.h"
#include "base/run_loop.h"
#include "core/export_chat.h"
#include "core/import_chat.h"
#include "core/round.h"
#include "ports/test_values.h"
#include "wire/archive_json.h"

namespace tidings {
namespace {

using Plays = MemoryMessageStore::Plays;
using contract::kStart;

// How many more writes are let through before the process "is killed". The last one happens or not,
// as the test says: nobody heard of it.
struct Life {
  std::size_t writes_left = std::size_t(-1);
  bool last_one_happens = false;
  std::size_t writes = 0;

  bool is_over() const { return writes_left == 0; }
};

// Lets a write happen, unless life is over.
template <class T>
Task<Result<T>> live(Life& life, Task<Result<T>> write) {
  ++life.writes;
  if (life.is_over()) co_return fail(ErrorCode::Internal, "killed");
  --life.writes_left;
  if (life.is_over() && !life.last_one_happens) co_return fail(ErrorCode::Internal, "killed");
  auto result = co_await std::move(write);
  if (life.is_over()) co_return fail(ErrorCode::Internal, "killed");
  co_return result;
}

class MortalMessages final : public MessageStore {
 public:
  MortalMessages(MemoryMessageStore& store, Life& life) : store_(store), life_(life) {}

  Task<Result<std::optional<Message>>> append(Message message, bool late) override {
    return live(life_, store_.append(std::move(message), late));
  }
  Task<Result<void>> index_late(GroupId group, LateArrival arrival) override {
    return live(life_, store_.index_late(group, arrival));
  }
  Task<Result<std::vector<Message>>> read(GroupId group, std::vector<MessageId> ids) override {
    return store_.read(group, std::move(ids));
  }
  Task<Result<std::vector<Message>>> read_range(GroupId group, IdRange range, Take take,
                                                std::size_t limit) override {
    return store_.read_range(group, range, take, limit);
  }
  Task<Result<std::vector<MessageId>>> read_ids(GroupId group, IdRange range, Take take,
                                                std::size_t limit) override {
    return store_.read_ids(group, range, take, limit);
  }
  Task<Result<std::vector<LateArrival>>> read_late(GroupId group, LateArrival after,
                                                   std::size_t limit) override {
    return store_.read_late(group, after, limit);
  }
  Task<Result<std::vector<Amendment>>> amendments(GroupId group, std::vector<MessageId> targets,
                                                  Instant as_of) override {
    return store_.amendments(group, std::move(targets), as_of);
  }
  Task<Result<std::vector<std::optional<Time>>>> heads(std::vector<GroupId> groups) override {
    return store_.heads(std::move(groups));
  }
  Task<Result<void>> touch(GroupId group, Time at) override {
    return live(life_, store_.touch(group, at));
  }
  Task<Result<void>> erase(GroupId group, MessageId id) override {
    return live(life_, store_.erase(group, id));
  }
  Task<Result<std::optional<DigestSum>>> sealed(GroupId group, IdRange range) override {
    return store_.sealed(group, range);
  }
  Task<Result<SealTicket>> begin_seal(GroupId group, IdRange range) override {
    return store_.begin_seal(group, range);
  }
  Task<Result<void>> seal(GroupId group, IdRange range, DigestSum sum, SealTicket ticket) override {
    return store_.seal(group, range, sum, ticket);
  }
  StoreEpoch epoch() const override { return store_.epoch(); }

 private:
  MemoryMessageStore& store_;
  Life& life_;
};

class MortalGroups final : public MemoryGroupStore {
 public:
  explicit MortalGroups(Life& life) : life_(life) {}
  Task<Result<std::optional<Group>>> create(Group group) override {
    return live(life_, MemoryGroupStore::create(std::move(group)));
  }
  Task<Result<bool>> compare_and_set(Group group) override {
    return live(life_, MemoryGroupStore::compare_and_set(std::move(group)));
  }
  Task<Result<bool>> compare_and_set_member(GroupId group, Member member) override {
    return live(life_, MemoryGroupStore::compare_and_set_member(group, std::move(member)));
  }

 private:
  Life& life_;
};

class MortalUsers final : public MemoryUserStore {
 public:
  explicit MortalUsers(Life& life) : life_(life) {}
  Task<Result<std::optional<User>>> create(User user) override {
    return live(life_, MemoryUserStore::create(std::move(user)));
  }
  Task<Result<bool>> compare_and_set(User user) override {
    return live(life_, MemoryUserStore::compare_and_set(std::move(user)));
  }
  Task<Result<void>> put_block(UserId blocker, UserId blocked, bool is_blocked) override {
    return live(life_, MemoryUserStore::put_block(blocker, blocked, is_blocked));
  }

 private:
  Life& life_;
};

// One store of everything.
struct Store {
  explicit Store(Plays plays) : rows(plays) {}

  Life life;
  MemoryMessageStore rows;
  MortalMessages messages{rows, life};
  MortalGroups groups{life};
  MortalUsers users{life};
  MemorySessionStore sessions;
  MemoryReadMarkStore marks;

  ChatStores all() { return {messages, groups, users, sessions, marks}; }
  Result<void> renew_epoch() {
    rows.begin_epoch(rows.epoch() + 1);
    return {};
  }
};

// An archive in memory, as the text that a file would hold.
class TestArchive final : public ArchiveWriter, public ArchiveReader {
 public:
  static constexpr std::size_t kPart = 7;  // messages that are certain together

  bool has(ArchiveKind kind) const override { return finished_[at(kind)]; }
  std::optional<std::pair<GroupId, MessageId>> last_message() const override {
    if (opened_with_ == 0) return {};
    const auto record =
        decode_record(ArchiveKind::Messages, lines(ArchiveKind::Messages).at(opened_with_ - 1));
    const auto& message = std::get<Message>(*record);
    return std::pair(message.group, message.id);
  }
  Result<void> add(const ArchiveRecord& record) override {
    if (adds_left-- == 0) return fail(ErrorCode::Internal, "killed");
    lines_[record.index()].push_back(encode_record(record));
    return {};
  }
  Result<void> finish(ArchiveKind kind) override {
    finished_[at(kind)] = true;
    return {};
  }
  // As another process would find it.
  void reopen() {
    adds_left = std::size_t(-1);
    for (std::size_t kind = 0; kind < kArchiveKinds; ++kind) {
      if (finished_[kind]) continue;
      auto& lines = lines_[kind];
      lines.resize(kind == at(ArchiveKind::Messages) ? lines.size() / kPart * kPart : 0);
    }
    opened_with_ = lines(ArchiveKind::Messages).size();
  }

  Result<std::optional<ArchiveRecord>> next() override {
    while (kind_ < kArchiveKinds && line_ == lines_[kind_].size()) {
      ++kind_;
      line_ = 0;
    }
    if (kind_ == kArchiveKinds) return std::optional<ArchiveRecord>();
    if (reads_left-- == 0) return fail(ErrorCode::InvalidRequest, "damaged");
    auto record = decode_record(static_cast<ArchiveKind>(kind_), lines_[kind_][line_++]);
    if (!record) return forward(record);
    return std::optional(std::move(*record));
  }
  Result<void> rewind() override {
    kind_ = line_ = 0;
    return {};
  }

  const std::vector<std::string>& lines(ArchiveKind kind) const { return lines_[at(kind)]; }
  bool operator==(const TestArchive& other) const { return lines_ == other.lines_; }

  std::size_t adds_left = std::size_t(-1);
  std::size_t reads_left = std::size_t(-1);

 private:
  static std::size_t at(ArchiveKind kind) { return static_cast<std::size_t>(kind); }

  std::array<std::vector<std::string>, kArchiveKinds> lines_;
  std::array<bool, kArchiveKinds> finished_{};
  std::size_t opened_with_ = 0;
  std::size_t kind_ = 0;
  std::size_t line_ = 0;
};

template <class T>
T value_of(Task<Result<T>> task) {
  auto result = block_on(std::move(task));
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().detail);
  if constexpr (!std::is_void_v<T>) return result ? std::move(*result) : T{};
}

Result<void> export_from(Store& store, TestArchive& archive) {
  ExportChat exporting(store.all(), [](std::string_view, std::size_t, std::size_t) {});
  return block_on(exporting.run(archive));
}

Result<ImportChat::Report> import_into(Store& store, TestArchive& archive) {
  EXPECT_TRUE(archive.rewind());
  ImportChat importing(
      store.all(), [&store] { return store.renew_epoch(); }, encode_record,
      [](std::string_view, std::size_t, std::size_t) {});
  return block_on(importing.run(archive));
}

TestArchive archive_of(Store& store) {
  TestArchive archive;
  EXPECT_TRUE(export_from(store, archive));
  return archive;
}

// Chats in which everything happens that can, as a seed decides.
class Chat {
 public:
  Chat(Store& store, std::uint32_t seed) : store_(store), random_(seed) {}

  std::vector<User> people;
  std::vector<GroupId> groups;
  std::map<GroupId, std::vector<Message>> said;

  void happen(std::size_t rows) {
    for (int i = 0; i < 6; ++i) add_person(i);
    for (const User& each : people) {
      if (one_in(2)) value_of(store_.users.put_block(each.id, any(people).id, true));
    }
    for (int i = 0; i < 4; ++i) add_group(i);
    for (std::size_t i = 0; i < rows; ++i) say(any(groups));
    for (const GroupId group : groups) mark(group);
    end(people.front());
    Group last = value_of(store_.groups.find(groups.back())).value();
    last.deleted_at = now_;
    value_of(store_.groups.compare_and_set(last));
    value_of(store_.messages.touch(groups.back(), now_));
  }

  void say(GroupId group) {
    now_ += milliseconds(1 + below(3'000));
    const User& author = any(people);
    const auto& before = said[group];
    const Time sent_at =
        one_in(4) ? now_ - seconds(below(100'000)) : now_ - milliseconds(below(900));
    Message message = contract::text_message(group, author.id, sent_at, now_, "");
    message.author_name = author.name;
    message.content = before.empty() ? text() : content(author, any(before));
    const bool late = message.is_late();
    value_of(store_.messages.append(message, late));
    if (late && one_in(3)) {  // and once more
      value_of(store_.messages.index_late(group, {now_ + seconds(9), message.id}));
    }
    said[group].push_back(std::move(message));
  }

  // What an account's end does: nothing is left of it but who said something when.
  void end(User& user) {
    user.ended_at = now_;
    user.erased = true;
    user.display_name.clear();
    value_of(store_.users.compare_and_set(user));
    ++user.version;
    for (const auto& [group, rows] : said) {
      for (const Message& row : rows) {
        if (row.author == user.id) value_of(store_.messages.erase(group, row.id));
      }
    }
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  bool one_in(std::uint32_t times) { return below(times) == 0; }
  template <class T>
  const T& any(const std::vector<T>& of) {
    return of[below(static_cast<std::uint32_t>(of.size()))];
  }
  Uuid id() {
    Uuid made;
    for (auto& byte : made.bytes) byte = static_cast<std::uint8_t>(random_());
    return made;
  }

  void add_person(int n) {
    User user;
    user.id = UserId{id()};
    user.name = "person" + std::to_string(n);
    user.display_name = "Zoë \"" + std::to_string(n) + "\"\n";
    user.service = n % 3 == 2;
    user.disabled = one_in(4);
    user.admin = n == 1;
    user.accepts_direct = one_in(2);
    user.metadata = one_in(2) ? R"({"a":[1,{"b":"ü"}]})" : "";
    user.password_hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$hash";
    user.status = ManualStatus::Busy;
    user.status_text = "away\\";
    user.created_at = now_;
    user.last_seen = now_ + seconds(n);
    value_of(store_.users.create(user));
    people.push_back(user);
    if (!user.service) return;
    ServiceKey key{KeyId{id()}, user.id, std::string("\0\xff\x7f", 3), one_in(2), 5, 10, now_, {}};
    value_of(store_.sessions.put_key(key));
    key.id = KeyId{id()};
    key.revoked_at = now_;
    value_of(store_.sessions.put_key(key));
  }

  void add_group(int n) {
    Group group;
    group.id = GroupId{id()};
    group.kind = n == 0 ? GroupKind::Direct : GroupKind::Group;
    group.name = n == 0 ? "" : "group " + std::to_string(n);
    group.visibility = one_in(2) ? Visibility::Public : Visibility::Private;
    group.history = one_in(2) ? HistoryRule::SinceJoined : HistoryRule::All;
    group.push = one_in(2);
    group.created_at = now_;
    group.created_by = any(people).id;
    group.creation_digest = std::string("\0\x01\x80", 3);
    value_of(store_.groups.create(group));
    groups.push_back(group.id);
    for (const User& each : people) {
      if (one_in(4)) continue;
      Member member{each.id, each.name, one_in(3) ? Role::Reader : Role::Owner, now_, now_, 0};
      value_of(store_.groups.compare_and_set_member(group.id, member));
      if (!one_in(4)) continue;
      member.version = 1;
      member.role = Role::None;
      member.changed_at = now_ + seconds(5);
      value_of(store_.groups.compare_and_set_member(group.id, member));
    }
  }

  void mark(GroupId group) {
    for (const User& each : people) {
      const bool was_in = value_of(store_.groups.find_member(group, each.id)).has_value();
      if (!was_in || one_in(2)) continue;
      Cursor mark;
      mark.group = group;
      mark.epoch = store_.messages.epoch();
      mark.watermark = now_ - seconds(below(1'000));
      if (one_in(2)) mark.sequence = below(1'000);
      mark.counts = {{7, 3}, {9, 1}};
      value_of(store_.marks.put(each.id, mark));
    }
  }

  static Content text() {
    Content content;
    content.text = "hello \xF0\x9F\x91\x8B \"you\"\n";
    return content;
  }

  Content content(const User& author, const Message& about) {
    Content made;
    switch (below(7)) {
      case 0:
        if (about.author != author.id) break;
        made.kind = Kind::Edit;
        made.target = about.id;
        made.text = "rather " + std::to_string(below(100));
        return made;
      case 1:
        made.kind = Kind::Delete;
        made.target = about.id;
        return made;
      case 2:
      case 3:
        made.kind = Kind::Reaction;
        made.target = about.id;
        made.emoji = one_in(2) ? "+1" : "\xF0\x9F\x8E\x89";
        made.remove = one_in(3);
        return made;
      case 4:
        made.kind = Kind::Opaque;
        made.ciphertext = std::string("\0\x01\xFE", 3);
        made.scheme = "mls";
        return made;
      default:
        break;
    }
    made = text();
    if (one_in(2)) made.links = {"https://example.com/?a=b&c"};
    if (one_in(2)) made.metadata = R"({"n":1.50,"z":{}})";
    if (one_in(2)) made.mentions = {"person1", "person2"};
    if (one_in(2)) made.reply_to = about.id;
    return made;
  }

  Store& store_;
  std::mt19937 random_;
  Time now_ = kStart + std::chrono::hours(48);
};

// What the stores hold, read without the classes under test.
struct Seen {
  std::vector<User> users;
  std::vector<UserId> blocks;
  std::vector<ServiceKey> keys;
  std::vector<Group> groups;
  std::vector<std::optional<Time>> heads;
  std::vector<std::optional<Member>> members;
  std::vector<std::optional<Cursor>> marks;
  std::vector<Message> messages;
  std::vector<Amendment> amendments;
  std::vector<LateArrival> late;
  bool operator==(const Seen&) const = default;
};

template <class T>
void append(std::vector<T>& to, const std::vector<T>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

Seen look(Store& store, const Chat& chat) {
  constexpr std::size_t kAll = 100'000;
  Seen seen;
  seen.users = value_of(store.users.list("", kAll));
  for (User& user : seen.users) user.version = 0;
  for (const User& user : chat.people) {
    append(seen.blocks, value_of(store.users.blocked_by(user.id, UserId{}, kAll)));
    append(seen.keys, value_of(store.sessions.keys_of(user.id)));
    append(seen.marks, value_of(store.marks.get(user.id, chat.groups)));
  }
  seen.heads = value_of(store.messages.heads(chat.groups));
  for (const GroupId id : chat.groups) {
    auto group = value_of(store.groups.find(id));
    if (group) seen.groups.push_back(*group);
    for (const User& user : chat.people) {
      auto member = value_of(store.groups.find_member(id, user.id));
      if (member) member->version = 0;
      seen.members.push_back(std::move(member));
    }
    const auto rows = value_of(store.messages.read_range(id, {}, Take::Oldest, kAll));
    std::vector<MessageId> ids;
    for (const Message& row : rows) ids.push_back(row.id);
    append(seen.messages, rows);
    append(seen.amendments, value_of(store.messages.amendments(id, std::move(ids), kAnew)));
    append(seen.late, value_of(store.messages.read_late(id, {}, kAll)));
  }
  for (Group& group : seen.groups) group.version = 0;
  return seen;
}

void expect_same(const Seen& one, const Seen& other) {
  EXPECT_EQ(one.users, other.users);
  EXPECT_EQ(one.blocks, other.blocks);
  EXPECT_EQ(one.keys, other.keys);
  EXPECT_EQ(one.groups, other.groups);
  EXPECT_EQ(one.heads, other.heads);
  EXPECT_EQ(one.members, other.members);
  EXPECT_EQ(one.marks, other.marks);
  EXPECT_EQ(one.messages.size(), other.messages.size());
  EXPECT_TRUE(one.messages == other.messages);
  EXPECT_EQ(one.amendments, other.amendments);
  EXPECT_EQ(one.late, other.late);
}

class MoveChat : public testing::TestWithParam<std::pair<Plays, Plays>> {
 protected:
  Store from{GetParam().first};
  Store into{GetParam().second};
};
INSTANTIATE_TEST_SUITE_P(Stores, MoveChat,
                         testing::Values(std::pair(Plays::OneWriter, Plays::OneWriter),
                                         std::pair(Plays::OneWriter, Plays::ManyWriters),
                                         std::pair(Plays::ManyWriters, Plays::OneWriter),
                                         std::pair(Plays::ManyWriters, Plays::ManyWriters)));

TEST_P(MoveChat, BringsEverythingThereAndBack) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Store first(GetParam().first);
    Store second(GetParam().second);
    Store third(GetParam().first);
    Chat chat(first, seed);
    chat.happen(700);
    TestArchive archive = archive_of(first);
    const auto report = import_into(second, archive);
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_THAT(report->differences, testing::IsEmpty());
    EXPECT_EQ(report->archive.count(ArchiveKind::Messages), 700u);
    const Seen seen = look(first, chat);
    EXPECT_EQ(seen.messages.size(), 700u);
    expect_same(look(second, chat), seen);

    TestArchive again = archive_of(second);
    EXPECT_TRUE(again == archive);
    ASSERT_TRUE(import_into(third, again));
    expect_same(look(third, chat), seen);
    if (HasFailure()) return;
  }
}

TEST_P(MoveChat, WritesNothingTheSecondTime) {
  Chat chat(from, 3);
  chat.happen(200);
  TestArchive archive = archive_of(from);
  const auto first = import_into(into, archive);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->written, first->archive.total());
  const auto second = import_into(into, archive);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->written, 0u);
  EXPECT_THAT(second->differences, testing::IsEmpty());
}

TEST_P(MoveChat, GoesOnAfterItWasKilledAtAnyWrite) {
  Chat chat(from, 5);
  chat.happen(60);
  TestArchive archive = archive_of(from);
  ASSERT_TRUE(import_into(into, archive));
  const Seen whole = look(into, chat);
  const std::size_t writes = into.life.writes;
  ASSERT_GT(writes, 60u);
  for (std::size_t n = 1; n <= writes; ++n) {
    SCOPED_TRACE("killed at write " + std::to_string(n));
    Store store(GetParam().second);
    store.life = {n, n % 2 == 0, 0};
    const auto killed = import_into(store, archive);
    ASSERT_FALSE(killed);
    EXPECT_EQ(killed.error().code, ErrorCode::Internal);
    store.life = {};
    const auto report = import_into(store, archive);
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_THAT(report->differences, testing::IsEmpty());
    ASSERT_TRUE(look(store, chat) == whole);
  }
}

TEST_P(MoveChat, ExportsTheSameAfterItWasKilledAtAnyRecord) {
  Chat chat(from, 6);
  chat.happen(60);
  const TestArchive whole = archive_of(from);
  for (std::size_t n = 0; n < 100; ++n) {
    SCOPED_TRACE("killed at record " + std::to_string(n));
    TestArchive archive;
    archive.adds_left = n;
    ASSERT_FALSE(export_from(from, archive));
    archive.reopen();
    ASSERT_TRUE(export_from(from, archive));
    ASSERT_TRUE(archive == whole);
  }
}

TEST_P(MoveChat, AddsWhatANewerArchiveHolds) {
  Chat chat(from, 7);
  chat.happen(100);
  TestArchive older = archive_of(from);
  ASSERT_TRUE(import_into(into, older));
  for (int i = 0; i < 50; ++i) chat.say(chat.groups[1]);
  chat.end(chat.people[1]);
  const UserId blocker = chat.people[2].id;
  value_of(into.users.put_block(blocker, chat.people[4].id, true));  // as of the older archive
  value_of(from.users.put_block(blocker, chat.people[4].id, false));
  Member left =
      value_of(from.groups.find_member(chat.groups[0], chat.people[4].id)).value_or(Member{});
  left.user = chat.people[4].id;
  left.user_name = chat.people[4].name;
  left.role = Role::Reader;
  ASSERT_TRUE(value_of(from.groups.compare_and_set_member(chat.groups[0], left)));
  TestArchive newer = archive_of(from);
  const auto report = import_into(into, newer);
  ASSERT_TRUE(report);
  EXPECT_THAT(report->differences, testing::IsEmpty());
  expect_same(look(into, chat), look(from, chat));
}

TEST_P(MoveChat, NamesTheGroupInWhichSomethingDiffers) {
  Chat chat(from, 8);
  chat.happen(100);
  TestArchive archive = archive_of(from);
  ASSERT_TRUE(import_into(into, archive));
  const GroupId group = chat.groups[2];
  const UserId author = chat.people[1].id;
  value_of(into.messages.append(
      contract::text_message(group, author, kStart, kStart + seconds(1), "not of it"), false));
  const auto report = import_into(into, archive);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->differences.size(), 1u);
  EXPECT_THAT(report->differences[0], testing::HasSubstr("group " + group.to_string()));
  EXPECT_THAT(report->differences[0], testing::HasSubstr("messages"));
}

TEST_P(MoveChat, NamesTheGroupInWhichARowSaysSomethingElse) {
  Chat chat(from, 8);
  chat.happen(100);
  TestArchive archive = archive_of(from);
  const GroupId group = chat.groups[1];
  Message other;
  for (const Message& row : chat.said[group]) {
    if (row.content.kind == Kind::Text && row.author != chat.people[0].id) other = row;
  }
  other.content.text = "forged";
  value_of(into.messages.append(other, false));
  const auto report = import_into(into, archive);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->differences.size(), 1u);
  EXPECT_THAT(report->differences[0], testing::HasSubstr("group " + group.to_string()));
}

TEST_P(MoveChat, GivesTheStoreAnotherEpoch) {
  Chat chat(from, 9);
  chat.happen(10);
  TestArchive archive = archive_of(from);
  const StoreEpoch before = into.messages.epoch();
  ASSERT_TRUE(import_into(into, archive));
  EXPECT_NE(into.messages.epoch(), before);
}

TEST_P(MoveChat, WritesNothingOfAnArchiveThatIsDamagedAtItsEnd) {
  Chat chat(from, 10);
  chat.happen(50);
  TestArchive archive = archive_of(from);
  archive.reads_left = 100;
  const auto report = import_into(into, archive);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::InvalidRequest);
  EXPECT_EQ(into.life.writes, 0u);
}

TEST_P(MoveChat, RefusesAStoreThatHoldsAnotherChat) {
  Chat chat(from, 11);
  chat.happen(10);
  TestArchive archive = archive_of(from);
  User other;
  other.id = contract::new_user_id();
  other.name = "person3";
  value_of(into.users.create(other));
  into.life.writes = 0;
  const auto report = import_into(into, archive);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::InvalidRequest);
  EXPECT_THAT(report.error().detail, testing::HasSubstr("@person3"));
  EXPECT_EQ(into.life.writes, 0u);
}

TEST_P(MoveChat, LeavesEndedWhatHasEndedInTheStore) {
  Chat chat(from, 12);
  chat.happen(30);
  TestArchive archive = archive_of(from);
  ASSERT_TRUE(import_into(into, archive));
  User user = value_of(into.users.find(chat.people[3].id)).value();
  user.ended_at = kStart;
  user.password_hash.clear();
  ASSERT_TRUE(value_of(into.users.compare_and_set(user)));
  ServiceKey key;
  for (const ServiceKey& each : value_of(into.sessions.keys_of(chat.people[2].id))) {
    if (!each.revoked_at) key = each;
  }
  key.revoked_at = kStart;
  value_of(into.sessions.put_key(key));

  const auto report = import_into(into, archive);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->differences.size(), 2u);
  EXPECT_EQ(value_of(into.users.find(user.id))->ended_at, kStart);
  EXPECT_EQ(value_of(into.sessions.find_key(key.id))->revoked_at, kStart);
}

}  // namespace
}  // namespace tidings
