#include "app/client_address.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

std::string client_of(const TrustedProxies& proxies, std::string peer,
                      std::vector<std::string> forwarded) {
  HttpRequest request;
  request.remote_ip = std::move(peer);
  for (std::string& value : forwarded) {
    request.headers.emplace_back("x-forwarded-for", std::move(value));
  }
  return proxies.client_of(request);
}

TEST(TrustedProxies, AStrangerIsNotBelieved) {
  const TrustedProxies proxies({"10.0.0.0/8"});
  EXPECT_EQ(client_of(proxies, "203.0.113.9", {"198.51.100.1"}), "203.0.113.9");
  EXPECT_EQ(client_of(TrustedProxies({}), "10.0.0.1", {"198.51.100.1"}), "10.0.0.1");
}

TEST(TrustedProxies, AProxyNamesItsClient) {
  const TrustedProxies proxies({"10.0.0.0/8"});
  EXPECT_EQ(client_of(proxies, "10.0.0.1", {"198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client_of(proxies, "::ffff:10.0.0.1", {"2001:db8::7"}), "2001:db8::7");
  EXPECT_EQ(client_of(proxies, "10.0.0.1", {}), "10.0.0.1");
}

TEST(TrustedProxies, WhatTheClientWroteItselfIsNotRead) {
  const TrustedProxies proxies({"10.0.0.0/8"});
  EXPECT_EQ(client_of(proxies, "10.0.0.1", {"192.0.2.66, 198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client_of(proxies, "10.0.0.1", {"192.0.2.66", "198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client_of(proxies, "10.0.0.1", {"192.0.2.66, nonsense"}), "10.0.0.1");
}

TEST(TrustedProxies, OneProxyBehindAnotherIsPassedOver) {
  const TrustedProxies proxies({"10.0.0.0/8", "fd00::/8"});
  EXPECT_EQ(client_of(proxies, "fd00::1", {"192.0.2.66, 198.51.100.1, 10.2.3.4"}), "198.51.100.1");
  EXPECT_EQ(client_of(proxies, "10.0.0.1", {"10.2.3.4"}), "10.2.3.4");
}

TEST(TrustedProxies, ANetworkEndsAtItsPrefix) {
  const TrustedProxies proxies({"192.0.2.128/25"});
  EXPECT_EQ(client_of(proxies, "192.0.2.128", {"198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client_of(proxies, "192.0.2.127", {"198.51.100.1"}), "192.0.2.127");
}

TEST(TrustedProxies, ANetworkIsAnAddressAndPerhapsItsBits) {
  for (const char* right : {"10.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "0.0.0.0/0"}) {
    EXPECT_TRUE(check_network(right).has_value()) << right;
  }
  for (const char* wrong :
       {"", "haproxy", "10.0.0", "10.0.0.0/33", "::1/129", "10.0.0.0/", "/8", "10.0.0.0/8x"}) {
    EXPECT_FALSE(check_network(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace tidings
