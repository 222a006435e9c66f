// How large the partitions of a busy group become, and what reading it costs: several workers write
// COUNT messages of one group to a node of its own, as if they had been sent over the last DAYS, in
// the order of time; five messages in two years go to another group. All is then read back, so that
// every partition is known to its last row, and nothing that was acknowledged may be missing.
//
// The texts, and which worker takes which message, come from a fixed seed. A call that the node
// does not answer in time is repeated, since the machine may be busy with other things: it is not
// the time that is measured here. After MINUTES no more is written, and the days are fewer then.
//
//   partitions_bench [COUNT [DAYS [MINUTES]]]
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/cassandra/message_store.h"
#include "adapters/cassandra/migrations.h"
#include "adapters/cassandra/partition.h"
#include "adapters/cassandra/testing/test_cassandra.h"
#include "base/loop.h"
#include "base/run_loop.h"
#include "base/task_group.h"
#include "bridge/cql_session.h"

namespace {

using namespace tidings;
using cassandra::Bucket;
namespace fs = std::filesystem;

constexpr unsigned kSeed = 4;
constexpr std::size_t kWorkers = 4;
constexpr int kInFlight = 256;
constexpr std::int64_t kProgress = 200'000;
constexpr std::size_t kPage = 50;
constexpr auto kOnTheWay = milliseconds(40);  // from sent to received
constexpr auto kDay = std::chrono::hours(24);

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "partitions_bench: %s\n", why.c_str());
  std::exit(1);
}

// What the node did not answer in time may be asked again; nothing else.
void expect_late(const Error& error) {
  if (error.code != ErrorCode::Unavailable) stop(error.detail);
}

Instant in(milliseconds time) { return SystemClock().monotonic() + time; }

CqlRows run(CqlSession& session, const std::string& statement) {
  for (;;) {
    auto rows = session.run(statement, seconds(30));
    if (rows) return std::move(*rows);
    expect_late(rows.error());
  }
}

// What people say: few words of their vocabulary are most of it, as in a language, so that it is as
// hard to compress. Some 200 bytes.
class Talk {
 public:
  Talk() {
    constexpr std::string_view kLetters = "etaoinshrdlucmfwypvbgkjqxz";
    std::uniform_int_distribution<std::size_t> letter(0, kLetters.size() - 1);
    std::uniform_int_distribution<int> length(2, 9);
    std::vector<double> weights;
    for (int rank = 1; rank <= 5'000; ++rank) {
      std::string& word = words_.emplace_back();
      for (int left = length(chance_); left > 0; --left) word += kLetters[letter(chance_)];
      weights.push_back(1.0 / rank);
    }
    word_ = {weights.begin(), weights.end()};
  }

  std::string text() {
    std::string text = words_[word_(chance_)];
    for (int more = words_more_(chance_); more > 0; --more) text += ' ' + words_[word_(chance_)];
    return text;
  }

 private:
  std::mt19937 chance_{kSeed};
  std::vector<std::string> words_;
  std::discrete_distribution<std::size_t> word_;
  std::uniform_int_distribution<int> words_more_{0, 60};
};

using Worker = std::unique_ptr<CassandraMessageStore>;

// One that knows nothing yet.
Worker new_worker(CqlSession& session) {
  static const SystemClock clock;
  for (;;) {
    auto store = CassandraMessageStore::open(session, clock);
    if (store) return std::move(*store);
    expect_late(store.error());
  }
}

// A group, and what its workers write into it: message `next` of `count` is sent at its share of
// the time.
struct Filling {
  std::vector<Worker> workers;
  std::int64_t count;
  Time from;
  milliseconds span;
  Instant until;  // nothing is begun later

  GroupId group{Uuid::v4()};
  UserId author{Uuid::v4()};
  Talk talk{};
  std::mt19937 chance{kSeed};
  Instant began = SystemClock().monotonic();
  std::int64_t next = 0;
  std::int64_t repeated = 0;
  std::uint64_t text_bytes = 0;

  Time sent_at(std::int64_t number) const {
    return from + milliseconds(static_cast<std::int64_t>(static_cast<double>(span.count()) *
                                                         static_cast<double>(number) /
                                                         static_cast<double>(count)));
  }
};

Message next_message(Filling& filling) {
  const Time sent_at = filling.sent_at(filling.next++);
  Message message;
  message.id = MessageId::mint(sent_at, filling.author);
  message.group = filling.group;
  message.author = filling.author;
  message.author_name = "alice";
  message.received_at = sent_at + kOnTheWay;
  message.content.text = filling.talk.text();
  filling.text_bytes += message.content.text.size();
  return message;
}

