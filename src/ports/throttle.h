#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "model/ids.h"

namespace tidings {

// Which of somebody's token buckets is meant, and how large it is: `burst` tokens, refilled evenly
// over `window`.
struct ThrottlePolicy {
  std::string_view name;  // "send", "read" or "write"; a literal
  std::uint32_t burst;
  seconds window;
};

// What a bucket held after a call.
struct Allowance {
  ThrottlePolicy policy;
  std::uint32_t remaining = 0;
  milliseconds full_in{0};  // until the bucket is full again, if nothing more is taken
  bool replay = false;      // the send was seen seconds ago; a read token was taken instead
};

// Decides whether somebody may do one more thing now. In any window of length t at most burst +
// rate * t tokens are granted.
//
// Safe from any thread. All processes on one backend share the same counts; without the backend
// each counts alone.
class Throttle {
 public:
  virtual ~Throttle() = default;

  // Takes `cost` tokens: all of them or none.
  //
  // Errors: TooManyRequests   too few tokens; Error::retry_after says when to return, and
  //                           Error::refused_by which policy had too few
  virtual Task<Result<Allowance>> take(UserId user, ThrottlePolicy policy, std::uint32_t cost) = 0;

  // The same for the send of a message: an id that was granted in the last 60 s takes `cost` tokens
  // of `read` instead, and the answer says `replay`.
  virtual Task<Result<Allowance>> take_send(UserId user, ThrottlePolicy send, ThrottlePolicy read,
                                            std::uint32_t cost, MessageId id) = 0;
};

}  // namespace tidings
