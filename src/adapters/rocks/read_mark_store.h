#pragma once

#include "adapters/rocks/commit_batcher.h"
#include "adapters/rocks/reader.h"
#include "ports/read_mark_store.h"

namespace tidings::rocks {

class RocksReadMarkStore final : public ReadMarkStore {
 public:
  RocksReadMarkStore(Database& database, CommitBatcher& batcher, Reader& reader)
      : database_(database), batcher_(batcher), reader_(reader) {}

  Task<Result<void>> put(UserId user, Cursor mark) override;
  Task<Result<std::vector<std::optional<Cursor>>>> get(UserId user,
                                                       std::vector<GroupId> groups) override;

 private:
  Database& database_;
  CommitBatcher& batcher_;
  Reader& reader_;
};

}  // namespace tidings::rocks
