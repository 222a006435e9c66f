#include "base/bytes.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace tidings {
namespace {

template <class T>
void append_big_endian(std::string& out, T value) {
  char bytes[sizeof(T)];
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[i] = static_cast<char>(value >> (8 * (sizeof(T) - 1 - i)));
  }
  out.append(bytes, sizeof bytes);
}

template <class T>
T read_big_endian(std::string_view bytes) {
  T value = 0;
  for (const char c : bytes) {
    value = static_cast<T>(value << 8 | static_cast<std::uint8_t>(c));
  }
  return value;
}

std::string encode64(std::string_view bytes, int variant) {
  std::string out(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), variant);
  out.pop_back();  // the terminating zero
  return out;
}

std::optional<std::string> decode64(std::string_view text, int variant) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                        text.size(), nullptr, &size, &end, variant) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

// How many bytes of ASCII `text` begins with; most texts are long runs of it.
std::size_t ascii_run(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t eight = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if ((eight & 0x8080808080808080ULL) != 0) break;
  }
  while (at < text.size() && static_cast<std::uint8_t>(text[at]) < 0x80) ++at;
  return at;
}

}  // namespace

void ByteWriter::u16(std::uint16_t value) { append_big_endian(out_, value); }
void ByteWriter::u32(std::uint32_t value) { append_big_endian(out_, value); }
void ByteWriter::u64(std::uint64_t value) { append_big_endian(out_, value); }

void ByteWriter::varint(std::uint64_t value) {
  while (value >= 0x80) {
    u8(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  u8(static_cast<std::uint8_t>(value));
}

void ByteWriter::uuid(const Uuid& value) { out_.append(as_text(value.bytes)); }

void ByteWriter::text(std::string_view value) {
  varint(value.size());
  raw(value);
}

std::string_view ByteReader::raw(std::size_t size) {
  if (size > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const auto bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

std::uint8_t ByteReader::u8() { return read_big_endian<std::uint8_t>(raw(1)); }
std::uint16_t ByteReader::u16() { return read_big_endian<std::uint16_t>(raw(2)); }
std::uint32_t ByteReader::u32() { return read_big_endian<std::uint32_t>(raw(4)); }
std::uint64_t ByteReader::u64() { return read_big_endian<std::uint64_t>(raw(8)); }

std::uint64_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = u8();
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      return value;
    }
  }
  ok_ = false;
  rest_ = {};
  return 0;
}

Uuid ByteReader::uuid() {
  const auto bytes = raw(16);
  Uuid id;
  std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

std::string_view ByteReader::text() {
  const auto size = varint();
  return raw(size > rest_.size() ? rest_.size() + 1 : static_cast<std::size_t>(size));
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string out(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes.data(), bytes.size());
  out.pop_back();
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string out(text.size() / 2, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (text.size() % 2 != 0 ||
      sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                     text.size(), nullptr, &size, &end) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  return encode64(bytes, sodium_base64_VARIANT_ORIGINAL);
}
std::optional<std::string> from_base64(std::string_view text) {
  return decode64(text, sodium_base64_VARIANT_ORIGINAL);
}
std::string to_base64url(std::string_view bytes) {
  return encode64(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
std::optional<std::string> from_base64url(std::string_view text) {
  return decode64(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::optional<std::size_t> utf8_length(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) {
    const auto lead = static_cast<std::uint8_t>(text[i]);
    std::size_t size = 0;
    std::uint32_t point = 0;
    if (lead < 0x80) {
      const std::size_t run = ascii_run(text.substr(i));
      i += run;
      count += run - 1;
      continue;
    } else if (lead >= 0xC2 && lead < 0xE0) {
      size = 2;
      point = lead & 0x1F;
    } else if (lead >= 0xE0 && lead < 0xF0) {
      size = 3;
      point = lead & 0x0F;
    } else if (lead >= 0xF0 && lead < 0xF5) {
      size = 4;
      point = lead & 0x07;
    } else {
      return std::nullopt;
    }
    if (i + size > text.size()) {
      return std::nullopt;
    }
    for (std::size_t j = 1; j < size; ++j) {
      const auto next = static_cast<std::uint8_t>(text[i + j]);
      if ((next & 0xC0) != 0x80) {
        return std::nullopt;
      }
      point = point << 6 | (next & 0x3F);
    }
    const bool overlong = (size == 3 && point < 0x800) || (size == 4 && point < 0x10000);
    if (overlong || (point >= 0xD800 && point < 0xE000) || point > 0x10FFFF) {
      return std::nullopt;
    }
    i += size;
  }
  return count;
}

}  // namespace tidings
