#pragma once

#include <chrono>
#include <cstddef>

namespace tidings {

// What one peer may cost, in bytes and time. Times are kept to within `sweep_every`.
struct HttpLimits {
  std::size_t header_bytes_max = 16 * 1024;  // request line, fields and the empty line
  std::size_t header_fields_max = 100;
  std::size_t body_bytes_max = 256 * 1024;

  std::chrono::milliseconds header_time{10'000};  // from the first byte (and for a TLS handshake)
  // A body, and the taking of an answer, must keep up with this: 10 s and a second per 16 KiB.
  std::chrono::milliseconds transfer_time{10'000};
  std::size_t transfer_bytes_per_second = 16 * 1024;
  std::chrono::milliseconds idle_time{75'000};   // between requests
  std::chrono::milliseconds linger_time{2'000};  // for a refused peer to read its refusal

  std::size_t message_bytes_max = 4 * 1024;  // of a WebSocket
  std::size_t queued_bytes_max = 64 * 1024;  // written to a WebSocket that its peer does not read
  std::chrono::milliseconds ping_every{25'000};
  std::chrono::milliseconds pong_time{10'000};
  std::chrono::milliseconds close_time{5'000};  // for a peer to answer a close frame

  std::size_t connections_max = 100'000;
  std::chrono::milliseconds sweep_every{1'000};
};

}  // namespace tidings
