#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "adapters/rocks/rocks_store.h"
#include "model/message.h"

// What the tests of this room share.
namespace tidings::rocks {

inline const GroupId kGroup{Uuid::v5({}, "group")};
inline const UserId kAlice{Uuid::v5({}, "alice")};

// Alice's message of that number in the group: a text, sent and received a millisecond after the
// one before.
inline Message numbered(int number) {
  Message message;
  message.id = MessageId::mint(from_ms(1'700'000'000'000 + number), kAlice);
  message.group = kGroup;
  message.author = kAlice;
  message.author_name = "alice";
  message.received_at = message.sent_at();
  message.content.text = "message " + std::to_string(number);
  return message;
}

// A directory of its own that goes with the test.
class TestDirectory {
 public:
  TestDirectory() {
    static std::atomic<int> made{0};
    path_ = std::filesystem::temp_directory_path() /
            ("tidings-rocks-" + std::to_string(::getpid()) + "-" + std::to_string(made++));
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TestDirectory() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline RocksOptions options_in(const std::filesystem::path& directory) {
  RocksOptions options;
  options.directory = directory;
  options.durability = Durability::Os;  // tests kill no power
  options.cache_bytes = 16u << 20;
  options.write_buffer_bytes = 4u << 20;
  options.disk_reserve_bytes = 0;
  return options;
}

inline std::unique_ptr<RocksStore> open_store(const RocksOptions& options) {
  auto opened = RocksStore::open(options);
  if (!opened) {
    ADD_FAILURE() << opened.error().detail;
    return nullptr;
  }
  return std::move(*opened);
}

}  // namespace tidings::rocks
