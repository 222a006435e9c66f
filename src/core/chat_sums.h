#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "core/archive.h"
#include "model/digest.h"

namespace tidings {

// Sums over the records of a chat: of each group the digest of its messages (as the API answers it)
// and sums over what its records say, of everything else one sum a kind. They do not depend on the
// order of records. Takes about 250 bytes a group.
class ChatSums {
 public:
  // What a record says, in one spelling.
  using Text = std::string (*)(const ArchiveRecord&);

  explicit ChatSums(Text text) : text_(text) {}

  void add(const ArchiveRecord& record);

  std::size_t count(ArchiveKind kind) const;
  std::size_t total() const;

  // What differs between an archive and the store that it was brought into: a sentence each, which
  // names the group; at most `limit`. Empty: they hold the same.
  static std::vector<std::string> differences(const ChatSums& archive, const ChatSums& store,
                                              std::size_t limit);

 private:
  struct OfGroup {
    DigestSum ids;  // of its messages
    DigestSum messages;
    DigestSum arrivals;
    DigestSum group;
    DigestSum members;
    DigestSum marks;
    bool operator==(const OfGroup&) const = default;
  };
  static void compare(GroupId group, const OfGroup& archive, const OfGroup& store,
                      std::vector<std::string>& found);
  DigestSum& sum_of(const ArchiveRecord& record);

  Text text_;
  std::array<DigestSum, kArchiveKinds> kinds_;
  std::map<GroupId, OfGroup> groups_;
};

// Adds up what an export would write.
class SummingWriter final : public ArchiveWriter {
 public:
  explicit SummingWriter(ChatSums& sums) : sums_(sums) {}

  bool has(ArchiveKind) const override { return false; }
  std::optional<std::pair<GroupId, MessageId>> last_message() const override { return {}; }
  Result<void> add(const ArchiveRecord& record) override {
    sums_.add(record);
    return {};
  }
  Result<void> finish(ArchiveKind) override { return {}; }

 private:
  ChatSums& sums_;
};

}  // namespace tidings
