#include "adapters/redis/redis_link.h"

#include <utility>

#include "base/log.h"

namespace tidings {
namespace {

constexpr milliseconds kLogRefusalsEvery = seconds(1);

std::unexpected<Error> left_alone() {
  return fail(ErrorCode::Unavailable, "Redis did not answer lately and is left alone.");
}

}  // namespace

RedisLink::RedisLink(RedisClient& client, const Clock& clock, RedisDeadlines deadlines)
    : client_(client), clock_(clock), deadlines_(deadlines), breaker_(clock) {}

Task<Result<RedisReply>> RedisLink::run(const RedisScript& script, std::vector<std::string> keys,
                                        std::vector<std::string> arguments, milliseconds within) {
  if (!breaker_.may_try()) co_return left_alone();
  auto running = client_.run(script, std::move(keys), std::move(arguments), within);
  auto reply = co_await std::move(running);
  co_return heard(std::move(reply));
}

Task<Result<std::vector<RedisReply>>> RedisLink::run(std::vector<RedisCommand> commands,
                                                     milliseconds within) {
  if (!breaker_.may_try()) co_return left_alone();
  auto running = client_.run(std::move(commands), within);
  auto replies = co_await std::move(running);
  co_return heard(std::move(replies));
}

void RedisLink::subscribe(std::vector<std::string> channels,
                          std::function<void(std::string_view)> heard) {
  client_.subscribe(std::move(channels), std::move(heard));
}

template <class Reply>
Result<Reply> RedisLink::heard(Result<Reply> reply) {
  const bool answered = reply.has_value() || reply.error().code != ErrorCode::Unavailable;
  if (breaker_.report(answered)) {
    log_event(answered ? LogLevel::Info : LogLevel::Warn,
              answered ? "redis.answers_again" : "redis.left_alone",
              {{"why", reply.has_value() ? std::string_view() : reply.error().detail}});
  }
  if (answered && !reply) {
    note_refusal(reply.error());
    return fail(ErrorCode::Unavailable, std::move(reply.error().detail));
  }
  return reply;
}

// A Redis that is full or read-only refuses thousands of calls a second in the same words.
void RedisLink::note_refusal(const Error& error) {
  const Instant now = clock_.monotonic();
  Instant logged = refusal_logged_.load(std::memory_order_relaxed);
  if (logged != Instant::min() && now - logged < kLogRefusalsEvery) return;
  if (!refusal_logged_.compare_exchange_strong(logged, now)) return;
  log_error("redis.refused", {{"error", error.detail}});
}

}  // namespace tidings
