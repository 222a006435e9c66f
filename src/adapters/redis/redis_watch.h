#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "bridge/redis_client.h"

namespace tidings {

// What befell Redis.
enum class RedisEvent : std::uint8_t {
  Gone,      // it does not answer
  Back,      // it answers again; what it held it may still hold
  Replaced,  // another process answers, or another copy: it may hold nothing
};

// Looks at Redis each second and tells what befell it, so that queue and presence are filled again:
// Marker::heal at Back; at Replaced Gateway::presence_was_lost, and Marker::queue_was_lost 15 s
// later. After a restart both are told, Back first.
class RedisWatch {
 public:
  // `tell` is called on the loop of `run`, between two looks, and should only take note.
  RedisWatch(RedisClient& client, std::function<void(RedisEvent)> tell);
  ~RedisWatch();

  // Whether this Redis may be used at all. For the start, and again whenever it was replaced.
  //
  // Errors: Unavailable     it does not answer
  //         InvalidRequest  it is set up so that it would lose what it holds, or is too old; the
  //                         detail says what to do
  Task<Result<void>> check();

  // Looks each second until `request_stop`. Called once.
  Task<void> run();
  // One look, within half a second.
  Task<void> look();
  // Safe from any thread.
  void request_stop();

  // For readiness; safe from any thread. True from the first answer on, while it answers.
  bool answers() const;
  // What `check` would say of the last answer.
  Result<void> fitness() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What INFO says under this name; empty when it says nothing.
std::string_view info_value(std::string_view info, std::string_view name);

// Whether a server that describes itself like this may be used. Errors: InvalidRequest
Result<void> judge_redis(std::string_view info);

}  // namespace tidings
