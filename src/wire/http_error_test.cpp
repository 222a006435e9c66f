#include "wire/http_error.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

TEST(HttpError, WritesAProblemAsRfc9457Has) {
  Error error{ErrorCode::InvalidRequest, "Do it again.", {{"to[2]", "No such name."}}, {}};
  EXPECT_EQ(problem_json(error, from_ms(0), "r1"),
            R"({"type":"/problems/invalid-request","title":"Invalid request","status":400,)"
            R"("code":"invalid-request","detail":"Do it again.",)"
            R"("errors":[{"field":"to[2]","message":"No such name."}],)"
            R"("server_time":"1970-01-01T00:00:00.000Z","request_id":"r1"})");
}

TEST(HttpError, RoundsRetryAfterUpToWholeSeconds) {
  EXPECT_EQ(retry_after_of({ErrorCode::TooManyRequests, {}, {}, milliseconds(1)}), seconds(1));
  EXPECT_EQ(retry_after_of({ErrorCode::TooManyRequests, {}, {}, milliseconds(1'000)}), seconds(1));
  EXPECT_EQ(retry_after_of({ErrorCode::TooManyRequests, {}, {}, milliseconds(1'001)}), seconds(2));
  EXPECT_EQ(retry_after_of({ErrorCode::Forbidden, {}, {}, {}}), std::nullopt);
  EXPECT_EQ(retry_after_of({ErrorCode::Unavailable, {}, {}, {}}), seconds(1));
}

TEST(HttpError, SaysWhatToDoWhereTheErrorItselfDoesNot) {
  const auto detail_of = [](const Error& error) {
    const auto body = problem_json(error, from_ms(0), "r1");
    const auto begin = body.find(R"("detail":")");
    return begin == std::string::npos ? "" : body.substr(begin, body.find("\",", begin) - begin);
  };
  EXPECT_EQ(detail_of({ErrorCode::UnknownUser, "Write @bob.", {}, {}}), R"("detail":"Write @bob.)");
  for (const auto code :
       {ErrorCode::Unauthenticated, ErrorCode::TokenExpired, ErrorCode::UnknownGroup,
        ErrorCode::UnknownUser, ErrorCode::UnknownMessage, ErrorCode::UnknownSession}) {
    EXPECT_NE(detail_of({code, {}, {}, {}}), "") << code_name(code);
  }
}

TEST(HttpError, ExplainsNothingOfWhatBrokeInside) {
  const auto body = problem_json({ErrorCode::Internal, "a path, a key", {}, {}}, from_ms(0), "r1");
  EXPECT_EQ(body.find("a path"), std::string::npos);
}

TEST(HttpError, ExplainsToTheOperatorWhatBrokeInside) {
  const Error error{ErrorCode::Internal, "a path, a key", {}, {}};
  EXPECT_NE(problem_json_for_operator(error, from_ms(0), "r1").find("a path"), std::string::npos);
}

TEST(HttpError, FindsEachCodeByItsName) {
  for (int i = 0; i < kErrorCodeCount; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_EQ(code_of_name(code_name(code)), code);
    EXPECT_GE(http_status(code), 400);
  }
  EXPECT_EQ(code_of_name("nothing"), std::nullopt);
}

}  // namespace
}  // namespace tidings
