#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidings {

// The frames of RFC 6455:
//   FIN RSV(3) OPCODE(4) | MASK LENGTH(7) | [LENGTH 16 or 64] | [MASK KEY 32] | payload
enum class Opcode : std::uint8_t {
  Continuation = 0,
  Text = 1,
  Binary = 2,
  Close = 8,
  Ping = 9,
  Pong = 10,
};

using MaskKey = std::array<std::uint8_t, 4>;

struct FrameHeader {
  bool is_final = false;
  Opcode opcode = Opcode::Text;
  std::optional<MaskKey> mask;
  std::uint64_t payload_bytes = 0;
  std::size_t header_bytes = 0;

  bool is_control() const { return opcode >= Opcode::Close; }
};

struct FrameScan {
  enum class Found : std::uint8_t { Incomplete, Header, Malformed };
  Found found = Found::Incomplete;
  FrameHeader header;
};

// Reads a header from the front of `bytes`. Malformed are: reserved bits and opcodes, control
// frames that are long or fragmented, lengths not in their shortest form.
FrameScan scan_frame(std::string_view bytes);

// Appends one unfragmented frame.
void append_frame(std::string& out, Opcode opcode, std::string_view payload,
                  std::optional<MaskKey> mask);

// Masks or unmasks, which is the same.
void apply_mask(char* bytes, std::size_t size, const MaskKey& key);

// Whether a close frame may carry this code.
bool is_close_code(std::uint16_t code);

// The answer to the key of a handshake.
std::string accept_key(std::string_view key);

}  // namespace tidings
