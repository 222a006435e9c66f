#include "adapters/sodium/access_tokens.h"

#include <charconv>
#include <utility>

#include "adapters/sodium/ed25519.h"
#include "base/bytes.h"
#include "base/ensure.h"
#include "base/hash.h"
#include "base/random.h"
#include "model/name.h"

namespace tidings {
namespace {

// The longest token of ours has a name of 32 characters and a time of 11 digits.
constexpr std::size_t kTokenCharactersMax = 512;

// Reads a text of one known form from left to right.
class FormReader {
 public:
  explicit FormReader(std::string_view text) : rest_(text) {}

  bool literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  std::string_view until(char end) {
    const std::string_view value = rest_.substr(0, rest_.find(end));
    rest_.remove_prefix(value.size());
    return value;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// Seconds since 1970, without sign or leading zero.
std::optional<Time> read_seconds(std::string_view digits) {
  constexpr std::int64_t kYear9999 = 253'402'300'799;
  std::int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end || value < 1 || value > kYear9999) return std::nullopt;
  if (digits.front() == '0') return std::nullopt;
  return Time(seconds(value));
}

}  // namespace

std::string write_claims(const AccessClaims& claims) {
  const auto expires = std::chrono::floor<seconds>(claims.expires_at).time_since_epoch().count();
  return "{\"exp\":" + std::to_string(expires) + ",\"name\":\"" + claims.name + "\",\"sid\":\"" +
         claims.session.to_string() + "\",\"sub\":\"" + claims.user.to_string() + "\"}";
}

std::optional<AccessClaims> read_claims(std::string_view payload) {
  FormReader form(payload);
  if (!form.literal("{\"exp\":")) return std::nullopt;
  const auto expires_at = read_seconds(form.until(','));
  if (!expires_at || !form.literal(",\"name\":\"")) return std::nullopt;
  const std::string_view name = form.until('"');
  if (!is_valid_name(name) || !form.literal("\",\"sid\":\"")) return std::nullopt;
  const auto session = SessionId::parse(form.until('"'));
  if (!session || !form.literal("\",\"sub\":\"")) return std::nullopt;
  const auto user = UserId::parse(form.until('"'));
  if (!user || !form.literal("\"}") || !form.at_end()) return std::nullopt;
  return AccessClaims{*user, std::string(name), *session, *expires_at};
}

struct SodiumAccessTokens::Key {
  explicit Key(std::string seed) : seed(std::move(seed)), pair(ed25519_key(this->seed)) {
    const Sha256 digest = sha256(pair.public_key);
    const std::string kid = to_base64url(as_text(digest).substr(0, 9));
    header = to_base64url("{\"alg\":\"EdDSA\",\"kid\":\"" + kid + "\",\"typ\":\"JWT\"}");
  }

  std::string seed;
  Ed25519Key pair;
  std::string header;  // as it stands in a token
};

SodiumAccessTokens::SodiumAccessTokens(std::vector<std::string> seeds) {
  ensure(seeds.size() == 1 || seeds.size() == 2, "one or two keys are valid at a time");
  for (std::string& seed : seeds) {
    keys_.push_back(std::make_shared<const Key>(std::move(seed)));
  }
}

std::string SodiumAccessTokens::make_seed() { return random_bytes(kEd25519SeedBytes); }

void SodiumAccessTokens::rotate(std::string seed) {
  auto key = std::make_shared<const Key>(std::move(seed));
  const std::scoped_lock lock(mutex_);
  if (keys_.front()->seed == key->seed) return;
  keys_ = {std::move(key), keys_.front()};
}

void SodiumAccessTokens::accept(std::string seed) {
  auto key = std::make_shared<const Key>(std::move(seed));
  const std::scoped_lock lock(mutex_);
  if (keys_.front()->seed == key->seed) return;
  keys_ = {keys_.front(), std::move(key)};
}

std::vector<std::string> SodiumAccessTokens::seeds() const {
  std::vector<std::string> seeds;
  for (const auto& key : keys()) {
    seeds.push_back(key->seed);
  }
  return seeds;
}

SodiumAccessTokens::Keys SodiumAccessTokens::keys() const {
  const std::scoped_lock lock(mutex_);
  return keys_;
}

std::string SodiumAccessTokens::sign(const AccessClaims& claims) const {
  const auto key = keys().front();
  std::string token = key->header + '.' + to_base64url(write_claims(claims));
  const std::string signature = ed25519_sign(key->pair, token);
  return token + '.' + to_base64url(signature);
}

Result<AccessClaims> SodiumAccessTokens::verify(std::string_view token, Time now) const {
  if (token.size() > kTokenCharactersMax) return fail(ErrorCode::Unauthenticated);
  const std::size_t first_dot = token.find('.');
  const std::size_t last_dot = token.rfind('.');
  if (first_dot == std::string_view::npos || first_dot == last_dot) {
    return fail(ErrorCode::Unauthenticated);
  }
  const auto signature = from_base64url(token.substr(last_dot + 1));
  if (!signature) return fail(ErrorCode::Unauthenticated);

  const std::string_view header = token.substr(0, first_dot);
  for (const auto& key : keys()) {
    if (header != key->header) continue;
    if (!ed25519_verify(key->pair, token.substr(0, last_dot), *signature)) break;
    const auto payload = from_base64url(token.substr(first_dot + 1, last_dot - first_dot - 1));
    auto claims = payload ? read_claims(*payload) : std::nullopt;
    if (!claims) break;
    if (claims->expires_at <= now) return fail(ErrorCode::TokenExpired);
    return *std::move(claims);
  }
  return fail(ErrorCode::Unauthenticated);
}

}  // namespace tidings
