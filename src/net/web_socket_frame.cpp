#include "net/web_socket_frame.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace tidings {
namespace {

constexpr std::uint64_t kControlPayloadMax = 125;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;

bool is_known(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

}  // namespace

FrameScan scan_frame(std::string_view bytes) {
  if (bytes.size() < 2) return {};
  const FrameScan malformed{FrameScan::Found::Malformed, {}};

  ByteReader reader(bytes);
  const std::uint8_t first = reader.u8();
  const std::uint8_t second = reader.u8();
  const std::uint8_t opcode = first & 0x0F;
  if ((first & 0x70) != 0 || !is_known(opcode)) return malformed;

  FrameHeader header;
  header.is_final = (first & 0x80) != 0;
  header.opcode = static_cast<Opcode>(opcode);
  header.payload_bytes = second & 0x7F;
  if (header.is_control() && (!header.is_final || header.payload_bytes > kControlPayloadMax)) {
    return malformed;
  }
  if (header.payload_bytes == kLength16) {
    header.payload_bytes = reader.u16();
    if (reader.ok() && header.payload_bytes < kLength16) return malformed;
  } else if (header.payload_bytes == kLength64) {
    header.payload_bytes = reader.u64();
    if (reader.ok() && (header.payload_bytes <= 0xFFFF || header.payload_bytes >> 63 != 0)) {
      return malformed;
    }
  }
  if ((second & 0x80) != 0) {
    MaskKey& key = header.mask.emplace();
    for (std::uint8_t& byte : key) byte = reader.u8();
  }
  if (!reader.ok()) return {};
  header.header_bytes = bytes.size() - reader.left();
  return {FrameScan::Found::Header, header};
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload,
                  std::optional<MaskKey> mask) {
  ByteWriter writer(out);
  const auto mask_bit = static_cast<std::uint8_t>(mask ? 0x80 : 0);
  writer.u8(static_cast<std::uint8_t>(0x80 | static_cast<std::uint8_t>(opcode)));
  if (payload.size() < kLength16) {
    writer.u8(static_cast<std::uint8_t>(mask_bit | payload.size()));
  } else if (payload.size() <= 0xFFFF) {
    writer.u8(static_cast<std::uint8_t>(mask_bit | kLength16));
    writer.u16(static_cast<std::uint16_t>(payload.size()));
  } else {
    writer.u8(static_cast<std::uint8_t>(mask_bit | kLength64));
    writer.u64(payload.size());
  }
  if (mask) {
    for (const std::uint8_t byte : *mask) writer.u8(byte);
  }
  out.append(payload);
  if (mask) apply_mask(out.data() + out.size() - payload.size(), payload.size(), *mask);
}

void apply_mask(char* bytes, std::size_t size, const MaskKey& key) {
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>(static_cast<std::uint8_t>(bytes[i]) ^ key[i % key.size()]);
  }
}

bool is_close_code(std::uint16_t code) {
  const bool is_reserved = code == 1004 || code == 1005 || code == 1006;
  return (code >= 1000 && code <= 1014 && !is_reserved) || (code >= 3000 && code <= 4999);
}

std::string accept_key(std::string_view key) {
  static constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const Sha1 digest = sha1(as_bytes_of(key), kGuid);
  return to_base64(as_text(digest));
}

}  // namespace tidings
