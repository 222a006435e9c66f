#include "wire/gateway_call_json.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

UserId some_user() { return {Uuid::v4()}; }

TEST(GatewayCallJson, WhatIsWrittenIsRead) {
  const GatewayCall call{
      .incarnation = 0xFEDC'BA98'7654'3210,
      .changed = {{{Uuid::v4()}, {some_user(), some_user()}}, {{Uuid::v4()}, {some_user()}}},
      .recheck = {some_user()}};
  const auto read = decode_gateway_call(encode_gateway_call(call));
  ASSERT_TRUE(read.has_value()) << read.error().detail;
  EXPECT_EQ(read->incarnation, call.incarnation);
  ASSERT_EQ(read->changed.size(), 2u);
  EXPECT_EQ(read->changed[0].group, call.changed[0].group);
  EXPECT_EQ(read->changed[0].users, call.changed[0].users);
  EXPECT_EQ(read->changed[1].users, call.changed[1].users);
  EXPECT_EQ(read->recheck, call.recheck);
}

TEST(GatewayCallJson, WhatNamesNobodyIsACallAllTheSame) {
  const auto read = decode_gateway_call(R"({"incarnation":"0000000000000001"})");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->incarnation, 1u);
  EXPECT_TRUE(read->changed.empty());
  EXPECT_TRUE(read->recheck.empty());
}

TEST(GatewayCallJson, NonsenseIsRefused) {
  for (const char* wrong : {
           "",
           "[]",
           "{}",
           R"({"incarnation":1})",
           R"({"incarnation":"1"})",
           R"({"incarnation":"000000000000000g"})",
           R"({"incarnation":"0000000000000001","more":true})",
           R"({"incarnation":"0000000000000001","recheck":["alice"]})",
           R"({"incarnation":"0000000000000001","recheck":[1]})",
           R"({"incarnation":"0000000000000001","changed":[{"users":[]}]})",
           R"({"incarnation":"0000000000000001","changed":[[]]})",
       }) {
    EXPECT_FALSE(decode_gateway_call(wrong).has_value()) << wrong;
  }
}

TEST(GatewayCallJson, ACallHasABound) {
  GatewayCall call;
  call.recheck.assign(GatewayCall::kUsersMax, some_user());
  const std::string largest = encode_gateway_call(call);
  EXPECT_TRUE(decode_gateway_call(largest).has_value());
  EXPECT_LT(largest.size(), 256u * 1024);  // what an HTTP server takes
  call.recheck.push_back(some_user());
  EXPECT_FALSE(decode_gateway_call(encode_gateway_call(call)).has_value());
}

}  // namespace
}  // namespace tidings
