#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace tidings {

// A bounded set of 64-bit fingerprints, each remembered for 60 to 80 s: four generations of 20 s in
// open-addressing tables, eight bytes an entry. When it is full, the oldest generation goes early.
//
// Not safe from several threads.
class ReplayMemory {
 public:
  explicit ReplayMemory(std::size_t entries_max) : generation_max_(entries_max / kGenerations) {}

  bool contains(std::uint64_t fingerprint, Instant now);
  void add(std::uint64_t fingerprint, Instant now);
  std::size_t size() const;

 private:
  static constexpr std::size_t kGenerations = 4;
  static constexpr milliseconds kGenerationLife = seconds(20);
  static constexpr milliseconds kLife = seconds(80);

  // At most half full, so that a run of filled slots stays short. 0 marks an empty slot.
  struct Table {
    std::vector<std::uint64_t> slots;
    std::size_t used = 0;

    bool contains(std::uint64_t fingerprint) const;
    void add(std::uint64_t fingerprint);
    void place(std::uint64_t fingerprint);
  };

  void turn(Instant now);
  void drop_oldest();

  std::size_t generation_max_;
  std::array<Table, kGenerations> generations_;  // the newest first
  Instant turned_ = Instant::min();
};

}  // namespace tidings
