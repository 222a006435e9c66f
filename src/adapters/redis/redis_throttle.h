#pragma once

#include "adapters/redis/redis_link.h"
#include "ports/throttle.h"

namespace tidings {

// Token buckets that all workers share. One call is one script: the bucket and, for a send, whether
// this id was granted in the last 60 s, by Redis's own time.
//
// While Redis does not answer within 50 ms, another throttle decides: that of the process alone.
class RedisThrottle final : public Throttle {
 public:
  // Both outlive it.
  RedisThrottle(RedisLink& link, Throttle& without_redis);

  Task<Result<Allowance>> take(UserId user, ThrottlePolicy policy, std::uint32_t cost) override;
  Task<Result<Allowance>> take_send(UserId user, ThrottlePolicy send, ThrottlePolicy read,
                                    std::uint32_t cost, SendAttempt attempt) override;

 private:
  RedisLink& link_;
  Throttle& without_redis_;
};

}  // namespace tidings
