#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/ids.h"

namespace tidings {

// The sum over a set of ids of the first 16 bytes (big-endian) of SHA-256(id), modulo 2^128. Order
// does not matter, ids can be added one by one, and sums of disjoint sets add up.
class DigestSum {
 public:
  void add(MessageId id);
  void add(const DigestSum& other);

  std::uint64_t count() const { return count_; }
  std::string hex() const;  // 32 lower-case digits
  const std::array<std::uint8_t, 16>& bytes() const { return sum_; }
  static DigestSum from(std::uint64_t count, const std::array<std::uint8_t, 16>& sum);

  bool operator==(const DigestSum&) const = default;

 private:
  std::uint64_t count_ = 0;
  std::array<std::uint8_t, 16> sum_{};
};

// What a client compares with its own rows of from <= id < to; no `to`: all from there on.
struct Digest {
  MessageId from;
  std::optional<MessageId> to;
  DigestSum sum;
  std::vector<Digest> parts;   // of ranges that hold more than 10,000 rows
  std::vector<MessageId> ids;  // all of them, where they are at most 256 and were asked for
};

}  // namespace tidings
