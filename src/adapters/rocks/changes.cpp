#include "adapters/rocks/changes.h"

#include <algorithm>

#include "adapters/rocks/stored_record.h"

namespace tidings::rocks {
namespace {

constexpr std::string_view kPositionsKey = "positions";
constexpr std::uint64_t kReservedAtATime = 1'000'000;

}  // namespace

std::size_t Changes::AddressHash::operator()(const Address& address) const noexcept {
  return std::hash<std::string_view>()(address.key) + static_cast<std::size_t>(address.table);
}

Result<std::optional<std::string_view>> Changes::get(Table table, std::string_view key) {
  if (const auto at = index_->find({table, key}); at != index_->end()) {
    const auto& value = changed_[at->second].value;
    return value ? std::optional<std::string_view>(*value) : std::nullopt;
  }
  found_.Reset();
  const auto status = database_.get(ReadTier::Disk, table, key, &found_);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return fail_with(status, "reading before a write");
  return view(found_);
}

Result<bool> Changes::has(Table table, std::string_view key) {
  auto found = get(table, key);
  if (!found) return forward(std::move(found));
  return found->has_value();
}

Result<void> Changes::scan(Table table, std::string_view lower, std::string_view upper,
                           const std::function<bool(std::string_view, std::string_view)>& row) {
  Scan rows(database_, ReadTier::Disk, table, lower, upper, Scan::Order::Whole);
  for (rows.first(); rows.valid(); rows.next()) {
    if (index_->contains({table, rows.key()})) continue;
    if (!row(rows.key(), rows.value())) return {};
  }
  if (!rows.status().ok()) return fail_with(rows.status(), "reading before a write");
  for (const Change& change : changed_) {
    const bool inside = change.table == table && change.key >= lower && change.key < upper;
    if (inside && change.value && !row(change.key, *change.value)) return {};
  }
  return {};
}

Result<std::uint64_t> Changes::next_position() {
  if (!positions_loaded_) {
    auto stored = get(Table::Meta, kPositionsKey);
    if (!stored) return forward(std::move(stored));
    const auto reserved_to = *stored ? decode_u64(**stored) : std::optional<std::uint64_t>(0);
    if (!reserved_to) return fail_damaged(Table::Meta, kPositionsKey);
    last_position_ = positions_reserved_to_ = *reserved_to;
    positions_loaded_ = true;
  }
  if (last_position_ == positions_reserved_to_) {
    positions_reserved_to_ += kReservedAtATime;
    put(Table::Meta, kPositionsKey, encode_u64(positions_reserved_to_));
    reserves_ = true;
  }
  return ++last_position_;
}

void Changes::failed() {
  // The next one reserves again, from here on.
  if (reserves_) positions_reserved_to_ = last_position_;
}

void Changes::put(Table table, std::string_view key, std::string value) {
  set(table, key, std::move(value));
}

void Changes::remove(Table table, std::string_view key) { set(table, key, std::nullopt); }

void Changes::set(Table table, std::string_view key, std::optional<std::string> value) {
  if (const auto at = index_->find({table, key}); at != index_->end()) {
    changed_[at->second].value = std::move(value);
    return;
  }
  auto* const bytes = static_cast<char*>(arena_.allocate(key.size() + 1, 1));
  std::copy(key.begin(), key.end(), bytes);
  const std::string_view kept(bytes, key.size());
  index_->emplace(Address{table, kept}, changed_.size());
  changed_.push_back({table, kept, std::move(value)});
}

rocksdb::WriteBatch& Changes::batch() {
  batch_.Clear();
  for (const Change& change : changed_) {
    auto* const handle = database_.handle(change.table);
    const auto status = change.value ? batch_.Put(handle, slice(change.key), slice(*change.value))
                                     : batch_.Delete(handle, slice(change.key));
    ensure(status.ok(), "a batch in memory takes every change");
  }
  return batch_;
}

void Changes::clear() {
  changed_.clear();
  index_.reset();
  arena_.release();
  index_.emplace(&arena_);
  found_.Reset();
  reserves_ = false;
}

}  // namespace tidings::rocks
