#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/loop.h"

namespace tidings {

// Calls a function once at a moment, on the loop on which it was made, unless it was destroyed
// before. Made and destroyed on that loop.
class Deadline {
 public:
  Deadline(Instant when, std::function<void()> passed);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  struct Alarm;
  struct State;
  static Alarm ring(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
};

}  // namespace tidings
