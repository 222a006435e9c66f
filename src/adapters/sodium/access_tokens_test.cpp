#include "adapters/sodium/access_tokens.h"

#include <gtest/gtest.h>

#include "adapters/sodium/ed25519.h"
#include "base/bytes.h"

namespace tidings {
namespace {

const Time kNow = from_ms(1'795'000'000'000);

AccessClaims alices_claims() {
  return {UserId{Uuid::v4()}, "alice", SessionId{Uuid::v4()}, kNow + std::chrono::minutes(15)};
}

ErrorCode refusal_of(const AccessTokens& tokens, std::string_view token) {
  const auto claims = tokens.verify(token, kNow);
  return claims ? ErrorCode::Internal : claims.error().code;
}

std::string bytes_of(std::string_view base64url) { return from_base64url(base64url).value(); }

TEST(Ed25519, SignsTheExampleOfRfc8037) {
  const auto key = ed25519_key(bytes_of("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"));
  EXPECT_EQ(to_base64url(key.public_key), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  const std::string text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const std::string signature =
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  EXPECT_EQ(to_base64url(ed25519_sign(key, text)), signature);
  EXPECT_TRUE(ed25519_verify(key, text, bytes_of(signature)));
  EXPECT_FALSE(ed25519_verify(key, text + "x", bytes_of(signature)));
}

TEST(SodiumAccessTokens, ReadsBackWhatItSigned) {
  const SodiumAccessTokens tokens({SodiumAccessTokens::make_seed()});
  const AccessClaims claims = alices_claims();
  EXPECT_EQ(tokens.verify(tokens.sign(claims), kNow).value(), claims);
}

TEST(SodiumAccessTokens, RefusesATokenFromTheSecondInWhichItExpires) {
  const SodiumAccessTokens tokens({SodiumAccessTokens::make_seed()});
  const AccessClaims claims = alices_claims();
  const std::string token = tokens.sign(claims);
  EXPECT_TRUE(tokens.verify(token, claims.expires_at - milliseconds(1)).has_value());
  const auto late = tokens.verify(token, claims.expires_at);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, ErrorCode::TokenExpired);
}

TEST(SodiumAccessTokens, RefusesATokenWithAnyCharacterChanged) {
  const SodiumAccessTokens tokens({SodiumAccessTokens::make_seed()});
  const std::string token = tokens.sign(alices_claims());
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char other : {'A', 'B', '.', '=', '\0', '_'}) {
      if (token[i] == other) continue;
      std::string forged = token;
      forged[i] = other;
      EXPECT_EQ(refusal_of(tokens, forged), ErrorCode::Unauthenticated) << i << ' ' << forged;
    }
    EXPECT_EQ(refusal_of(tokens, token.substr(0, i)), ErrorCode::Unauthenticated);
  }
  EXPECT_EQ(refusal_of(tokens, token + "="), ErrorCode::Unauthenticated);
  EXPECT_EQ(refusal_of(tokens, token + std::string(1000, 'A')), ErrorCode::Unauthenticated);
}

TEST(SodiumAccessTokens, RefusesATokenThatSaysItNeedsNoSignature) {
  const SodiumAccessTokens tokens({SodiumAccessTokens::make_seed()});
  const std::string payload = to_base64url(write_claims(alices_claims()));
  for (const std::string_view header : {R"({"alg":"none","typ":"JWT"})", R"({"alg":"HS256"})"}) {
    EXPECT_EQ(refusal_of(tokens, to_base64url(header) + "." + payload + "."),
              ErrorCode::Unauthenticated);
  }
}

TEST(SodiumAccessTokens, BelievesTheKeyBeforeTheNewestAndNoOlderOne) {
  SodiumAccessTokens tokens({SodiumAccessTokens::make_seed()});
  const std::string first = tokens.sign(alices_claims());
  tokens.rotate(SodiumAccessTokens::make_seed());
  const std::string second = tokens.sign(alices_claims());
  EXPECT_TRUE(tokens.verify(first, kNow).has_value());
  EXPECT_TRUE(tokens.verify(second, kNow).has_value());

  const SodiumAccessTokens restarted(tokens.seeds());
  EXPECT_TRUE(restarted.verify(first, kNow).has_value());
  EXPECT_EQ(restarted.sign(alices_claims()).substr(0, 40), second.substr(0, 40));

  tokens.rotate(SodiumAccessTokens::make_seed());
  EXPECT_EQ(refusal_of(tokens, first), ErrorCode::Unauthenticated);
  EXPECT_TRUE(tokens.verify(second, kNow).has_value());
}

TEST(SodiumAccessTokens, BelievesAnAcceptedKeyBeforeItSignsWithIt) {
  const std::string seed = SodiumAccessTokens::make_seed();
  SodiumAccessTokens here({SodiumAccessTokens::make_seed()});
  const SodiumAccessTokens there({seed});
  const std::string token = there.sign(alices_claims());
  EXPECT_EQ(refusal_of(here, token), ErrorCode::Unauthenticated);
  here.accept(seed);
  EXPECT_TRUE(here.verify(token, kNow).has_value());
  EXPECT_EQ(refusal_of(there, here.sign(alices_claims())), ErrorCode::Unauthenticated);
}

TEST(SodiumAccessTokens, ReadsClaimsOfItsOwnFormOnly) {
  const std::string good = write_claims(alices_claims());
  EXPECT_TRUE(read_claims(good).has_value());
  const std::string ids = R"("name":"alice","sid":"2b0e7a3c-5a55-4c0e-9d52-6f3a1b2c4d5e",)"
                          R"("sub":"0190b5a0-0000-7000-8000-000000000001"})";
  EXPECT_TRUE(read_claims(R"({"exp":1795000000,)" + ids).has_value());
  for (const std::string_view exp : {"0", "01", "-1", "1.5", "1e9", "", "999999999999999999999"}) {
    EXPECT_FALSE(read_claims("{\"exp\":" + std::string(exp) + "," + ids).has_value()) << exp;
  }
  EXPECT_FALSE(read_claims(good + " ").has_value());
  EXPECT_FALSE(read_claims(" " + good).has_value());
  EXPECT_FALSE(read_claims("{}").has_value());
  EXPECT_FALSE(read_claims("").has_value());
}

}  // namespace
}  // namespace tidings
