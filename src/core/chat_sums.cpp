#include "core/chat_sums.h"

#include <algorithm>

#include "base/hash.h"

namespace tidings {
namespace {

DigestSum sum_of_text(const std::string& text) {
  const Sha256 hash = sha256(text);
  std::array<std::uint8_t, 16> first{};
  std::copy_n(hash.begin(), first.size(), first.begin());
  return DigestSum::from(1, first);
}

std::string told(const std::string& what, const DigestSum& archive, const DigestSum& store) {
  if (archive.count() != store.count()) {
    return what + ": " + std::to_string(archive.count()) + " in the archive, " +
           std::to_string(store.count()) + " in the store.";
  }
  return what + ": " + std::to_string(archive.count()) + " in both, but they do not say the same.";
}

}  // namespace

DigestSum& ChatSums::sum_of(const ArchiveRecord& record) {
  static_assert(kArchiveKinds == 8);
  if (const auto* group = std::get_if<ArchivedGroup>(&record)) {
    return groups_[group->group.id].group;
  }
  if (const auto* member = std::get_if<ArchivedMember>(&record)) {
    return groups_[member->group].members;
  }
  if (const auto* mark = std::get_if<ArchivedMark>(&record)) {
    return groups_[mark->mark.group].marks;
  }
  if (const auto* message = std::get_if<Message>(&record)) return groups_[message->group].messages;
  if (const auto* arrival = std::get_if<ArchivedArrival>(&record)) {
    return groups_[arrival->group].arrivals;
  }
  return kinds_[record.index()];
}

void ChatSums::add(const ArchiveRecord& record) {
  const DigestSum one = sum_of_text(text_(record));
  DigestSum& sum = sum_of(record);
  sum.add(one);
  DigestSum& kind = kinds_[record.index()];
  if (&sum != &kind) kind.add(one);
  if (const auto* message = std::get_if<Message>(&record)) {
    groups_[message->group].ids.add(message->id);
  }
}

std::size_t ChatSums::count(ArchiveKind kind) const {
  return kinds_[static_cast<std::size_t>(kind)].count();
}

std::size_t ChatSums::total() const {
  std::size_t total = 0;
  for (const DigestSum& kind : kinds_) total += kind.count();
  return total;
}

void ChatSums::compare(GroupId group, const OfGroup& archive, const OfGroup& store,
                       std::vector<std::string>& found) {
  const std::string in_group = "group " + group.to_string() + ", ";
  if (archive.ids != store.ids) {
    found.push_back(told(in_group + "messages", archive.ids, store.ids) +
                    " Digests: " + archive.ids.hex() + " and " + store.ids.hex() + '.');
  } else if (archive.messages != store.messages) {
    found.push_back(told(in_group + "messages", archive.messages, store.messages));
  }
  const auto check = [&](const char* what, const DigestSum& one, const DigestSum& other) {
    if (one != other) found.push_back(told(in_group + what, one, other));
  };
  check("late arrivals", archive.arrivals, store.arrivals);
  check("the group itself", archive.group, store.group);
  check("members", archive.members, store.members);
  check("read marks", archive.marks, store.marks);
}

std::vector<std::string> ChatSums::differences(const ChatSums& archive, const ChatSums& store,
                                               std::size_t limit) {
  std::vector<std::string> found;
  for (const ArchiveKind kind : {ArchiveKind::Accounts, ArchiveKind::Blocks, ArchiveKind::Keys}) {
    const DigestSum& one = archive.kinds_[static_cast<std::size_t>(kind)];
    const DigestSum& other = store.kinds_[static_cast<std::size_t>(kind)];
    if (one != other) found.push_back(told(std::string(name_of(kind)), one, other));
  }
  for (const auto& [group, sums] : archive.groups_) {
    if (found.size() >= limit) break;
    const auto other = store.groups_.find(group);
    compare(group, sums, other == store.groups_.end() ? OfGroup{} : other->second, found);
  }
  for (const auto& [group, sums] : store.groups_) {
    if (found.size() >= limit) break;
    if (!archive.groups_.contains(group)) compare(group, OfGroup{}, sums, found);
  }
  if (found.size() > limit) found.resize(limit);
  return found;
}

}  // namespace tidings
