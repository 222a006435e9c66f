#include "tests/faults/faulty_message_store.h"

#include <chrono>
#include <utility>

#include "base/loop.h"

namespace tidings {
namespace {

// A load of a few seconds sends some hundreds of messages.
constexpr std::uint32_t kStrikesEvery = 25;

// Where a store has no order of arrival, it has many nodes, and a row is seen only a while after
// its stamp.
constexpr milliseconds kSeenAfter{30};

}  // namespace

bool FaultyMessageStore::strikes(Fault fault) {
  return fault_ == fault && ++appended_ % kStrikesEvery == 0;
}

Task<Result<std::optional<Message>>> FaultyMessageStore::append(Message message, bool late) {
  const Content sent = message.content;
  if (fault_ == Fault::Rounds || fault_ == Fault::NoOverlap) {
    co_await sleep_until(std::chrono::steady_clock::now() + kSeenAfter);
  }
  if (strikes(Fault::DropSend)) co_return std::nullopt;
  if (!message.content.text.empty() && strikes(Fault::GarbleBody)) message.content.text += '.';
  auto there = co_await store_.append(std::move(message), late);
  if (fault_ == Fault::AcceptSecondContent && there && *there && (*there)->content != sent) {
    co_return std::nullopt;
  }
  co_return there;
}

Task<Result<std::vector<Message>>> FaultyMessageStore::read_range(GroupId group, IdRange range,
                                                                  Take take, std::size_t limit) {
  auto rows = co_await store_.read_range(group, range, take, limit);
  if (fault_ == Fault::SwapRows && rows && rows->size() > 2) std::swap((*rows)[0], (*rows)[1]);
  co_return rows;
}

Task<Result<std::vector<Amendment>>> FaultyMessageStore::amendments(GroupId group,
                                                                    std::vector<MessageId> targets,
                                                                    Instant as_of) {
  auto found = co_await store_.amendments(group, std::move(targets), as_of);
  if (found) {
    std::erase_if(*found, [this](const Amendment& amendment) {
      return (fault_ == Fault::ForgetEdits && amendment.kind == Kind::Edit) ||
             (fault_ == Fault::ForgetDeletes && amendment.kind == Kind::Delete);
    });
  }
  co_return found;
}

Task<Result<void>> FaultyMessageStore::index_late(GroupId group, LateArrival arrival) {
  return store_.index_late(group, arrival);
}

Task<Result<std::vector<Message>>> FaultyMessageStore::read(GroupId group,
                                                            std::vector<MessageId> ids) {
  // Else the core would see the earlier row itself, unless two sends race.
  if (fault_ == Fault::AcceptSecondContent) ids.clear();
  return store_.read(group, std::move(ids));
}

Task<Result<std::vector<MessageId>>> FaultyMessageStore::read_ids(GroupId group, IdRange range,
                                                                  Take take, std::size_t limit) {
  return store_.read_ids(group, range, take, limit);
}

Task<Result<std::vector<LateArrival>>> FaultyMessageStore::read_late(GroupId group,
                                                                     LateArrival after,
                                                                     std::size_t limit) {
  return store_.read_late(group, after, limit);
}

Task<Result<std::vector<std::optional<Time>>>> FaultyMessageStore::heads(
    std::vector<GroupId> groups) {
  return store_.heads(std::move(groups));
}

Task<Result<void>> FaultyMessageStore::touch(GroupId group, Time at) {
  return store_.touch(group, at);
}

Task<Result<void>> FaultyMessageStore::erase(GroupId group, MessageId id) {
  return store_.erase(group, id);
}

Task<Result<std::optional<DigestSum>>> FaultyMessageStore::sealed(GroupId group, IdRange range) {
  return store_.sealed(group, range);
}

Task<Result<SealTicket>> FaultyMessageStore::begin_seal(GroupId group, IdRange range) {
  return store_.begin_seal(group, range);
}

Task<Result<void>> FaultyMessageStore::seal(GroupId group, IdRange range, DigestSum sum,
                                            SealTicket ticket) {
  return store_.seal(group, range, sum, ticket);
}

}  // namespace tidings
