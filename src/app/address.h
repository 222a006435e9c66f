#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidings {

// Where a listener is: an IP address (or "localhost") and a port.
struct Address {
  std::string host;  // "127.0.0.1", "::1"
  std::uint16_t port = 0;
  bool operator==(const Address&) const = default;
};

// Reads "127.0.0.1:7400", "localhost:7400" or "[::1]:7400".
//
// Errors: InvalidRequest   the detail shows what is expected
Result<Address> parse_address(std::string_view text);

// "127.0.0.1:7400" or "[::1]:7400".
std::string format_address(const Address& address);

// "localhost" and all of 127.0.0.0/8 and ::1, also when they are written as IPv4 inside IPv6.
bool is_loopback(std::string_view host);

// "0.0.0.0" and "::": every address of this machine, and so none that others could be told.
bool is_wildcard(std::string_view host);

}  // namespace tidings
