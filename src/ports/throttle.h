#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "model/ids.h"
#include "model/message.h"

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
  // Of a replay: so far another content has been granted under this id, a moment ago. It may be on
  // its way to a store that will not see both.
  bool contested = false;
};

// An attempt to send a message. The same id with the same content is the same message again.
struct SendAttempt {
  MessageId id;
  const Content& content;  // outlives the call
};

// How long the first content has its id for itself: its write is over by then, or has failed.
constexpr seconds kContestedFor{5};

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
  // of `read` instead, and the answer says `replay`. A throttle that several processes share also
  // says `contested` to other content in the first 5 s of an id; what comes later has it for
  // itself.
  virtual Task<Result<Allowance>> take_send(UserId user, ThrottlePolicy send, ThrottlePolicy read,
                                            std::uint32_t cost, SendAttempt attempt) = 0;
};

}  // namespace tidings