void show_progress(const Filling& filling) {
  const std::chrono::duration<double> took = SystemClock().monotonic() - filling.began;
  std::printf("%9lld messages  %6.0f s  %6.0f/s  %lld repeated\n",
              static_cast<long long>(filling.next), took.count(),
              static_cast<double>(filling.next) / took.count(),
              static_cast<long long>(filling.repeated));
}

Task<void> append_in_turn(Filling& filling) {
  while (filling.next < filling.count && SystemClock().monotonic() < filling.until) {
    const Message message = next_message(filling);
    if (filling.next % kProgress == 0) show_progress(filling);
    CassandraMessageStore& worker = *filling.workers[filling.chance() % filling.workers.size()];
    for (;;) {
      auto appending = worker.append(message, /*late=*/false);
      const auto appended = co_await std::move(appending);
      if (appended) break;
      expect_late(appended.error());
      ++filling.repeated;
      co_await sleep_until(in(milliseconds(200)));
    }
  }
}

Task<void> append_all(Filling& filling, int in_flight) {
  TaskGroup group("appends");
  for (int i = 0; i < in_flight; ++i) group.spawn(append_in_turn(filling));
  co_await group.join();
}

std::vector<Worker> new_workers(CqlSession& session) {
  std::vector<Worker> workers;
  while (workers.size() < kWorkers) workers.push_back(new_worker(session));
  return workers;
}

struct Partition {
  Bucket bucket;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  // of ids and bodies, not compressed
};

std::vector<Partition> registered(CqlSession& session, GroupId group) {
  const CqlRows rows = run(session, "SELECT ends_at, width FROM group_buckets WHERE group_id = " +
                                        group.to_string() + " AND kind IN (1, 2)");
  std::vector<Partition> partitions;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    partitions.push_back({Bucket::ending_at(rows[i].time(0), rows[i].int8(1))});
  }
  return partitions;
}

// All rows of a group.
struct Reading {
  CqlSession& session;
  CqlStatement select;
  GroupId group;
  std::vector<Partition> partitions;
  std::vector<MessageId> ids;  // once for each copy
  std::size_t next = 0;
};

Task<void> read_in_turn(Reading& reading) {
  while (reading.next < reading.partitions.size()) {
    Partition& partition = reading.partitions[reading.next++];
    CqlCall call;
    call.page_rows = 1'000;
    for (;;) {
      call.deadline = in(seconds(30));
      auto selecting = reading.session.execute(
          reading.select, cassandra::partition(reading.group, partition.bucket), call);
      const auto rows = co_await std::move(selecting);
      if (!rows) {
        expect_late(rows.error());
        continue;
      }
      for (std::size_t i = 0; i < rows->size(); ++i) {
        const CqlRow row = (*rows)[i];
        reading.ids.push_back({row.uuid(0)});
        partition.bytes += row.blob(0).size() + row.blob(1).size();
      }
      partition.rows += rows->size();
      call.page = rows->next_page();
      if (call.page.empty()) break;
    }
  }
}

Task<void> read_all(Reading& reading) {
  TaskGroup group("reads");
  for (int i = 0; i < 4; ++i) group.spawn(read_in_turn(reading));
  co_await group.join();
}

// The copies of rows beyond one of each message.
std::uint64_t copies_more(Reading& reading, std::int64_t messages) {
  const std::size_t rows = reading.ids.size();
  std::ranges::sort(reading.ids);
  const auto repeated = std::ranges::unique(reading.ids);
  reading.ids.erase(repeated.begin(), repeated.end());
  if (std::cmp_not_equal(reading.ids.size(), messages)) {
    stop(std::to_string(messages) + " messages were acknowledged and " +
         std::to_string(reading.ids.size()) + " are there");
  }
  return rows - reading.ids.size();
}

// What the page before `end` costs a worker that knows nothing yet, in statements. It has to hold
// what was written.
std::uint64_t statements_of_page(CqlSession& session, GroupId group,
                                 const std::vector<MessageId>& ids, Time end) {
  const auto last = std::ranges::lower_bound(ids, MessageId::floor(end));
  const auto first = last - std::min<std::ptrdiff_t>(kPage, last - ids.begin());
  for (;;) {
    const Worker worker = new_worker(session);
    const std::uint64_t before = session.stats().executed;
    const IdRange before_end{kFirstMessageId, MessageId::floor(end)};
    const auto page = block_on(worker->read_range(group, before_end, Take::Newest, kPage));
    const std::uint64_t statements = session.stats().executed - before;
    if (!page) {
      expect_late(page.error());
      continue;
    }
    const auto expected = std::ranges::subrange(first, last);
    if (!std::ranges::equal(*page, expected, {}, &Message::id)) stop("a page is wrong");
    return statements;
  }
}

