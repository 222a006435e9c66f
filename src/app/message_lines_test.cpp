#include "app/message_lines.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "app/api_client.h"
#include "app/terminal.h"

namespace tidings {
namespace {

class MessageLines : public testing::Test {
 protected:
  MessageLines() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
  static std::string line(const std::string& json, const std::string& place = "") {
    const auto document = JsonDocument::parse(json);
    return message_line(document->root(), place, /*color=*/false);
  }
};

TEST_F(MessageLines, ShowWhoSaidWhatWhenAndWhere) {
  EXPECT_EQ(line(R"({"from":"@alice","kind":"text","text":"one\ntwo",
                     "sent_at":"2026-11-23T16:04:05.678Z"})",
                 "Book club"),
            "2026-11-23 16:04:05  Book club  @alice  one\n    two");
}

TEST_F(MessageLines, MarkWhatWasLate) {
  EXPECT_EQ(line(R"({"from":"@alice","kind":"text","text":"hi","late":true,
                     "sent_at":"2026-11-23T16:04:05.678Z",
                     "received_at":"2026-11-23T17:00:00.000Z"})"),
            "2026-11-23 16:04:05  @alice  hi  (late: arrived 2026-11-23 17:00:00)");
}

TEST_F(MessageLines, ShowAmendmentsInWords) {
  const std::string rest = R"("from":"@bob","sent_at":"2026-11-23T16:04:05.678Z","target":"T")";
  EXPECT_TRUE(line("{\"kind\":\"edit\",\"text\":\"new\"," + rest + "}")
                  .ends_with("@bob  (now says, of T) new"));
  EXPECT_TRUE(line("{\"kind\":\"delete\"," + rest + "}").ends_with("@bob  (deleted T)"));
  EXPECT_TRUE(line("{\"kind\":\"reaction\",\"emoji\":\"🎉\"," + rest + "}")
                  .ends_with("@bob  (reacted 🎉 to T)"));
}

TEST_F(MessageLines, ControlCharactersOfOthersDoNotReachTheTerminal) {
  EXPECT_EQ(printable("a\x1b[31mb\x7f\rc\td\n", false), "a\\x1b[31mb\\x7f\\x0dc\td\\x0a");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m é",
                      true),
            "\\x9b31m é");
}

TEST_F(MessageLines, AServerIsNamedByItsUrl) {
  EXPECT_EQ(parse_server_url("https://chat.example")->port, 443);
  EXPECT_EQ(parse_server_url("http://127.0.0.1:7400/")->port, 7400);
  EXPECT_EQ(parse_server_url("http://[::1]:7400")->host, "::1");
  EXPECT_EQ(parse_server_url("http://[::1]")->port, 80);
  for (const char* wrong : {"", "chat.example", "ftp://x", "http://", "http://x:port",
                            "http://x/path", "http://x:", "http://x:99999"}) {
    EXPECT_FALSE(parse_server_url(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace tidings
