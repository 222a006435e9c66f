#include "adapters/rocks/message_writes.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace tidings::rocks {
namespace {

constexpr std::string_view kSealedToKey = "sealed_to";

// The keys of the sealed ranges of `group` that hold `id`.
Result<std::vector<std::string>> sealed_around(Changes& changes, SealedEnd& sealed_end,
                                               GroupId group, MessageId id) {
  std::vector<std::string> keys;
  auto end = sealed_end.get(changes);
  if (!end) return forward(std::move(end));
  if (id >= *end) return keys;
  const auto lower = pair_key(group.value, kFirstMessageId.value);
  // Ranges that begin at `id` hold it too.
  const auto upper =
      StoredKey().raw(pair_key(group.value, id.value).view()).uuid(kLastMessageId.value);
  auto scanned = changes.scan(Table::Sealed, lower.view(), upper.view(),
                              [&](std::string_view key, std::string_view) {
                                if (id < MessageId{uuid_at(key, 32)}) keys.emplace_back(key);
                                return true;
                              });
  if (!scanned) return forward(std::move(scanned));
  return keys;
}

}  // namespace

Result<MessageId> SealedEnd::get(Changes& changes) {
  if (known_) return *known_;
  auto stored = changes.get(Table::Meta, kSealedToKey);
  if (!stored) return forward(std::move(stored));
  if (*stored) {
    const auto id = decode_uuid(**stored);
    if (!id) return fail_damaged(Table::Meta, kSealedToKey);
    known_ = MessageId{*id};
  } else {
    known_ = kFirstMessageId;
  }
  return *known_;
}

Result<void> SealedEnd::raise(Changes& changes, MessageId to) {
  auto end = get(changes);
  if (!end) return forward(std::move(end));
  known_ = std::max(*end, to);
  // Written each time: the batch of an earlier raise may have failed.
  changes.put(Table::Meta, kSealedToKey, encode_uuid(known_->value));
  return {};
}

// The oldest is forgotten rather than kept for somebody who never ends it.
SealTicket OpenSeals::begin(GroupId group, IdRange range) {
  if (open_.size() >= kOpenMax) open_.erase(open_.begin());
  open_.emplace(++last_, Open{group, range});
  return last_;
}

void OpenSeals::append(GroupId group, MessageId id) {
  std::erase_if(open_, [&](const auto& entry) {
    return entry.second.group == group && entry.second.range.contains(id);
  });
}

bool OpenSeals::end(SealTicket ticket) { return open_.erase(ticket) > 0; }

Result<Head> RecentHeads::get(Changes& changes, GroupId group) {
  Slot& slot = slots_[std::hash<GroupId>()(group) % kSlots];
  if (slot.used && slot.group == group) return slot.head;
  const auto key = StoredKey().uuid(group.value);
  auto stored = changes.get(Table::Heads, key.view());
  if (!stored) return forward(std::move(stored));
  Head head{from_ms(0), 0, {}};
  if (*stored && !decode(**stored, head)) return fail_damaged(Table::Heads, key.view());
  slot = {group, head, true};
  return head;
}

void RecentHeads::put(Changes& changes, GroupId group, const Head& head) {
  slots_[std::hash<GroupId>()(group) % kSlots] = {group, head, true};
  changes.put(Table::Heads, StoredKey().uuid(group.value).view(), encode(head));
}

std::size_t Append::bytes() const {
  const Content& content = message_.content;
  return 512 + content.text.size() + content.ciphertext.size() + content.metadata.size();
}

