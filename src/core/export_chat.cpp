#include "core/export_chat.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/patient.h"
#include "core/round.h"

namespace tidings {
namespace {

constexpr std::size_t kUsersPerRead = 500;
constexpr std::size_t kGroupsPerRead = 200;
constexpr std::size_t kBlocksPerRead = 500;
constexpr std::size_t kMessagesPerRead = 500;
constexpr std::size_t kArrivalsPerRead = 1'000;

// Which reaction a row was whose body is gone: the slots of its target tell. If it won none, it
// lost one to a later reaction of its author, and it is all the same which.
void name_reaction(Message& row, const std::vector<Amendment>& amendments) {
  const Amendment* slot = nullptr;
  for (const Amendment& each : amendments) {
    const bool may_be = each.kind == Kind::Reaction && each.target == row.content.target &&
                        each.author == row.author && each.id >= row.id;
    if (may_be && (slot == nullptr || each.id < slot->id)) slot = &each;
  }
  if (slot == nullptr) return;
  row.content.emoji = slot->emoji;
  row.content.remove = slot->id == row.id && slot->remove;
}

bool is_erased_reaction(const Message& row) {
  return row.erased && row.content.kind == Kind::Reaction && row.content.target;
}

}  // namespace

// Accounts come last: then everybody whom another record names is among them. (Nobody is ever
// removed.)
Task<Result<void>> ExportChat::run(ArchiveWriter& into) {
  auto done = co_await for_users(into, ArchiveKind::Members, &ExportChat::add_memberships);
  if (done) done = co_await for_groups(into, ArchiveKind::Groups, &ExportChat::add_group);
  if (done) done = co_await for_users(into, ArchiveKind::Marks, &ExportChat::add_marks);
  if (done) done = co_await for_groups(into, ArchiveKind::Messages, &ExportChat::add_messages);
  if (done) done = co_await for_groups(into, ArchiveKind::Arrivals, &ExportChat::add_arrivals);
  if (done) done = co_await for_users(into, ArchiveKind::Keys, &ExportChat::add_keys);
  if (done) done = co_await for_users(into, ArchiveKind::Blocks, &ExportChat::add_blocks);
  if (done) done = co_await for_users(into, ArchiveKind::Accounts, &ExportChat::add_account);
  co_return done;
}

Task<Result<void>> ExportChat::for_users(ArchiveWriter& into, ArchiveKind kind, OnUser on_user) {
  // Members are where the groups are found.
  const bool has_all = into.has(kind);
  if (has_all && kind != ArchiveKind::Members) co_return Result<void>();
  std::string after;
  std::size_t seen = 0;
  while (true) {
    const auto list = [&] { return stores_.users.list(after, kUsersPerRead); };
    auto listing = patient(list);
    auto page = co_await std::move(listing);
    if (!page) co_return forward(page);
    if (page->empty()) break;
    after = page->back().name;
    for (User& user : *page) {
      auto adding = (this->*on_user)(into, std::move(user));
      auto added = co_await std::move(adding);
      if (!added) co_return added;
      progress_(name_of(kind), ++seen, std::max(people_, seen));
    }
  }
  people_ = seen;
  if (has_all) co_return Result<void>();
  co_return into.finish(kind);
}

Task<Result<void>> ExportChat::for_groups(ArchiveWriter& into, ArchiveKind kind, OnGroup on_group) {
  if (into.has(kind)) co_return Result<void>();
  std::size_t seen = 0;
  for (const GroupId group : groups_) {
    auto adding = (this->*on_group)(into, group);
    auto added = co_await std::move(adding);
    if (!added) co_return added;
    progress_(name_of(kind), ++seen, groups_.size());
  }
  co_return into.finish(kind);
}

Task<Result<void>> ExportChat::add_account(ArchiveWriter& into, User user) {
  user.version = 0;
  co_return into.add(std::move(user));
}

Task<Result<void>> ExportChat::add_blocks(ArchiveWriter& into, User user) {
  UserId after;
  while (true) {
    const auto list = [&] { return stores_.users.blocked_by(user.id, after, kBlocksPerRead); };
    auto listing = patient(list);
    const auto page = co_await std::move(listing);
    if (!page) co_return forward(page);
    if (page->empty()) co_return Result<void>();
    after = page->back();
    for (const UserId blocked : *page) {
      if (auto added = into.add(ArchivedBlock{user.id, blocked}); !added) co_return added;
    }
  }
}

Task<Result<void>> ExportChat::add_keys(ArchiveWriter& into, User user) {
  if (!user.service) co_return Result<void>();
  const auto list = [&] { return stores_.sessions.keys_of(user.id); };
  auto listing = patient(list);
  auto keys = co_await std::move(listing);
  if (!keys) co_return forward(keys);
  for (ServiceKey& key : *keys) {
    if (auto added = into.add(std::move(key)); !added) co_return added;
  }
  co_return Result<void>();
}

// The index by user only says which groups to ask: the group decides.
Task<Result<void>> ExportChat::add_memberships(ArchiveWriter& into, User user) {
  const bool has_all = into.has(ArchiveKind::Members);
  GroupId after;
  while (true) {
    const auto list = [&] { return stores_.groups.groups_of(user.id, after, kGroupsPerRead); };
    auto listing = patient(list);
    const auto page = co_await std::move(listing);
    if (!page) co_return forward(page);
    if (page->empty()) co_return Result<void>();
    after = page->back().group;
    for (const Membership& membership : *page) {
      groups_.insert(membership.group);
      if (has_all) continue;
      const auto find = [&] { return stores_.groups.find_member(membership.group, user.id); };
      auto finding = patient(find);
      auto member = co_await std::move(finding);
      if (!member) co_return forward(member);
      if (!*member) continue;
      (*member)->version = 0;
      auto added = into.add(ArchivedMember{membership.group, std::move(**member)});
      if (!added) co_return added;
    }
  }
}

Task<Result<void>> ExportChat::add_marks(ArchiveWriter& into, User user) {
  GroupId after;
  while (true) {
    const auto list = [&] { return stores_.groups.groups_of(user.id, after, kGroupsPerRead); };
    auto listing = patient(list);
    const auto page = co_await std::move(listing);
    if (!page) co_return forward(page);
    if (page->empty()) co_return Result<void>();
    after = page->back().group;
    std::vector<GroupId> groups;
    for (const Membership& membership : *page) groups.push_back(membership.group);
    const auto get = [&] { return stores_.read_marks.get(user.id, groups); };
    auto getting = patient(get);
    auto marks = co_await std::move(getting);
    if (!marks) co_return forward(marks);
    for (std::optional<Cursor>& mark : *marks) {
      if (!mark) continue;
      auto added = into.add(ArchivedMark{user.id, std::move(*mark)});
      if (!added) co_return added;
    }
  }
}

// A group that was never finished (its maker broke off between its members and itself) was never
// seen by anybody; it has no record, and its members are all that moves of it.
Task<Result<void>> ExportChat::add_group(ArchiveWriter& into, GroupId group) {
  const auto find = [&] { return stores_.groups.find(group); };
  auto finding = patient(find);
  auto found = co_await std::move(finding);
  if (!found) co_return forward(found);
  if (!*found) co_return Result<void>();
  const auto look = [&] { return stores_.messages.heads(std::vector<GroupId>(1, group)); };
  auto looking = patient(look);
  const auto heads = co_await std::move(looking);
  if (!heads) co_return forward(heads);
  (*found)->version = 0;
  co_return into.add(ArchivedGroup{std::move(**found), heads->front()});
}

Task<Result<void>> ExportChat::add_messages(ArchiveWriter& into, GroupId group) {
  const auto last = into.last_message();
  if (last && group < last->first) co_return Result<void>();
  IdRange range;
  if (last && group == last->first) range.from = tidings::after(last->second);
  while (true) {
    const auto read = [&] {
      return stores_.messages.read_range(group, range, Take::Oldest, kMessagesPerRead);
    };
    auto reading = patient(read);
    auto rows = co_await std::move(reading);
    if (!rows) co_return forward(rows);
    if (rows->empty()) co_return Result<void>();
    range.from = tidings::after(rows->back().id);
    auto naming = name_erased_reactions(group, *rows);
    auto named = co_await std::move(naming);
    if (!named) co_return named;
    for (Message& row : *rows) {
      if (auto added = into.add(std::move(row)); !added) co_return added;
    }
  }
}

Task<Result<void>> ExportChat::name_erased_reactions(GroupId group, std::vector<Message>& rows) {
  std::set<MessageId> targets;
  for (const Message& row : rows) {
    if (is_erased_reaction(row)) targets.insert(*row.content.target);
  }
  if (targets.empty()) co_return Result<void>();
  const auto read = [&] {
    return stores_.messages.amendments(group, std::vector(targets.begin(), targets.end()), kAnew);
  };
  auto reading = patient(read);
  const auto amendments = co_await std::move(reading);
  if (!amendments) co_return forward(amendments);
  for (Message& row : rows) {
    if (is_erased_reaction(row)) name_reaction(row, *amendments);
  }
  co_return Result<void>();
}

Task<Result<void>> ExportChat::add_arrivals(ArchiveWriter& into, GroupId group) {
  LateArrival after{Time(), kFirstMessageId};
  while (true) {
    const auto read = [&] { return stores_.messages.read_late(group, after, kArrivalsPerRead); };
    auto reading = patient(read);
    const auto page = co_await std::move(reading);
    if (!page) co_return forward(page);
    if (page->empty()) co_return Result<void>();
    after = page->back();
    for (const LateArrival& arrival : *page) {
      if (auto added = into.add(ArchivedArrival{group, arrival}); !added) co_return added;
    }
  }
}

}  // namespace tidings
