#pragma once

#include <rocksdb/write_batch.h>

#include <functional>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/rocks/database.h"
#include "base/result.h"

namespace tidings::rocks {

// The batch under construction: the store as it will stand once the batch is committed. A key that
// is written several times in one batch reaches the database once.
//
// Used by the batcher's thread alone.
class Changes {
 public:
  explicit Changes(Database& database) : database_(database) { clear(); }

  // The view holds until the next call on this object.
  Result<std::optional<std::string_view>> get(Table table, std::string_view key);
  Result<bool> has(Table table, std::string_view key);
  // Calls `row(key, value)` for each row with lower <= key < upper, in no order, until it returns
  // false.
  Result<void> scan(Table table, std::string_view lower, std::string_view upper,
                    const std::function<bool(std::string_view, std::string_view)>& row);

  void put(Table table, std::string_view key, std::string value);
  void remove(Table table, std::string_view key);

  // The next position of the arrival log: a number that is greater than all before and is never
  // given out twice, whatever happens to the process or its disk.
  //
  // Positions are reserved on disk a million at a time, in the batch that holds the first of them;
  // what a crash leaves unused is skipped. That batch must be synced even where others are not: a
  // power cut may take messages then, but a position that a client has seen must never name another
  // message.
  Result<std::uint64_t> next_position();
  bool must_sync() const { return reserves_; }
  // The batch was not written, so what it reserved is not reserved.
  void failed();

  bool empty() const { return changed_.empty(); }
  // All changes as one batch; valid until clear().
  rocksdb::WriteBatch& batch();
  void clear();

 private:
  struct Change {
    Table table;
    std::string_view key;  // in the arena
    std::optional<std::string> value;
  };
  struct Address {
    Table table;
    std::string_view key;
    bool operator==(const Address&) const = default;
  };
  struct AddressHash {
    std::size_t operator()(const Address& address) const noexcept;
  };
  using Index = std::pmr::unordered_map<Address, std::size_t, AddressHash>;

  void set(Table table, std::string_view key, std::optional<std::string> value);

  Database& database_;
  bool positions_loaded_ = false;
  std::uint64_t last_position_ = 0;
  std::uint64_t positions_reserved_to_ = 0;
  bool reserves_ = false;  // this batch reserves positions
  std::pmr::monotonic_buffer_resource arena_{256u << 10};
  std::optional<Index> index_;
  std::vector<Change> changed_;
  rocksdb::PinnableSlice found_;
  rocksdb::WriteBatch batch_;
};

}  // namespace tidings::rocks