// Writes what the node holds in memory, and waits until it has merged what it wants to: at most ten
// minutes. Nobody else uses the node.
void settle(CqlSession& session) {
  for (const char* const table : {"messages", "group_buckets"}) {
    run(session, std::string("ALTER TABLE ") + table + " WITH memtable_flush_period_in_ms = 1000");
  }
  int quiet = 0;
  for (int second = 0; second < 600 && quiet < 10; ++second) {
    std::this_thread::sleep_for(seconds(1));
    const bool merges = !run(session, "SELECT kind FROM system_views.sstable_tasks").empty();
    quiet = merges ? 0 : quiet + 1;
  }
}

// Of all files of a table.
std::uint64_t bytes_on_disk(CqlSession& session, const std::string& keyspace,
                            const std::string& table) {
  const CqlRows rows =
      run(session, "SELECT value FROM system_views.settings WHERE name = 'data_file_directories'");
  if (rows.empty()) stop("the node does not say where its data is");
  std::string directory(rows[0].text(0));  // "[/a/directory]"
  std::erase_if(directory, [](char each) { return each == '[' || each == ']'; });
  std::uint64_t bytes = 0;
  for (const auto& of_table : fs::directory_iterator(fs::path(directory) / keyspace)) {
    if (!of_table.path().filename().string().starts_with(table + "-")) continue;
    for (const auto& file : fs::recursive_directory_iterator(of_table)) {
      if (file.is_regular_file()) bytes += file.file_size();
    }
  }
  return bytes;
}

// What the node says of its largest partition in one file, in MiB: from a histogram, so up to a
// fifth too much.
std::int64_t largest_in_a_file_mib(CqlSession& session, const std::string& keyspace,
                                   const std::string& table) {
  const CqlRows rows = run(session,
                           "SELECT mebibytes FROM system_views.max_partition_size WHERE "
                           "keyspace_name = '" +
                               keyspace + "' AND table_name = '" + table + "'");
  return rows.empty() ? 0 : rows[0].int64(0);
}

void show_widths(const std::vector<Partition>& partitions) {
  struct Of {
    std::size_t buckets = 0;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_max = 0;
  };
  std::map<std::int8_t, Of> by_width;
  for (const Partition& partition : partitions) {
    Of& of = by_width[partition.bucket.width];
    ++of.buckets;
    of.rows += partition.rows;
    of.bytes += partition.bytes;
    of.bytes_max = std::max(of.bytes_max, partition.bytes);
  }
  for (const auto& [width, of] : by_width) {
    const std::int64_t ms = cassandra::kWidthsMs[static_cast<std::size_t>(width)];
    std::printf("  of %8lld minutes: %5zu buckets, %9llu rows, bytes: mean %9llu, most %9llu\n",
                static_cast<long long>(ms / cassandra::kMinuteMs), of.buckets,
                static_cast<unsigned long long>(of.rows),
                static_cast<unsigned long long>(of.bytes / of.buckets),
                static_cast<unsigned long long>(of.bytes_max));
  }
}

std::vector<Worker> one_worker(CqlSession& session) {
  std::vector<Worker> workers;
  workers.push_back(new_worker(session));
  return workers;
}

// One after the other, the last of them yesterday.
Filling fill_with_five(CqlSession& session) {
  const Time first = SystemClock().now() - kDay - kDay * 728;
  Filling five{one_worker(session), 5, first, kDay * 910, Instant::max()};
  block_on(append_all(five, 1));
  return five;
}

Reading read_back(CqlSession& session, GroupId group) {
  const auto select = session.prepare(
      "SELECT id, body FROM messages WHERE group_id = ? AND width = ? AND start = ?");
  if (!select) stop(select.error().detail);
  Reading reading{session, *select, group, registered(session, group), {}};
  block_on(read_all(reading));
  return reading;
}

