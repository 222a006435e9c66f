#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/http_message.h"

namespace tidings {

// The proxies whose word about a client's address is believed.
//
// Each proxy appends the address of whoever called it to X-Forwarded-For. Read from its end, the
// first address that is no proxy of ours is the client; whatever stands before it was written by
// the client itself, and may be a lie. Safe from any thread.
class TrustedProxies {
 public:
  // Addresses or networks: "10.0.0.7", "10.0.0.0/8", "fd00::/8". Those that can't be read are left
  // out: settings were checked by `parse_network`.
  explicit TrustedProxies(const std::vector<std::string>& networks);

  // The address of who sent this request: the peer's, unless the peer is a proxy that names another
  // one.
  std::string client_of(const HttpRequest& request) const;

 private:
  friend Result<void> check_network(std::string_view text);
  // IPv4 is kept as IPv4 inside IPv6.
  using Bits = std::array<std::uint8_t, 16>;
  struct Network {
    Bits address;
    unsigned prefix_bits;
  };
  static bool read(std::string_view ip, Bits& into);
  static bool read_network(std::string_view text, Network& into);
  bool is_trusted(std::string_view ip) const;

  std::vector<Network> networks_;
};

// Errors: InvalidRequest   neither an IP address nor a network
Result<void> check_network(std::string_view text);

}  // namespace tidings
