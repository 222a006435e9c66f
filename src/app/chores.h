#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"

namespace tidings {

// What has to be done again and again beside the requests. A chore that takes longer than its
// period is not begun twice, and does not keep the others waiting.
//
// Filled before `run`; then it lives on one loop.
class Chores {
 public:
  using Work = std::function<Task<void>()>;

  void add(std::string name, milliseconds period, Work work);

  // Does each chore at once and then every period, until a stop is asked for; returns when those
  // under way have ended.
  Task<void> run(std::stop_token stop);

 private:
  struct Chore {
    std::string name;
    milliseconds period;
    Work work;
    Instant due;
    bool under_way = false;
  };
  static Task<void> do_once(Chore* chore);

  std::vector<std::unique_ptr<Chore>> chores_;
};

}  // namespace tidings
