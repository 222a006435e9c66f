#pragma once

#include <functional>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "base/completion.h"
#include "base/result.h"
#include "base/task.h"

namespace tidings {

enum class StoreMethod {
  Append,
  IndexLate,
  Touch,
  Erase,
  Seal,
  Read,
  ReadRange,
  ReadIds,
  ReadLate,
  Amendments,
  Heads,
  Sealed,
  ReadAfter,  // of the arrival log
  Newest,     // of the arrival log
};

constexpr bool is_write(StoreMethod method) { return method <= StoreMethod::Seal; }

// A call that waits inside the store until the test says how it goes on.
//
// It consists of steps. A write makes one part visible at each step: late index entry, amendment,
// row, head (a store with one writer: all of it in one step). A read looks at the data in its only
// step, and answers what it saw then.
class HeldCall {
 public:
  using Steps = std::vector<std::function<void()>>;

  HeldCall(StoreMethod method, Steps steps) : method(method), steps_(std::move(steps)) {}

  const StoreMethod method;

  // Takes the next step; false when there is none left. Also after a time-out: a write whose
  // answer was lost may become visible at any later moment, or never.
  bool step();
  // Takes the steps that are left and answers success.
  void answer();
  // Answers Unavailable; steps that were not taken stay open.
  void time_out();

  bool is_answered() const { return is_answered_; }
  std::size_t steps_left() const { return steps_.size() - next_; }

 private:
  friend class StoreFaults;

  Steps steps_;
  std::size_t next_ = 0;
  bool is_answered_ = false;
  Completion<Result<void>> outcome_;
};

// What goes wrong in a MemoryMessageStore. The test holds it and decides call by call; nothing here
// takes time of its own, so that any interleaving can be played on one thread:
//
//   faults.hold({StoreMethod::Append});
//   auto sending = world.start(send(draft));
//   faults.held().at(0)->step();              // the row is visible, the sender knows nothing yet
//   world.clock.advance(3s);
//   faults.held().at(0)->answer();
//
// For one thread: the test's. Calls that are held when the test ends must be released first.
class StoreFaults {
 public:
  // While true, every call answers Unavailable and does nothing.
  bool is_down = false;
  // So many next calls answer Unavailable: before they did anything, or after they did everything.
  int fail_reads = 0;
  int fail_writes_before = 0;
  int fail_writes_after = 0;

  // From now on calls of these methods wait; those of others do not.
  void hold(std::set<StoreMethod> methods) { holding_ = std::move(methods); }
  void hold_reads();
  void hold_writes();
  void hold_all();
  // Holds nothing from now on, and answers all that wait.
  void release();

  // The calls that wait for their answer, oldest first.
  std::vector<std::shared_ptr<HeldCall>> held() const;
  // Writes that timed out before all of their steps were taken.
  std::vector<std::shared_ptr<HeldCall>> lost() const;

  // Does one random thing to a call that is held or lost: mostly a step or an answer, and with the
  // chance of `time_out_percent` a time-out. False when there is none.
  bool stir(std::mt19937& random, unsigned time_out_percent = 5);

  // Called by the store: takes the steps of a call, now or as the test says.
  Task<Result<void>> pass(StoreMethod method, HeldCall::Steps steps);

 private:
  std::set<StoreMethod> holding_;
  mutable std::vector<std::shared_ptr<HeldCall>> calls_;  // that were held and are not over
};

}  // namespace tidings
