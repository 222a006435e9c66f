#include "adapters/redis/redis_throttle.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/redis/redis_names.h"
#include "model/message_record.h"

namespace tidings {
namespace {

using std::chrono::microseconds;

constexpr milliseconds kKnownFor = seconds(60);

// A bucket is one moment, in microseconds: when it will be full again. A token moves it by `token`,
// and it may be `token * burst` away at most. Keys vanish when what they say is true of no key,
// too.
//
// An id holds the content that it was last granted for, as long as that is known again.
//
//   KEYS  the bucket; of a send also the bucket of its replays, and its id
//   ARGV  cost, token and burst of the bucket; of a send also those of the bucket of replays, the
//         content, and for how many milliseconds it is known and contests others
//   -> granted, replay, contested, microseconds until it is full (granted) or too many (refused)
const RedisScript& take_script() {
  static const RedisScript kScript = RedisClient::script(R"lua(
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost = tonumber(ARGV[1])
local bucket, token, burst = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local id, content, known_for = KEYS[3], ARGV[6], tonumber(ARGV[7])
local known = id and redis.call('GET', id)
local replay, contested = 0, 0
if known then
  bucket, token, burst, replay = KEYS[2], tonumber(ARGV[4]), tonumber(ARGV[5]), 1
  local age = known_for - redis.call('PTTL', id)
  if known ~= content and age < tonumber(ARGV[8]) then contested = 1 end
end
local room = token * burst
local full_at = tonumber(redis.call('GET', bucket) or now)
full_at = math.min(math.max(full_at, now), now + room)
local full_after = full_at + token * cost
local beyond = full_after - now - room
if cost > burst or beyond > 0 then return {0, replay, contested, beyond} end
if full_after > now then
  redis.call('SET', bucket, string.format('%.0f', full_after),
             'PX', math.ceil((full_after - now) / 1000))
end
if id and known ~= content and contested == 0 then
  redis.call('SET', id, content, 'PX', known_for)
end
return {1, replay, contested, full_after - now}
)lua");
  return kScript;
}

// Rounded up, so that the rate is never above the policy's.
microseconds token_of(ThrottlePolicy policy) {
  const microseconds window = policy.window;
  return (window + microseconds(policy.burst - 1)) / policy.burst;
}

std::string bucket_key(UserId user, ThrottlePolicy policy) {
  return user_key(user, "t:") += policy.name;
}

void add_policy(std::vector<std::string>& arguments, ThrottlePolicy policy) {
  arguments.push_back(std::to_string(token_of(policy).count()));
  arguments.push_back(std::to_string(policy.burst));
}

// What the script answered.
struct Verdict {
  bool granted = false;
  bool replay = false;
  bool contested = false;
  microseconds time{0};
};

std::optional<Verdict> read_verdict(const RedisReply& reply) {
  if (reply.list.size() != 4) return std::nullopt;
  for (const RedisReply& item : reply.list) {
    if (item.kind != RedisReply::Kind::Integer) return std::nullopt;
  }
  return Verdict{.granted = reply.list[0].integer == 1,
                 .replay = reply.list[1].integer == 1,
                 .contested = reply.list[2].integer == 1,
                 .time = microseconds(reply.list[3].integer)};
}

Result<Allowance> allowance_of(Verdict verdict, ThrottlePolicy policy) {
  using std::chrono::ceil;
  const microseconds token = token_of(policy);
  const microseconds room = token * policy.burst;
  if (!verdict.granted) {
    Error refused{ErrorCode::TooManyRequests, "Slow down: try again after the time given.", {}, {}};
    refused.refused_by = policy.name;
    refused.retry_after =
        std::max(milliseconds(1), ceil<milliseconds>(std::min(verdict.time, room)));
    return std::unexpected(std::move(refused));
  }
  return Allowance{.policy = policy,
                   .remaining = static_cast<std::uint32_t>((room - verdict.time) / token),
                   .full_in = ceil<milliseconds>(verdict.time),
                   .replay = verdict.replay,
                   .contested = verdict.contested};
}

}  // namespace

RedisThrottle::RedisThrottle(RedisLink& link, Throttle& without_redis)
    : link_(link), without_redis_(without_redis) {}

Task<Result<Allowance>> RedisThrottle::take(UserId user, ThrottlePolicy policy,
                                            std::uint32_t cost) {
  std::vector<std::string> keys{bucket_key(user, policy)};
  std::vector<std::string> arguments{std::to_string(cost)};
  add_policy(arguments, policy);
  auto taking =
      link_.run(take_script(), std::move(keys), std::move(arguments), link_.deadlines().send);
  const auto reply = co_await std::move(taking);
  const auto verdict = reply ? read_verdict(*reply) : std::nullopt;
  if (verdict) co_return allowance_of(*verdict, policy);
  auto alone = without_redis_.take(user, policy, cost);
  co_return co_await std::move(alone);
}

Task<Result<Allowance>> RedisThrottle::take_send(UserId user, ThrottlePolicy send,
                                                 ThrottlePolicy read, std::uint32_t cost,
                                                 SendAttempt attempt) {
  std::vector<std::string> keys{bucket_key(user, send), bucket_key(user, read),
                                user_key(user, "m:") += short_name(attempt.id.value)};
  std::vector<std::string> arguments{std::to_string(cost)};
  add_policy(arguments, send);
  add_policy(arguments, read);
  arguments.push_back(std::to_string(content_hash(attempt.content)));
  arguments.push_back(std::to_string(kKnownFor.count()));
  arguments.push_back(std::to_string(milliseconds(kContestedFor).count()));
  auto taking =
      link_.run(take_script(), std::move(keys), std::move(arguments), link_.deadlines().send);
  const auto reply = co_await std::move(taking);
  const auto verdict = reply ? read_verdict(*reply) : std::nullopt;
  if (verdict) co_return allowance_of(*verdict, verdict->replay ? read : send);
  auto alone = without_redis_.take_send(user, send, read, cost, attempt);
  co_return co_await std::move(alone);
}

}  // namespace tidings
