// Frames as a WebSocket reads them: a header is found, not yet there, or malformed, and what is
// written can be read.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.h"
#include "net/web_socket_frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tidings;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const FrameScan scan = scan_frame(bytes);
  if (scan.found != FrameScan::Found::Header) return 0;
  const FrameHeader& header = scan.header;
  ensure(header.header_bytes <= bytes.size(), "a header is within its bytes");
  const FrameScan cut = scan_frame(bytes.substr(0, header.header_bytes - 1));
  ensure(cut.found == FrameScan::Found::Incomplete, "a cut header is incomplete");
  if (!header.is_final || bytes.size() - header.header_bytes < header.payload_bytes) return 0;

  std::string payload(bytes.substr(header.header_bytes, header.payload_bytes));
  if (header.mask) apply_mask(payload.data(), payload.size(), *header.mask);
  std::string written;
  append_frame(written, header.opcode, payload, header.mask);
  ensure(written == bytes.substr(0, written.size()), "what is read is written alike");
  return 0;
}
