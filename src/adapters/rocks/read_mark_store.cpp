#include "adapters/rocks/read_mark_store.h"

#include <utility>

#include "adapters/rocks/stored_record.h"
#include "model/read_mark.h"

namespace tidings::rocks {
namespace {

class PutMark final : public WriteOperation {
 public:
  using Answer = void;
  PutMark(UserId user, Cursor mark) : user_(user), mark_(std::move(mark)) {}

  Result<void> apply(Changes& changes) override {
    const auto key = pair_key(user_.value, mark_.group.value);
    auto stored = changes.get(Table::ReadMarks, key.view());
    if (!stored) return forward(std::move(stored));
    Cursor earlier;
    if (*stored && !decode_mark(**stored, mark_.group, earlier)) {
      return fail_damaged(Table::ReadMarks, key.view());
    }
    if (!*stored || is_further(mark_, earlier)) {
      changes.put(Table::ReadMarks, key.view(), encode_mark(mark_));
    }
    return {};
  }

 private:
  UserId user_;
  Cursor mark_;
};

using Marks = std::vector<std::optional<Cursor>>;

Attempt<Marks> read_marks(const Database& database, ReadTier tier, UserId user,
                          const std::vector<GroupId>& groups) {
  Marks marks;
  marks.reserve(groups.size());
  for (const GroupId group : groups) {
    const auto key = pair_key(user.value, group.value);
    rocksdb::PinnableSlice stored;
    const auto status = database.get(tier, Table::ReadMarks, key.view(), &stored);
    auto& mark = marks.emplace_back();
    if (status.IsNotFound()) continue;
    if (!status.ok()) return give_up<Marks>(status);
    if (!decode_mark(view(stored), group, mark.emplace())) {
      return fail_damaged(Table::ReadMarks, key.view());
    }
  }
  return marks;
}

}  // namespace

Task<Result<void>> RocksReadMarkStore::put(UserId user, Cursor mark) {
  return batcher_.run(PutMark(user, std::move(mark)));
}

Task<Result<Marks>> RocksReadMarkStore::get(UserId user, std::vector<GroupId> groups) {
  return reader_.read<Marks>([this, user, groups = std::move(groups)](ReadTier tier) {
    return read_marks(database_, tier, user, groups);
  });
}

}  // namespace tidings::rocks