// Nothing is written before everything was read.
Result<void> Append::apply(Changes& changes) {
  const auto key = message_key(message_.group, message_.id);
  auto head = memory_.heads.get(changes, message_.group);
  if (!head) return forward(std::move(head));
  // Nearly every send is the newest of its group, and then no file need be asked for its id.
  if (message_.id <= head->newest) {
    auto earlier = changes.get(Table::Messages, key.view());
    if (!earlier) return forward(std::move(earlier));
    if (*earlier) {
      Message found;
      found.id = message_.id;
      found.group = message_.group;
      if (!decode(**earlier, found)) return fail_damaged(Table::Messages, key.view());
      answer = std::move(found);
      return {};
    }
  }
  auto unsealed = sealed_around(changes, memory_.sealed_end, message_.group, message_.id);
  if (!unsealed) return forward(std::move(unsealed));
  memory_.open_seals.append(message_.group, message_.id);
  auto amendment = amendment_of(message_);
  if (amendment) {
    const auto slot = amendment_key(message_.group, *amendment);
    auto stored = changes.get(Table::Amendments, slot.view());
    if (!stored) return forward(std::move(stored));
    Amendment winner;
    if (*stored && !decode(**stored, winner)) return fail_damaged(Table::Amendments, slot.view());
    if (*stored && winner.id > amendment->id) amendment.reset();
  }
  auto position = changes.next_position();
  if (!position) return forward(std::move(position));

  if (late_) {
    const LateArrival arrival{message_.received_at, message_.id};
    changes.put(Table::Late, late_key(message_.group, arrival).view(), {});
  }
  if (amendment) {
    changes.put(Table::Amendments, amendment_key(message_.group, *amendment).view(),
                encode(*amendment));
  }
  for (const std::string& range : *unsealed) changes.remove(Table::Sealed, range);
  changes.put(Table::Messages, key.view(), encode(message_));
  changes.put(Table::Arrivals, arrival_key(message_.group, *position).view(),
              encode_uuid(message_.id.value));
  memory_.heads.put(changes, message_.group,
                    {std::max(head->last_updated, message_.received_at), *position,
                     std::max(head->newest, message_.id)});
  return {};
}

Result<void> IndexLate::apply(Changes& changes) {
  auto known = changes.has(Table::Messages, message_key(group_, arrival_.id).view());
  if (!known) return forward(std::move(known));
  auto head = memory_.heads.get(changes, group_);
  if (!head) return forward(std::move(head));
  if (*known) {
    auto position = changes.next_position();
    if (!position) return forward(std::move(position));
    head->position = *position;
    changes.put(Table::Arrivals, arrival_key(group_, *position).view(),
                encode_uuid(arrival_.id.value));
  }
  changes.put(Table::Late, late_key(group_, arrival_).view(), {});
  memory_.heads.put(
      changes, group_,
      {std::max(head->last_updated, arrival_.received_at), head->position, head->newest});
  return {};
}

Result<void> Touch::apply(Changes& changes) {
  auto head = memory_.heads.get(changes, group_);
  if (!head) return forward(std::move(head));
  memory_.heads.put(changes, group_,
                    {std::max(head->last_updated, at_), head->position, head->newest});
  return {};
}

Result<void> Erase::apply(Changes& changes) {
  const auto key = message_key(group_, id_);
  auto stored = changes.get(Table::Messages, key.view());
  if (!stored) return forward(std::move(stored));
  if (!*stored) return {};
  Message message;
  message.id = id_;
  message.group = group_;
  if (!decode(**stored, message)) return fail_damaged(Table::Messages, key.view());
  if (message.erased) return {};

  if (auto amendment = amendment_of(message)) {
    const auto slot = amendment_key(group_, *amendment);
    auto winner = changes.get(Table::Amendments, slot.view());
    if (!winner) return forward(std::move(winner));
    Amendment kept;
    if (*winner && !decode(**winner, kept)) return fail_damaged(Table::Amendments, slot.view());
    if (*winner && kept.id == id_) {
      strip_body(kept);
      changes.put(Table::Amendments, slot.view(), encode(kept));
    }
  }
  strip_body(message);
  message.erased = true;
  changes.put(Table::Messages, key.view(), encode(message));
  return {};
}

Result<void> BeginSeal::apply(Changes&) {
  answer = memory_.open_seals.begin(group_, range_);
  return {};
}

Result<void> Seal::apply(Changes& changes) {
  if (!memory_.open_seals.end(ticket_)) return {};
  if (auto raised = memory_.sealed_end.raise(changes, range_.to); !raised) return raised;
  changes.put(Table::Sealed, sealed_key(group_, range_).view(), encode(sum_));
  return {};
}

}  // namespace tidings::rocks
