#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "adapters/rocks/changes.h"
#include "adapters/rocks/reader.h"
#include "adapters/rocks/stored_record.h"

// Reading a record by its key, and rows by a prefix of theirs: what the smaller stores do most.
namespace tidings::rocks {

// The record under `key`, decoded over `record`, which holds what the key says.
template <class Record>
Attempt<std::optional<Record>> read_record(const Database& database, ReadTier tier, Table table,
                                           std::string_view key, Record record) {
  rocksdb::PinnableSlice stored;
  const auto status = database.get(tier, table, key, &stored);
  if (status.IsNotFound()) return std::optional<Record>();
  if (!status.ok()) return give_up<std::optional<Record>>(status);
  if (!decode(view(stored), record)) return fail_damaged(table, key);
  return std::optional<Record>(std::move(record));
}

// The same, as the batch under construction sees it.
template <class Record>
Result<std::optional<Record>> read_record(Changes& changes, Table table, std::string_view key,
                                          Record record) {
  auto stored = changes.get(table, key);
  if (!stored) return forward(std::move(stored));
  if (!*stored) return std::optional<Record>();
  if (!decode(**stored, record)) return fail_damaged(table, key);
  return std::optional<Record>(std::move(record));
}

// Rows of a table whose keys begin with `prefix`, after the key `prefix | after`. `row(key, value)`
// says whether to go on; false from it with a damaged record is the caller's to report.
template <class Row>
rocksdb::Status for_each_after(const Database& database, ReadTier tier, Table table,
                               std::string_view prefix, const Uuid& after, const Row& row) {
  const auto lower = StoredKey().raw(prefix).uuid(after);
  const auto upper = after_prefix(prefix).value_or(StoredKey().raw(prefix).raw("\xFF\xFF\xFF"));
  Scan scan(database, tier, table, lower.view(), upper.view(), Scan::Order::Whole);
  scan.first();
  if (scan.valid() && scan.key() == lower.view()) scan.next();
  for (; scan.valid(); scan.next()) {
    if (!row(scan.key(), scan.value())) return rocksdb::Status::OK();
  }
  return scan.status();
}

}  // namespace tidings::rocks
