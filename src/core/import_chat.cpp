#include "core/import_chat.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "base/task_group.h"
#include "core/export_chat.h"
#include "core/lost_race.h"
#include "core/patient.h"

namespace tidings {
namespace {

// A batch waits for its slowest write, so it holds several times what is written at once.
constexpr std::size_t kBatch = 500;
constexpr int kAtATime = 64;
constexpr std::size_t kUsersPerRead = 500;
constexpr std::size_t kBlocksPerRead = 500;
constexpr std::size_t kArrivalsPerRead = 1'000;
constexpr std::size_t kDifferencesMax = 100;

Result<void> without_value(const auto& result) {
  if (!result) return forward(result);
  return {};
}

// Those rows are asked for one by one, as they are written.
Task<Result<void>> drop_nothing() { co_return Result<void>(); }

// How a store holds what the archive says: compare-and-set judges by the version alone.
template <class Row>
bool says_the_same(Row one, const Row& other) {
  one.version = other.version;
  return one == other;
}

}  // namespace

Task<Result<ImportChat::Report>> ImportChat::run(ArchiveReader& from) {
  written_ = 0;
  auto archive = look_through(from);
  if (!archive) co_return forward(archive);
  auto checking = check_people(archive->people);
  auto done = co_await std::move(checking);
  if (!done) co_return forward(done);
  auto lifting = lift_blocks(*archive);
  done = co_await std::move(lifting);
  if (!done) co_return forward(done);
  archive->people.clear();
  archive->blocks.clear();
  if (auto rewound = from.rewind(); !rewound) co_return forward(rewound);
  auto writing = write_all(from, archive->sums.total());
  done = co_await std::move(writing);
  if (!done) co_return forward(done);
  if (auto renewed = renew_epoch_(); !renewed) co_return forward(renewed);

  ChatSums held(text_);
  SummingWriter into(held);
  ExportChat reading(stores_, [this](std::string_view what, std::size_t part, std::size_t of) {
    progress_("comparing " + std::string(what), part, of);
  });
  auto comparing = reading.run(into);
  done = co_await std::move(comparing);
  if (!done) co_return forward(done);
  auto differences = ChatSums::differences(archive->sums, held, kDifferencesMax);
  co_return Report{std::move(archive->sums), written_, std::move(differences)};
}

Result<ImportChat::Overview> ImportChat::look_through(ArchiveReader& from) {
  Overview seen{ChatSums(text_), {}, {}};
  for (std::size_t read = 0;; ++read) {
    const auto record = from.next();
    if (!record) return forward(record);
    if (!*record) return seen;
    seen.sums.add(**record);
    if (const auto* user = std::get_if<User>(&**record)) seen.people.insert(user->id);
    if (const auto* block = std::get_if<ArchivedBlock>(&**record)) {
      seen.blocks.emplace(block->blocker, block->blocked);
    }
    progress_("checking the archive", read, 0);
  }
}

Task<Result<void>> ImportChat::check_people(const std::set<UserId>& known) {
  std::string after;
  while (true) {
    const auto list = [&] { return stores_.users.list(after, kUsersPerRead); };
    auto listing = patient(list);
    const auto page = co_await std::move(listing);
    if (!page) co_return forward(page);
    if (page->empty()) co_return Result<void>();
    after = page->back().name;
    for (const User& user : *page) {
      if (known.contains(user.id)) continue;
      co_return fail(ErrorCode::InvalidRequest,
                     "The store holds the account @" + user.name +
                         ", which is not in the archive: it has another chat in it, or was in use "
                         "since. Import into an empty one.");
    }
  }
}

Task<Result<void>> ImportChat::lift_blocks(const Overview& archive) {
  for (const UserId blocker : archive.people) {
    UserId after;
    while (true) {
      const auto list = [&] { return stores_.users.blocked_by(blocker, after, kBlocksPerRead); };
      auto listing = patient(list);
      const auto page = co_await std::move(listing);
      if (!page) co_return forward(page);
      if (page->empty()) break;
      after = page->back();
      for (const UserId blocked : *page) {
        if (archive.blocks.contains({blocker, blocked})) continue;
        ++written_;
        const auto lift = [&] { return stores_.users.put_block(blocker, blocked, false); };
        auto lifting = patient(lift);
        const auto lifted = co_await std::move(lifting);
        if (!lifted) co_return lifted;
      }
    }
  }
  co_return Result<void>();
}

Task<Result<void>> ImportChat::write_all(ArchiveReader& from, std::size_t total) {
  std::size_t read = 0;
  std::optional<ArchiveRecord> ahead;
  for (bool at_end = false; !at_end;) {
    Batch batch;
    if (ahead) batch.push_back(std::move(*ahead));
    ahead.reset();
    while (batch.size() < kBatch) {
      auto record = from.next();
      if (!record) co_return forward(record);
      at_end = !record->has_value();
      if (at_end) break;
      ++read;
      // What is named is there before what names it.
      const bool is_of_batch = batch.empty() || batch.front().index() == (*record)->index();
      if (!is_of_batch) {
        ahead = std::move(**record);
        break;
      }
      batch.push_back(std::move(**record));
    }
    if (batch.empty()) break;
    const std::string_view what = name_of(kind_of(batch.front()));
    auto dropping = drop_known(batch);
    auto done = co_await std::move(dropping);
    if (!done) co_return done;
    auto writing = write_batch(batch);
    done = co_await std::move(writing);
    if (!done) co_return done;
    progress_(what, read, total);
  }
  co_return Result<void>();
}

Task<Result<void>> ImportChat::drop_known(Batch& batch) {
  switch (kind_of(batch.front())) {
    case ArchiveKind::Messages:
      return drop_known_messages(batch);
    case ArchiveKind::Arrivals:
      return drop_known_arrivals(batch);
    case ArchiveKind::Marks:
      return drop_known_marks(batch);
    default:
      return drop_nothing();
  }
}

// Rows never change but by being erased.
Task<Result<void>> ImportChat::drop_known_messages(Batch& batch) {
  std::map<std::pair<GroupId, MessageId>, bool> is_erased;
  for (auto first = batch.begin(); first != batch.end();) {
    const GroupId group = std::get<Message>(*first).group;
    std::vector<MessageId> ids;
    for (; first != batch.end() && std::get<Message>(*first).group == group; ++first) {
      ids.push_back(std::get<Message>(*first).id);
    }
    std::ranges::sort(ids);
    const auto read = [&] { return stores_.messages.read(group, ids); };
    auto reading = patient(read);
    const auto rows = co_await std::move(reading);
    if (!rows) co_return forward(rows);
    for (const Message& row : *rows) is_erased.emplace(std::pair(group, row.id), row.erased);
  }
  std::erase_if(batch, [&](const ArchiveRecord& record) {
    const auto& message = std::get<Message>(record);
    const auto row = is_erased.find({message.group, message.id});
    return row != is_erased.end() && (row->second || !message.erased);
  });
  co_return Result<void>();
}

// Each entry that is written again stands in the order of arrival once more, where there is one.
Task<Result<void>> ImportChat::drop_known_arrivals(Batch& batch) {
  std::set<std::pair<GroupId, LateArrival>> known;
  for (auto first = batch.begin(); first != batch.end();) {
    const auto& begin = std::get<ArchivedArrival>(*first);
    LateArrival last = begin.arrival;
    for (; first != batch.end() && std::get<ArchivedArrival>(*first).group == begin.group;
         ++first) {
      last = std::max(last, std::get<ArchivedArrival>(*first).arrival);
    }
    LateArrival after{begin.arrival.received_at - milliseconds(1), kLastMessageId};
    while (after < last) {
      const auto read = [&] {
        return stores_.messages.read_late(begin.group, after, kArrivalsPerRead);
      };
      auto reading = patient(read);
      const auto page = co_await std::move(reading);
      if (!page) co_return forward(page);
      if (page->empty()) break;
      for (const LateArrival& arrival : *page) known.emplace(begin.group, arrival);
      after = page->back();
    }
  }
  std::erase_if(batch, [&](const ArchiveRecord& record) {
    const auto& entry = std::get<ArchivedArrival>(record);
    return known.contains({entry.group, entry.arrival});
  });
  co_return Result<void>();
}

Task<Result<void>> ImportChat::drop_known_marks(Batch& batch) {
  std::set<std::pair<UserId, GroupId>> known;
  for (auto first = batch.begin(); first != batch.end();) {
    const UserId user = std::get<ArchivedMark>(*first).user;
    const auto begin = first;
    std::vector<GroupId> groups;
    for (; first != batch.end() && std::get<ArchivedMark>(*first).user == user; ++first) {
      groups.push_back(std::get<ArchivedMark>(*first).mark.group);
    }
    const auto get = [&] { return stores_.read_marks.get(user, groups); };
    auto getting = patient(get);
    const auto marks = co_await std::move(getting);
    if (!marks) co_return forward(marks);
    for (std::size_t i = 0; i < marks->size(); ++i) {
      const auto& archived = std::get<ArchivedMark>(*(begin + static_cast<std::ptrdiff_t>(i)));
      if ((*marks)[i] == archived.mark) known.emplace(user, groups[i]);
    }
  }
  std::erase_if(batch, [&](const ArchiveRecord& record) {
    const auto& entry = std::get<ArchivedMark>(record);
    return known.contains({entry.user, entry.mark.group});
  });
  co_return Result<void>();
}

Task<Result<void>> ImportChat::write_batch(const Batch& batch) {
  Result<void> outcome;
  std::size_t next = 0;
  TaskGroup writers("core.import");
  for (int i = 0; i < kAtATime; ++i) writers.spawn(write_some(batch, next, outcome));
  co_await writers.join();
  co_return outcome;
}

// All writers of a batch are on one loop, so they share what they know without a lock.
Task<void> ImportChat::write_some(const Batch& batch, std::size_t& next, Result<void>& outcome) {
  while (outcome && next < batch.size()) {
    const ArchiveRecord& record = batch[next++];
    auto writing = write(record);
    auto written = co_await std::move(writing);
    if (!written) outcome = std::move(written);
  }
}

Task<Result<void>> ImportChat::write(const ArchiveRecord& record) {
  return std::visit([this](const auto& each) { return put(each); }, record);
}

Task<Result<void>> ImportChat::put(User user) {
  for (int tried = 0; tried < kRaceTriesMax; ++tried) {
    const auto create = [&] { return stores_.users.create(user); };
    auto creating = patient(create);
    const auto holder = co_await std::move(creating);
    if (!holder) co_return forward(holder);
    if (!*holder) {
      ++written_;
      break;
    }
    if ((*holder)->id != user.id) {
      co_return fail(ErrorCode::NameTaken,
                     "The name @" + user.name + " belongs to another account in the store.");
    }
    User wanted = user;
    wanted.version = (*holder)->version;
    wanted.last_seen = (*holder)->last_seen;
    const bool stays_ended = (*holder)->ended_at && !user.ended_at;
    if (stays_ended || wanted == **holder) break;
    const auto set = [&] { return stores_.users.compare_and_set(wanted); };
    auto setting = patient(set);
    const auto is_set = co_await std::move(setting);
    if (!is_set) co_return forward(is_set);
    written_ += *is_set ? 1 : 0;
    if (tried + 1 == kRaceTriesMax) co_return lost_every_race();
  }
  const auto see = [&] { return stores_.users.seen(user.id, user.last_seen); };
  auto seeing = patient(see);
  co_return co_await std::move(seeing);
}

Task<Result<void>> ImportChat::put(ArchivedBlock block) {
  const auto look = [&] { return stores_.users.is_blocked(block.blocker, block.blocked); };
  auto looking = patient(look);
  const auto is_blocked = co_await std::move(looking);
  if (!is_blocked) co_return forward(is_blocked);
  if (*is_blocked) co_return Result<void>();
  ++written_;
  const auto write = [&] { return stores_.users.put_block(block.blocker, block.blocked, true); };
  auto writing = patient(write);
  co_return co_await std::move(writing);
}

Task<Result<void>> ImportChat::put(ServiceKey key) {
  const auto find = [&] { return stores_.sessions.find_key(key.id); };
  auto finding = patient(find);
  const auto found = co_await std::move(finding);
  if (!found) co_return forward(found);
  const bool stays_revoked = *found && (*found)->revoked_at && !key.revoked_at;
  if (stays_revoked || *found == key) co_return Result<void>();
  ++written_;
  const auto write = [&] { return stores_.sessions.put_key(key); };
  auto writing = patient(write);
  co_return co_await std::move(writing);
}

Task<Result<void>> ImportChat::put(ArchivedGroup group) {
  auto setting = put_settings(group.group);
  auto set = co_await std::move(setting);
  if (!set || !group.last_updated) co_return set;
  const auto touch = [&] { return stores_.messages.touch(group.group.id, *group.last_updated); };
  auto touching = patient(touch);
  co_return co_await std::move(touching);
}

Task<Result<void>> ImportChat::put_settings(Group group) {
  for (int tried = 0; tried < kRaceTriesMax; ++tried) {
    const auto create = [&] { return stores_.groups.create(group); };
    auto creating = patient(create);
    const auto found = co_await std::move(creating);
    if (!found) co_return forward(found);
    if (!*found) {
      ++written_;
      co_return Result<void>();
    }
    const bool stays_deleted = (*found)->deleted_at && !group.deleted_at;
    if (stays_deleted || says_the_same(group, **found)) co_return Result<void>();
    Group wanted = group;
    wanted.version = (*found)->version;
    const auto set = [&] { return stores_.groups.compare_and_set(wanted); };
    auto setting = patient(set);
    const auto is_set = co_await std::move(setting);
    if (!is_set) co_return forward(is_set);
    written_ += *is_set ? 1 : 0;
  }
  co_return lost_every_race();
}

Task<Result<void>> ImportChat::put(ArchivedMember entry) {
  Member& member = entry.member;
  for (int tried = 0; tried < kRaceTriesMax; ++tried) {
    const auto find = [&] { return stores_.groups.find_member(entry.group, member.user); };
    auto finding = patient(find);
    const auto found = co_await std::move(finding);
    if (!found) co_return forward(found);
    if (*found && says_the_same(member, **found)) co_return Result<void>();
    member.version = *found ? (*found)->version : 0;
    const auto set = [&] { return stores_.groups.compare_and_set_member(entry.group, member); };
    auto setting = patient(set);
    const auto is_set = co_await std::move(setting);
    if (!is_set) co_return forward(is_set);
    written_ += *is_set ? 1 : 0;
  }
  co_return lost_every_race();
}

Task<Result<void>> ImportChat::put(ArchivedMark entry) {
  ++written_;
  const auto write = [&] { return stores_.read_marks.put(entry.user, entry.mark); };
  auto writing = patient(write);
  co_return co_await std::move(writing);
}

// A row that was erased is stored as if it had just been said, for the sake of the slot that it won
// or lost, and then erased.
Task<Result<void>> ImportChat::put(Message message) {
  ++written_;
  const bool erased = std::exchange(message.erased, false);
  // The late index has records of its own.
  const auto append = [&] { return stores_.messages.append(message, /*late=*/false); };
  auto appending = patient(append);
  const auto appended = co_await std::move(appending);
  if (!appended || !erased) co_return without_value(appended);
  const auto erase = [&] { return stores_.messages.erase(message.group, message.id); };
  auto erasing = patient(erase);
  co_return co_await std::move(erasing);
}

Task<Result<void>> ImportChat::put(ArchivedArrival entry) {
  ++written_;
  const auto write = [&] { return stores_.messages.index_late(entry.group, entry.arrival); };
  auto writing = patient(write);
  co_return co_await std::move(writing);
}

}  // namespace tidings
