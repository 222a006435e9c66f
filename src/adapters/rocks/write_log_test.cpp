#include "adapters/rocks/write_log.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "adapters/rocks/test_store.h"
#include "base/run_loop.h"

namespace tidings::rocks {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// The log that holds something.
fs::path log_of(const fs::path& directory) {
  fs::path found;
  for (const auto& entry : fs::directory_iterator(directory / "db")) {
    if (entry.path().extension() == ".log" && entry.file_size() > 0) found = entry.path();
  }
  return found;
}

constexpr std::size_t kBlockBytes = 32 * 1024;  // of a log
constexpr std::size_t kPageBytes = 4 * 1024;    // of the disk

// What a store leaves that was killed after it had acknowledged these messages, one commit each.
class KilledStore {
 public:
  static constexpr int kMessages = 5;

  // `large`: that message has 100 kB, so that its commit is written in several pieces.
  explicit KilledStore(int large = -1) {
    const TestDirectory alive;
    const auto store = open_store(options_in(alive.path()));
    for (int i = 0; i < kMessages; ++i) {
      Message message = numbered(i);
      if (i == large) message.content.text.assign(100'000, 'x');
      EXPECT_TRUE(block_on(store->messages().append(message, false)).has_value());
      ends_.push_back(fs::file_size(log_of(alive.path())));
    }
    fs::copy(alive.path(), directory_.path(),
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    log_ = read(log_of(directory_.path()));
  }

  const std::string& log() const { return log_; }
  // Where the commit of each message ends in the log.
  const std::vector<std::uint64_t>& ends() const { return ends_; }

  // Opens a copy of it whose log is `log`, and counts its messages; nothing when it does not open.
  std::optional<std::size_t> messages_with(std::string_view log) const {
    const TestDirectory copy;
    fs::copy(directory_.path(), copy.path(),
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    write(log_of(copy.path()), log);
    const auto store = RocksStore::open(options_in(copy.path()));
    if (!store) {
      EXPECT_NE(store.error().detail.find("restore from a backup"), std::string::npos);
      return std::nullopt;
    }
    const auto found = block_on((*store)->messages().read_range(kGroup, {}, Take::Oldest, 100));
    return found ? std::optional(found->size()) : std::nullopt;
  }

 private:
  TestDirectory directory_;
  std::vector<std::uint64_t> ends_;
  std::string log_;
};

TEST(WriteLog, EndsAtTheLastWholeCommitWhereverItIsCutOff) {
  const KilledStore killed;
  const auto& log = killed.log();
  for (std::size_t size = killed.ends()[1]; size <= log.size(); ++size) {
    const auto state = examine_log(std::string_view(log).substr(0, size));
    EXPECT_FALSE(state.damaged) << size;
    const auto whole = *std::prev(std::ranges::upper_bound(killed.ends(), size));
    EXPECT_EQ(state.good_bytes, whole) << size;
  }
}

TEST(WriteLog, TellsADamagedEndFromDamageBeforeAGoodCommit) {
  const KilledStore killed;
  const auto last_begins = killed.ends()[KilledStore::kMessages - 2];
  for (std::size_t at = killed.ends()[1]; at < killed.log().size(); ++at) {
    auto log = killed.log();
    log[at] = static_cast<char>(log[at] ^ 0x41);
    const auto state = examine_log(log);
    EXPECT_EQ(state.good_after_damage, at < last_begins) << at;
    EXPECT_LE(state.good_bytes, at);
  }
}

TEST(WriteLog, OpensWithEveryWholeCommitWhenItsEndIsCutOff) {
  const KilledStore killed;
  const std::string_view log = killed.log();
  const auto& ends = killed.ends();
  EXPECT_EQ(killed.messages_with(log), 5u);
  EXPECT_EQ(killed.messages_with(log.substr(0, log.size() - 1)), 4u);
  EXPECT_EQ(killed.messages_with(log.substr(0, ends[3] + 1)), 4u);
  EXPECT_EQ(killed.messages_with(log.substr(0, ends[3] + 7)), 4u);
  EXPECT_EQ(killed.messages_with(log.substr(0, ends[3])), 4u);
  EXPECT_EQ(killed.messages_with(log.substr(0, ends[3] - 1)), 3u);
  EXPECT_EQ(killed.messages_with(std::string(log) + std::string(5'000, '\0')), 5u);
}

TEST(WriteLog, OpensWithoutADamagedLastCommitAndSaysSo) {
  const KilledStore killed;
  for (const std::size_t back : {1, 40, 100}) {
    auto log = killed.log();
    log[log.size() - back] = static_cast<char>(log[log.size() - back] ^ 1);
    EXPECT_EQ(killed.messages_with(log), 4u) << back;
  }
  EXPECT_EQ(killed.messages_with(killed.log() + "garbage of a torn sector, longer than a header"),
            5u);
}

TEST(WriteLog, RefusesToOpenWithoutAnAcknowledgedCommit) {
  const KilledStore killed;
  for (const std::uint64_t at : {killed.ends()[1] + 2, killed.ends()[2] + 50}) {
    auto log = killed.log();
    log[at] = static_cast<char>(log[at] ^ 1);
    EXPECT_EQ(killed.messages_with(log), std::nullopt) << at;
  }
}

// The log when the bytes from `begin` to `end` never came to the disk.
std::string without(std::string log, std::uint64_t begin, std::uint64_t end) {
  std::fill(log.begin() + static_cast<std::ptrdiff_t>(begin),
            log.begin() + static_cast<std::ptrdiff_t>(end), '\0');
  return log;
}

TEST(WriteLog, OpensWithoutALastCommitOfSeveralPiecesWhicheverOfItsPagesAreMissing) {
  const KilledStore killed(/*large=*/4);
  const auto& log = killed.log();
  const auto begin = killed.ends()[3];
  ASSERT_GT(log.size() - begin, 3 * kBlockBytes);
  const auto first_piece_ends = (begin / kBlockBytes + 1) * kBlockBytes;
  EXPECT_EQ(killed.messages_with(log), 5u);
  EXPECT_EQ(killed.messages_with(without(log, begin, first_piece_ends)), 4u);
  for (auto at = begin; at < log.size(); at = (at / kPageBytes + 1) * kPageBytes) {
    const auto page_ends = std::min<std::uint64_t>(log.size(), (at / kPageBytes + 1) * kPageBytes);
    EXPECT_EQ(killed.messages_with(without(log, at, page_ends)), 4u) << at;
    EXPECT_EQ(killed.messages_with(without(log, at, log.size())), 4u) << at;
    EXPECT_EQ(killed.messages_with(log.substr(0, at)), 4u) << at;
  }
}

TEST(WriteLog, RefusesToOpenWithoutAnAcknowledgedCommitOfSeveralPieces) {
  const KilledStore killed(/*large=*/3);
  const auto& log = killed.log();
  for (auto at = killed.ends()[2]; at < killed.ends()[3]; at += kPageBytes) {
    const auto end = std::min(killed.ends()[3], at + kPageBytes);
    EXPECT_EQ(killed.messages_with(without(log, at, end)), std::nullopt) << at;
  }
}

}  // namespace
}  // namespace tidings::rocks
