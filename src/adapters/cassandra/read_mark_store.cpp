#include "adapters/cassandra/read_mark_store.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/bytes.h"

namespace tidings::cassandra {
namespace {

constexpr std::size_t kGroupsPerRead = 100;

// has a sequence 1 | sequence 8 | the cursor as clients hold it
std::string encode_mark(const Cursor& mark) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(mark.sequence ? 1 : 0);
  writer.u64(mark.sequence.value_or(0));
  writer.raw(encode(mark));
  return bytes;
}

bool decode_mark(std::string_view bytes, GroupId group, Cursor& mark) {
  ByteReader reader(bytes);
  reader.u8();
  reader.u64();
  auto decoded = decode_cursor(reader.raw(reader.left()), group);
  if (!decoded) return false;
  mark = std::move(*decoded);
  return true;
}

}  // namespace

Result<std::unique_ptr<CassandraReadMarkStore>> CassandraReadMarkStore::open(CqlSession& session,
                                                                             const Clock& clock) {
  std::unique_ptr<CassandraReadMarkStore> store(new CassandraReadMarkStore(session, clock));
  auto prepared = store->session_.prepare(
      {{store->put_,
        "INSERT INTO read_marks (user_id, group_id, mark) VALUES (?, ?, ?) USING TIMESTAMP ?",
        kWrite},
       {store->get_, "SELECT group_id, mark FROM read_marks WHERE user_id = ? AND group_id IN ?",
        kRowRead}});
  if (!prepared) return forward(std::move(prepared));
  return store;
}

Task<Result<void>> CassandraReadMarkStore::put(UserId user, Cursor mark) {
  return session_.write(put_, CqlValues()
                                  .uuid(user.value)
                                  .uuid(mark.group.value)
                                  .blob(encode_mark(mark))
                                  .int64(to_us(mark.watermark)));
}

Task<Result<std::vector<std::optional<Cursor>>>> CassandraReadMarkStore::get(
    UserId user, std::vector<GroupId> groups) {
  std::unordered_map<GroupId, Cursor> marks;
  for (std::size_t begin = 0; begin < groups.size(); begin += kGroupsPerRead) {
    std::vector<Uuid> ids;
    for (std::size_t i = begin; i < std::min(begin + kGroupsPerRead, groups.size()); ++i)
      ids.push_back(groups[i].value);
    const auto rows = co_await session_.run(get_, CqlValues().uuid(user.value).uuids(ids));
    if (!rows) co_return forward(rows);
    for (std::size_t i = 0; i < rows->size(); ++i) {
      const GroupId group{(*rows)[i].uuid(0)};
      if (!decode_mark((*rows)[i].blob(1), group, marks[group]))
        co_return fail_damaged("read_marks", user.to_string() + ' ' + group.to_string());
    }
  }
  std::vector<std::optional<Cursor>> found;
  found.reserve(groups.size());
  for (const GroupId group : groups) {
    const auto mark = marks.find(group);
    found.push_back(mark == marks.end() ? std::nullopt : std::optional(mark->second));
  }
  co_return found;
}

}  // namespace tidings::cassandra
