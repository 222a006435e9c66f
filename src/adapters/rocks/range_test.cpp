#include <algorithm>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "adapters/rocks/test_store.h"
#include "base/run_loop.h"

// Ranges over write buffers, tables and blob files at once, against a sorted map.
namespace tidings::rocks {
namespace {

const Time kThen = from_ms(1'700'000'000'000);

class Model {
 public:
  explicit Model(unsigned seed) : random_(seed) {
    for (int i = 0; i < 12; ++i) groups_.push_back({Uuid::v5({}, "group " + std::to_string(i))});
    // Neighbours in the order of keys, where a scan that ran over its end would go.
    GroupId next = groups_[0];
    ++next.value.bytes[15];
    groups_.push_back(next);
  }

  GroupId any_group() { return groups_[random_() % groups_.size()]; }

  Message any_message() {
    Message message;
    message.group = any_group();
    message.id = MessageId::mint(kThen + milliseconds(random_() % 5'000), kAlice);
    message.author = kAlice;
    message.author_name = "alice";
    message.received_at = message.sent_at();
    const std::size_t size = random_() % 50 == 0 ? 6'000 : random_() % 400;
    message.content.text.assign(size, static_cast<char>('a' + random_() % 26));
    return message;
  }

  void add(const Message& message) {
    rows_[message.group].emplace(message.id, message);
    arrivals_[message.group].push_back(message);
  }

  IdRange any_range() {
    const auto bound = [this] {
      return MessageId::floor(kThen + milliseconds(static_cast<int>(random_() % 6'000) - 500));
    };
    switch (random_() % 4) {
      case 0:
        return {};
      case 1:
        return {kFirstMessageId, bound()};
      case 2:
        return {bound(), kLastMessageId};
      default:
        return {bound(), bound()};
    }
  }

  std::vector<Message> expected(GroupId group, const IdRange& range, Take take, std::size_t limit) {
    std::vector<Message> all;
    for (const auto& [id, message] : rows_[group]) {
      if (range.contains(id)) all.push_back(message);
    }
    if (all.size() > limit) {
      take == Take::Oldest ? all.resize(limit)
                           : void(all.erase(all.begin(), all.end() - static_cast<long>(limit)));
    }
    return all;
  }

  bool holds(const Message& message) { return rows_[message.group].contains(message.id); }
  const std::vector<Message>& arrivals(GroupId group) { return arrivals_[group]; }
  std::mt19937& random() { return random_; }

 private:
  std::mt19937 random_;
  std::vector<GroupId> groups_;
  std::map<GroupId, std::map<MessageId, Message>> rows_;
  std::map<GroupId, std::vector<Message>> arrivals_;
};

void expect_same(RocksStore& store, Model& model) {
  const GroupId group = model.any_group();
  const IdRange range = model.any_range();
  const Take take = model.random()() % 2 == 0 ? Take::Oldest : Take::Newest;
  const std::size_t limit = 1 + model.random()() % 60;
  const auto expected = model.expected(group, range, take, limit);
  EXPECT_EQ(block_on(store.messages().read_range(group, range, take, limit)), expected);
  const auto ids = block_on(store.messages().read_ids(group, range, take, limit));
  ASSERT_TRUE(ids.has_value());
  ASSERT_EQ(ids->size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ((*ids)[i], expected[i].id);
  EXPECT_EQ(block_on(store.messages().read(group, *ids)), expected);
}

TEST(Ranges, AreThoseOfASortedMapAcrossAllFilesAndReopening) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Model model(seed);
  const TestDirectory directory;
  auto options = options_in(directory.path());
  options.write_buffer_bytes = 256u << 10;  // many small tables
  options.cache_bytes = 1u << 20;
  for (int life = 0; life < 3; ++life) {
    const auto store = open_store(options);
    for (int i = 0; i < 1'500; ++i) {
      const Message message = model.any_message();
      auto appended = block_on(store->messages().append(message, false));
      // On a slow disk the many small tables can't be laid down as fast as they fill.
      while (!appended && store->healthy()) {
        std::this_thread::yield();
        appended = block_on(store->messages().append(message, false));
      }
      ASSERT_TRUE(appended.has_value());
      if (!model.holds(message)) model.add(message);
      if (i % 10 == 0) expect_same(*store, model);
    }
    for (int i = 0; i < 200; ++i) expect_same(*store, model);
    for (int i = 0; i < 12; ++i) {
      const GroupId group = model.any_group();
      const auto entries = block_on(store->arrivals().read_after(group, 0, 10'000));
      ASSERT_TRUE(entries.has_value());
      ASSERT_EQ(entries->size(), model.arrivals(group).size());
      for (std::size_t at = 0; at < entries->size(); ++at) {
        EXPECT_EQ((*entries)[at].message, model.arrivals(group)[at]);
      }
    }
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace tidings::rocks
