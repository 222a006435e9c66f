#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/result.h"
#include "model/cursor.h"
#include "model/group.h"
#include "model/message.h"
#include "model/user.h"
#include "ports/message_store.h"

namespace tidings {

// What an archive holds: a whole chat, apart from any store, in records of these kinds. Versions,
// which a store counts for itself, are not kept (0).
struct ArchivedBlock {
  UserId blocker;
  UserId blocked;
  bool operator==(const ArchivedBlock&) const = default;
};
struct ArchivedGroup {
  Group group;
  std::optional<Time> last_updated;  // its head
  bool operator==(const ArchivedGroup&) const = default;
};
// Somebody who is or was a member (then with Role::None).
struct ArchivedMember {
  GroupId group;
  Member member;
  bool operator==(const ArchivedMember&) const = default;
};
struct ArchivedMark {
  UserId user;
  Cursor mark;
  bool operator==(const ArchivedMark&) const = default;
};
// That a row arrived late; as often as it did.
struct ArchivedArrival {
  GroupId group;
  LateArrival arrival;
  bool operator==(const ArchivedArrival&) const = default;
};

// A Message that was erased has no content but its kind and target, and if it is a reaction those
// fields that say which one: without them nobody could know which slot it won.
using ArchiveRecord = std::variant<User, ArchivedBlock, ServiceKey, ArchivedGroup, ArchivedMember,
                                   ArchivedMark, Message, ArchivedArrival>;

// In the order of ArchiveRecord, which is also the order of an import: whatever is named before
// what names it.
enum class ArchiveKind : std::uint8_t {
  Accounts,
  Blocks,
  Keys,
  Groups,
  Members,
  Marks,
  Messages,
  Arrivals
};
inline constexpr std::size_t kArchiveKinds = std::variant_size_v<ArchiveRecord>;

inline ArchiveKind kind_of(const ArchiveRecord& record) {
  return static_cast<ArchiveKind>(record.index());
}
// "accounts".
std::string_view name_of(ArchiveKind kind);

// Where an archive is written to. It may be one that an earlier process left unfinished: what is
// there already is not asked for again. Errors of every method: whatever keeps it from being
// written.
class ArchiveWriter {
 public:
  virtual ~ArchiveWriter() = default;

  // Every record of this kind is there.
  virtual bool has(ArchiveKind kind) const = 0;
  // All messages up to this one, in the order of groups and then of ids, are there.
  virtual std::optional<std::pair<GroupId, MessageId>> last_message() const = 0;

  // Between the first record of a kind and its finish() come no others.
  virtual Result<void> add(const ArchiveRecord& record) = 0;
  // All records of this kind were added.
  virtual Result<void> finish(ArchiveKind kind) = 0;
};

// Where an archive is read from.
class ArchiveReader {
 public:
  virtual ~ArchiveReader() = default;

  // The next record, kind by kind; nothing at the end.
  // Errors: InvalidRequest   it is damaged or not whole; the detail says where
  virtual Result<std::optional<ArchiveRecord>> next() = 0;
  // Begins anew.
  virtual Result<void> rewind() = 0;
};

}  // namespace tidings