std::unique_ptr<CqlSession> with_schema(const CqlOptions& options) {
  cassandra::MigrationRules rules;
  rules.replication_factor = 1;
  if (const auto migrated = cassandra::migrate(options, rules); !migrated) {
    stop(migrated.error().detail);
  }
  return TestCassandra::node().connect(options.keyspace);
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::int64_t count = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
  const std::int64_t days = argc > 2 ? std::atoll(argv[2]) : 27;
  const std::int64_t minutes = argc > 3 ? std::atoll(argv[3]) : 60;
  if (count < 100 || days < 1 || minutes < 1) stop("[COUNT [DAYS [MINUTES]]], 100 at least");
  auto& node = TestCassandra::node();
  const std::string keyspace = node.fresh_keyspace();
  const auto session = with_schema(node.options(keyspace));

  std::printf("seed %u, %zu workers, %lld messages over %lld days\n", kSeed, kWorkers,
              static_cast<long long>(count), static_cast<long long>(days));
  Filling busy{new_workers(*session), count, SystemClock().now() - kDay * days, kDay * days,
               in(std::chrono::minutes(minutes))};
  block_on(append_all(busy, kInFlight));
  show_progress(busy);
  const std::chrono::duration<double> took = SystemClock().monotonic() - busy.began;
  const std::int64_t messages = busy.next;
  const double days_sent =
      static_cast<double>(days) * static_cast<double>(messages) / static_cast<double>(count);
  const Filling five = fill_with_five(*session);
  settle(*session);

  Reading all = read_back(*session, busy.group);
  const std::size_t rows = all.ids.size();
  const std::uint64_t copies = copies_more(all, messages);
  const Partition largest = *std::ranges::max_element(all.partitions, {}, &Partition::bytes);
  std::uint64_t bytes = 0;
  for (const Partition& partition : all.partitions) bytes += partition.bytes;
  const std::uint64_t mean = bytes / all.partitions.size();
  const std::uint64_t disk = bytes_on_disk(*session, keyspace, "messages");
  const double compressed = static_cast<double>(disk) / static_cast<double>(bytes);
  const std::uint64_t registry = bytes_on_disk(*session, keyspace, "group_buckets");
  const auto node_says = largest_in_a_file_mib(*session, keyspace, "messages");

  Reading few = read_back(*session, five.group);
  const std::uint64_t few_copies = copies_more(few, five.next);
  const Time end = busy.sent_at(messages) + milliseconds(1);
  const auto newest = statements_of_page(*session, busy.group, all.ids, end);
  const auto middle = statements_of_page(*session, busy.group, all.ids, busy.sent_at(messages / 2));
  const auto five_newest = statements_of_page(*session, five.group, few.ids, SystemClock().now());

  show_widths(all.partitions);
  std::printf(
      "largest partition %llu bytes (%llu rows), mean %llu; the node's largest in one file "
      "%lld MiB\n",
      static_cast<unsigned long long>(largest.bytes), static_cast<unsigned long long>(largest.rows),
      static_cast<unsigned long long>(mean), static_cast<long long>(node_says));
  std::printf(
      "{\"messages\": %lld, \"days\": %.2f, \"workers\": %zu, \"seconds\": %.0f, "
      "\"repeated\": %lld, \"text_bytes\": %.0f, \"buckets\": %zu, \"rows\": %zu, "
      "\"copies_more\": %llu, \"largest_bytes\": %llu, \"largest_rows\": %llu, "
      "\"mean_bytes\": %llu, \"largest_disk_bytes\": %.0f, \"mean_disk_bytes\": %.0f, "
      "\"node_largest_mib\": %lld, \"disk_bytes\": %llu, \"disk_bytes_a_message\": %.1f, "
      "\"registry_disk_bytes\": %llu, \"newest_page\": %llu, \"middle_page\": %llu, "
      "\"five_buckets\": %zu, \"five_copies_more\": %llu, \"five_newest_page\": %llu}\n",
      static_cast<long long>(messages), days_sent, kWorkers, took.count(),
      static_cast<long long>(busy.repeated),
      static_cast<double>(busy.text_bytes) / static_cast<double>(messages), all.partitions.size(),
      rows, static_cast<unsigned long long>(copies), static_cast<unsigned long long>(largest.bytes),
      static_cast<unsigned long long>(largest.rows), static_cast<unsigned long long>(mean),
      static_cast<double>(largest.bytes) * compressed, static_cast<double>(mean) * compressed,
      static_cast<long long>(node_says), static_cast<unsigned long long>(disk),
      static_cast<double>(disk) / static_cast<double>(messages),
      static_cast<unsigned long long>(registry), static_cast<unsigned long long>(newest),
      static_cast<unsigned long long>(middle), few.partitions.size(),
      static_cast<unsigned long long>(few_copies), static_cast<unsigned long long>(five_newest));
}
