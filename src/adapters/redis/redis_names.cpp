#include "adapters/redis/redis_names.h"

#include "base/bytes.h"

namespace tidings {
namespace {

std::string tagged(std::string_view tag, std::string_view what) {
  std::string key;
  key.reserve(tag.size() + what.size() + 2);
  key += '{';
  key += tag;
  key += '}';
  key += what;
  return key;
}

}  // namespace

std::string short_name(const Uuid& id) { return to_base64url(as_text(id.bytes)); }

std::optional<Uuid> read_short_name(std::string_view name) {
  const auto bytes = from_base64url(name);
  if (!bytes || bytes->size() != 16) return std::nullopt;
  return Uuid::from_bytes(as_bytes_of(*bytes).first<16>());
}

std::string user_key(UserId user, std::string_view what) {
  return tagged("u:" + short_name(user.value), what);
}

// An address with a closing brace in it would end its tag early: still one tag for one address.
std::string gateway_key(std::string_view address, std::string_view what) {
  return tagged("g:" + std::string(address), what);
}

std::string shard_key(std::size_t shard, std::string_view what) {
  return tagged("q" + std::to_string(shard), what);
}

}  // namespace tidings
