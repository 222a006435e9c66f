#include "adapters/memory/group_rows.h"

#include <algorithm>
#include <iterator>

namespace tidings {

bool GroupRows::merge_row(const Message& message) {
  const auto [at, is_new] = rows_.try_emplace(message.id, message);
  if (!is_new && message.received_at < at->second.received_at && !at->second.erased) {
    at->second = message;
  }
  if (erased_.contains(message.id)) {
    strip_body(at->second);
    at->second.erased = true;
  }
  if (is_new) {
    std::erase_if(sealed_, [&message](const auto& entry) {
      return IdRange{entry.first, entry.second.to}.contains(message.id);
    });
    std::erase_if(open_seals_,
                  [&message](const auto& entry) { return entry.second.contains(message.id); });
  }
  return is_new;
}

void GroupRows::merge_amendment(const Message& message) {
  auto amendment = amendment_of(message);
  if (!amendment) return;
  if (erased_.contains(message.id)) strip_body(*amendment);
  const Slot offered{*amendment, message.received_at};
  const auto [at, is_new] = slots_[amendment->target].try_emplace(slot_of(*amendment), offered);
  Slot& winner = at->second;
  const bool is_later = winner.amendment.id < amendment->id;
  const bool is_earlier_content =
      winner.amendment.id == amendment->id && message.received_at < winner.received_at;
  if (is_later || is_earlier_content) winner = offered;
}

void GroupRows::merge_head(Time at) { head_ = std::max(head_.value_or(at), at); }

void GroupRows::erase(MessageId id) {
  erased_.insert(id);
  const auto row = rows_.find(id);
  if (row == rows_.end()) return;
  if (const auto amendment = amendment_of(row->second)) {
    for (auto& [name, slot] : slots_[amendment->target]) {
      if (slot.amendment.id == id) strip_body(slot.amendment);
    }
  }
  strip_body(row->second);
  row->second.erased = true;
}

void GroupRows::seal(IdRange range, const DigestSum& sum, SealTicket ticket) {
  if (open_seals_.erase(ticket) == 0) return;
  sealed_.insert_or_assign(range.from, Sealed{range.to, sum});
}

const Message* GroupRows::find(MessageId id) const {
  const auto row = rows_.find(id);
  return row == rows_.end() ? nullptr : &row->second;
}

std::vector<Message> GroupRows::read(const std::vector<MessageId>& ids) const {
  std::vector<Message> found;
  for (const MessageId id : std::set(ids.begin(), ids.end())) {
    if (const Message* row = find(id)) found.push_back(*row);
  }
  return found;
}

std::vector<MessageId> GroupRows::ids(IdRange range, Take take, std::size_t limit) const {
  std::vector<MessageId> found;
  if (range.to <= range.from) return found;
  const auto first = rows_.lower_bound(range.from);
  const auto last = rows_.lower_bound(range.to);
  if (take == Take::Oldest) {
    for (auto at = first; at != last && found.size() < limit; ++at) found.push_back(at->first);
    return found;
  }
  for (auto at = last; at != first && found.size() < limit;) found.push_back((--at)->first);
  std::ranges::reverse(found);
  return found;
}

std::vector<LateArrival> GroupRows::late(LateArrival after, std::size_t limit) const {
  std::vector<LateArrival> found;
  for (auto at = late_.upper_bound(after); at != late_.end() && found.size() < limit; ++at) {
    found.push_back(*at);
  }
  return found;
}

std::vector<Amendment> GroupRows::amendments(const std::vector<MessageId>& targets) const {
  std::vector<Amendment> found;
  for (const MessageId target : targets) {
    const auto slots = slots_.find(target);
    if (slots == slots_.end()) continue;
    for (const auto& [name, slot] : slots->second) found.push_back(slot.amendment);
  }
  return found;
}

std::optional<DigestSum> GroupRows::sealed(IdRange range) const {
  const auto found = sealed_.find(range.from);
  if (found == sealed_.end() || found->second.to != range.to) return std::nullopt;
  return found->second.sum;
}

}  // namespace tidings
