#include "app/address.h"

#include <charconv>

namespace tidings {

Result<Address> parse_address(std::string_view text) {
  const auto wrong = [&] {
    return fail(ErrorCode::InvalidRequest,
                "must be HOST:PORT such as \"127.0.0.1:7400\" or \"[::1]:7400\", not \"" +
                    std::string(text) + "\"");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.contains(':')) {
    return wrong();
  }
  if (host.empty()) return wrong();
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size())
    return wrong();
  return Address{std::string(host == "localhost" ? "127.0.0.1" : host), port};
}

std::string format_address(const Address& address) {
  const std::string host = address.host.contains(':') ? '[' + address.host + ']' : address.host;
  return host + ':' + std::to_string(address.port);
}

bool is_loopback(std::string_view host) {
  constexpr std::string_view kMapped = "::ffff:";
  if (host.starts_with(kMapped)) host.remove_prefix(kMapped.size());
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

bool is_wildcard(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

}  // namespace tidings
