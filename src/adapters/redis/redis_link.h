#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/redis/circuit_breaker.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "bridge/redis_client.h"

namespace tidings {

// How long a call may take.
struct RedisDeadlines {
  milliseconds send{50};  // where somebody waits for it to send a message: marks and throttles
  milliseconds other{500};
};

// A Redis client behind a circuit breaker: what all adapters of one process call, so that a Redis
// that is slow or gone costs each of them little.
//
// Safe from any thread. Errors of every call: Unavailable, nothing else: no answer in time, an
// answer that is an error (which is logged), or Redis is left alone for the moment.
class RedisLink {
 public:
  // Both outlive it.
  RedisLink(RedisClient& client, const Clock& clock, RedisDeadlines deadlines = {});

  const RedisDeadlines& deadlines() const { return deadlines_; }

  Task<Result<RedisReply>> run(const RedisScript& script, std::vector<std::string> keys,
                               std::vector<std::string> arguments, milliseconds within);
  Task<Result<std::vector<RedisReply>>> run(std::vector<RedisCommand> commands,
                                            milliseconds within);
  void subscribe(std::vector<std::string> channels, std::function<void(std::string_view)> heard);

  // For metrics and readiness.
  bool is_left_alone() const { return breaker_.is_open(); }

 private:
  template <class Reply>
  Result<Reply> heard(Result<Reply> reply);
  void note_refusal(const Error& error);

  RedisClient& client_;
  const Clock& clock_;
  const RedisDeadlines deadlines_;
  CircuitBreaker breaker_;
  std::atomic<Instant> refusal_logged_{Instant::min()};
};

}  // namespace tidings
