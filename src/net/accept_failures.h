#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "base/clock.h"

namespace tidings {

// What the loops of one server say together of connections that they could not accept: something
// at once, and then once a second. A server that is out of files fails on each loop ten times a
// second, for as long as somebody wants to come in. Safe from any thread.
class AcceptFailures {
 public:
  // One more. A number: it is time for a line in the log, and there were so many since the last.
  std::optional<std::uint64_t> add(Instant now);

 private:
  std::mutex mutex_;
  std::uint64_t unsaid_ = 0;
  std::optional<Instant> said_at_;
};

}  // namespace tidings
