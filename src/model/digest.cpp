#include "model/digest.h"

#include <span>

#include "base/bytes.h"
#include "base/hash.h"

namespace tidings {
namespace {

void add_modulo(std::array<std::uint8_t, 16>& sum, std::span<const std::uint8_t, 16> other) {
  unsigned carry = 0;
  for (std::size_t i = 16; i-- > 0;) {
    carry += sum[i] + other[i];
    sum[i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
}

}  // namespace

void DigestSum::add(MessageId id) {
  const auto hash = sha256(id.value.bytes);
  add_modulo(sum_, std::span(hash).first<16>());
  ++count_;
}

void DigestSum::add(const DigestSum& other) {
  add_modulo(sum_, other.sum_);
  count_ += other.count_;
}

std::string DigestSum::hex() const { return to_hex(sum_); }

DigestSum DigestSum::from(std::uint64_t count, const std::array<std::uint8_t, 16>& sum) {
  DigestSum made;
  made.count_ = count;
  made.sum_ = sum;
  return made;
}

}  // namespace tidings
