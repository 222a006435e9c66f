#include "wire/notification_json.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

const Time kNow = *parse_time("2026-11-23T16:04:05.678Z");

TEST(NotificationJson, WritesTheFramesOfTheContract) {
  const Uuid id = *Uuid::parse("01234567-89ab-7def-8123-456789abcdef");
  EXPECT_EQ(encode_hello(id, milliseconds(600'000), kNow),
            R"({"type":"hello","api":"1.0","server_time":"2026-11-23T16:04:05.678Z",)"
            R"("connection":"01234567-89ab-7def-8123-456789abcdef","poll_ms":600000})");
  EXPECT_EQ(encode_changed(7, kNow, {GroupId{id}}),
            R"({"type":"changed","n":7,"time":"2026-11-23T16:04:05.678Z",)"
            R"("groups":["01234567-89ab-7def-8123-456789abcdef"]})");
  EXPECT_EQ(encode_recheck(), R"({"type":"recheck"})");
  EXPECT_EQ(encode_bye("drain", milliseconds(1'200)),
            R"({"type":"bye","reason":"drain","reconnect_after_ms":1200})");
}

TEST(NotificationJson, ReadsAcksAndAuthentication) {
  const auto ack = decode_client_frame(R"({"type":"ack","n":3})");
  ASSERT_TRUE(ack.has_value());
  EXPECT_EQ(std::get<AckFrame>(*ack).n, 3u);
  const auto auth = decode_client_frame(R"({"type":"auth","access_token":"abc"})");
  ASSERT_TRUE(auth.has_value());
  EXPECT_EQ(std::get<AuthFrame>(*auth).access_token, "abc");
}

TEST(NotificationJson, RefusesEverythingElse) {
  for (const char* text :
       {"", "null", "[]", "{}", R"({"type":"ack"})", R"({"type":"ack","n":0})",
        R"({"type":"ack","n":"1"})", R"({"type":"ack","n":1,"more":1})", R"({"type":"ack","n":-1})",
        R"({"type":"ack","n":1.5})", R"({"type":"auth"})", R"({"type":"auth","n":1})",
        R"({"type":"hello"})", R"({"type":"ack","n":1}{})", R"({"type":"ack","n":1,"n":2})"}) {
    EXPECT_FALSE(decode_client_frame(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace tidings
