#include "app/client_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace tidings {
namespace {

constexpr unsigned kAllBits = 128;
constexpr unsigned kIpv4Bits = 32;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes the last of the addresses that commas separate.
std::string_view take_last(std::string_view& list) {
  const auto comma = list.rfind(',');
  const std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  return trimmed(last);
}

}  // namespace

bool TrustedProxies::read(std::string_view ip, Bits& into) {
  const std::string text(ip.substr(0, ip.find('%')));
  if (::inet_pton(AF_INET6, text.c_str(), into.data()) == 1) return true;
  in_addr ipv4{};
  if (::inet_pton(AF_INET, text.c_str(), &ipv4) != 1) return false;
  into = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  std::copy_n(reinterpret_cast<const std::uint8_t*>(&ipv4), sizeof ipv4, into.begin() + 12);
  return true;
}

bool TrustedProxies::read_network(std::string_view text, Network& into) {
  const auto slash = text.find('/');
  const std::string_view ip = text.substr(0, slash);
  if (!read(ip, into.address)) return false;
  into.prefix_bits = kAllBits;
  if (slash == std::string_view::npos) return true;
  const std::string_view digits = text.substr(slash + 1);
  const bool is_ipv4 = !ip.contains(':');
  unsigned bits = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size())
    return false;
  if (bits > (is_ipv4 ? kIpv4Bits : kAllBits)) return false;
  into.prefix_bits = is_ipv4 ? kAllBits - kIpv4Bits + bits : bits;
  return true;
}

TrustedProxies::TrustedProxies(const std::vector<std::string>& networks) {
  for (const std::string& text : networks) {
    Network network{};
    if (read_network(text, network)) networks_.push_back(network);
  }
}

bool TrustedProxies::is_trusted(std::string_view ip) const {
  Bits address{};
  if (!read(ip, address)) return false;
  return std::ranges::any_of(networks_, [&](const Network& network) {
    const unsigned whole = network.prefix_bits / 8;
    if (!std::equal(address.begin(), address.begin() + whole, network.address.begin()))
      return false;
    const unsigned rest = network.prefix_bits % 8;
    if (rest == 0) return true;
    const unsigned differing = address[whole] ^ network.address[whole];
    return differing >> (8 - rest) == 0;
  });
}

std::string TrustedProxies::client_of(const HttpRequest& request) const {
  if (networks_.empty() || !is_trusted(request.remote_ip)) return request.remote_ip;
  std::string client = request.remote_ip;
  for (auto header = request.headers.rbegin(); header != request.headers.rend(); ++header) {
    if (header->first != "x-forwarded-for") continue;
    std::string_view list = header->second;
    while (!list.empty()) {
      const std::string_view ip = take_last(list);
      Bits readable{};
      // What is no address was not written by a proxy: the one behind it is the last we know.
      if (!read(ip, readable)) return client;
      client = ip;
      if (!is_trusted(ip)) return client;
    }
  }
  return client;
}

Result<void> check_network(std::string_view text) {
  TrustedProxies::Network network{};
  if (TrustedProxies::read_network(text, network)) return {};
  return fail(ErrorCode::InvalidRequest,
              "must be IP addresses or networks such as \"10.0.0.7\" or \"10.0.0.0/8\", not \"" +
                  std::string(text) + "\"");
}

}  // namespace tidings
