#include "adapters/memory/replay_memory.h"

#include <algorithm>
#include <utility>

namespace tidings {
namespace {

constexpr std::size_t kFirstSlots = 16;

std::uint64_t not_zero(std::uint64_t fingerprint) { return fingerprint == 0 ? 1 : fingerprint; }

}  // namespace

bool ReplayMemory::contains(std::uint64_t fingerprint, Instant now) {
  turn(now);
  return std::ranges::any_of(generations_, [fingerprint](const Table& generation) {
    return generation.contains(not_zero(fingerprint));
  });
}

void ReplayMemory::add(std::uint64_t fingerprint, Instant now) {
  turn(now);
  if (generations_.front().used >= generation_max_) drop_oldest();
  generations_.front().add(not_zero(fingerprint));
}

std::size_t ReplayMemory::size() const {
  std::size_t size = 0;
  for (const Table& generation : generations_) size += generation.used;
  return size;
}

void ReplayMemory::turn(Instant now) {
  if (now - kLife >= turned_) {
    for (Table& generation : generations_) generation = {};
    turned_ = now;
    return;
  }
  while (now - turned_ >= kGenerationLife) {
    drop_oldest();
    turned_ += kGenerationLife;
  }
}

void ReplayMemory::drop_oldest() {
  generations_.back() = {};
  std::ranges::rotate(generations_, generations_.end() - 1);
}

bool ReplayMemory::Table::contains(std::uint64_t fingerprint) const {
  if (slots.empty()) return false;
  for (std::size_t slot = fingerprint % slots.size(); slots[slot] != 0;
       slot = (slot + 1) % slots.size()) {
    if (slots[slot] == fingerprint) return true;
  }
  return false;
}

void ReplayMemory::Table::add(std::uint64_t fingerprint) {
  if (contains(fingerprint)) return;
  if (2 * (used + 1) > slots.size()) {
    std::vector<std::uint64_t> fewer(std::max(kFirstSlots, 2 * slots.size()));
    std::swap(slots, fewer);
    for (const std::uint64_t kept : fewer) {
      if (kept != 0) place(kept);
    }
  }
  place(fingerprint);
  ++used;
}

void ReplayMemory::Table::place(std::uint64_t fingerprint) {
  std::size_t slot = fingerprint % slots.size();
  while (slots[slot] != 0) slot = (slot + 1) % slots.size();
  slots[slot] = fingerprint;
}

}  // namespace tidings
