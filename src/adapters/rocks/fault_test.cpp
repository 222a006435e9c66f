#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "adapters/rocks/test_store.h"
#include "base/run_loop.h"
#include "base/task_group.h"

// A disk that fails, fills up or hangs, under a real RocksDB.
namespace tidings::rocks {
namespace {

// What the disk does to the log.
class Fault {
 public:
  void fail_sync(bool fails) { set(fail_sync_, fails); }
  void fill(bool full) { set(full_, full); }
  void hang(bool hangs) { set(hangs_, hangs); }

  void wait_until_hanging() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }

  rocksdb::IOStatus on_append() {
    const std::lock_guard lock(mutex_);
    return full_ ? rocksdb::IOStatus::NoSpace("no space left on device") : rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus on_sync() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !hangs_; });
    --waiting_;
    return fail_sync_ ? rocksdb::IOStatus::IOError("fsync failed") : rocksdb::IOStatus::OK();
  }

 private:
  void set(bool& what, bool value) {
    const std::lock_guard lock(mutex_);
    what = value;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool fail_sync_ = false;
  bool full_ = false;
  bool hangs_ = false;
  int waiting_ = 0;
};

class FaultyLog final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyLog(std::unique_ptr<rocksdb::FSWritableFile>&& file, Fault& fault)
      : FSWritableFileOwnerWrapper(std::move(file)), fault_(fault) {}

  using FSWritableFileOwnerWrapper::Append;
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    if (auto status = fault_.on_append(); !status.ok()) return status;
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* debug) override {
    if (auto status = fault_.on_sync(); !status.ok()) return status;
    return FSWritableFileOwnerWrapper::Sync(options, debug);
  }

 private:
  Fault& fault_;
};

class FaultyDisk final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyDisk(Fault& fault)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), fault_(fault) {}
  const char* Name() const override { return "FaultyDisk"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    auto status = FileSystemWrapper::NewWritableFile(name, options, result, debug);
    if (status.ok() && name.ends_with(".log")) {
      *result = std::make_unique<FaultyLog>(std::move(*result), fault_);
    }
    return status;
  }

 private:
  Fault& fault_;
};

class Faults : public testing::Test {
 protected:
  Faults() {
    options_.durability = Durability::Fsync;
    options_.environment = environment_.get();
  }
  void open() { store_ = open_store(options_); }
  Result<std::optional<Message>> append(int number) {
    return block_on(store_->messages().append(numbered(number), false));
  }
  std::size_t stored() {
    const auto found = block_on(store_->messages().read_range(kGroup, {}, Take::Oldest, 1'000));
    return found ? found->size() : 0;
  }

  Fault fault_;
  std::unique_ptr<rocksdb::Env> environment_ =
      rocksdb::NewCompositeEnv(std::make_shared<FaultyDisk>(fault_));
  TestDirectory directory_;
  RocksOptions options_ = options_in(directory_.path());
  std::unique_ptr<RocksStore> store_;
};

TEST_F(Faults, AcknowledgesNothingMoreOnceAnFsyncHasFailed) {
  open();
  EXPECT_TRUE(append(1).has_value());
  fault_.fail_sync(true);
  EXPECT_EQ(append(2).error().code, ErrorCode::Unavailable);
  fault_.fail_sync(false);
  EXPECT_EQ(append(3).error().code, ErrorCode::Unavailable);
  EXPECT_FALSE(store_->healthy().has_value());
  EXPECT_EQ(stored(), 1u);

  store_.reset();
  open();
  EXPECT_TRUE(store_->healthy().has_value());
  EXPECT_GE(stored(), 1u);  // the unanswered one may be there
  EXPECT_TRUE(append(4).has_value());
}

TEST_F(Faults, GoesOnWhenAFullDiskHasSpaceAgain) {
  open();
  EXPECT_TRUE(append(1).has_value());
  fault_.fill(true);
  EXPECT_EQ(append(2).error().code, ErrorCode::Unavailable);
  EXPECT_FALSE(store_->healthy().has_value());
  EXPECT_EQ(stored(), 1u);
  fault_.fill(false);
  while (!store_->healthy()) std::this_thread::yield();
  EXPECT_TRUE(append(3).has_value());
  const auto before = stored();
  EXPECT_GE(before, 2u);

  store_.reset();
  open();
  EXPECT_GE(stored(), before);
}

TEST_F(Faults, RefusesAtOnceWhenTooMuchWaits) {
  options_.write_queue_max = 4;
  open();
  fault_.hang(true);
  constexpr int kSenders = 12;
  std::atomic<int> stored_count{0};
  std::atomic<int> refused{0};
  std::vector<std::jthread> senders;
  senders.emplace_back([&] { append(0) ? ++stored_count : ++refused; });
  fault_.wait_until_hanging();
  for (int i = 1; i < kSenders; ++i) {
    senders.emplace_back([&, i] { append(i) ? ++stored_count : ++refused; });
  }
  while (refused < kSenders - 5) std::this_thread::yield();
  EXPECT_EQ(stored_count, 0);
  fault_.hang(false);
  senders.clear();
  EXPECT_EQ(stored_count, 5);  // one under way, four waiting
  EXPECT_EQ(stored(), 5u);
}

TEST_F(Faults, CommitsWhatWaitsTogether) {
  open();
  fault_.hang(true);
  std::vector<std::jthread> senders;
  senders.emplace_back([&] { EXPECT_TRUE(append(0).has_value()); });
  fault_.wait_until_hanging();
  for (int i = 1; i <= 10; ++i) {
    senders.emplace_back([&, i] { EXPECT_TRUE(append(i).has_value()); });
  }
  while (store_->statistics().write_queue_depth < 10) std::this_thread::yield();
  fault_.hang(false);
  senders.clear();
  const auto statistics = store_->statistics();
  EXPECT_EQ(statistics.commit_sizes.count, 2u);
  EXPECT_EQ(statistics.commit_sizes.sum, 11u);
}

TEST_F(Faults, TellsThoseWhoWaitForADiskThatHangs) {
  options_.write_deadline = milliseconds(50);
  open();
  fault_.hang(true);
  EXPECT_EQ(append(1).error().code, ErrorCode::Unavailable);
  EXPECT_FALSE(store_->healthy().has_value());
  fault_.hang(false);
  while (!store_->healthy()) std::this_thread::yield();
  EXPECT_TRUE(append(2).has_value());
}

}  // namespace
}  // namespace tidings::rocks
