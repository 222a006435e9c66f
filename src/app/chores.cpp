#include "app/chores.h"

#include <utility>

#include "base/log.h"
#include "base/loop.h"
#include "base/task_group.h"

namespace tidings {
namespace {

// How soon a stop is noticed.
constexpr milliseconds kLookEvery{100};

}  // namespace

void Chores::add(std::string name, milliseconds period, Work work) {
  chores_.push_back(
      std::make_unique<Chore>(Chore{std::move(name), period, std::move(work), Instant(), false}));
}

Task<void> Chores::run(std::stop_token stop) {
  TaskGroup group("app.chores");
  while (!stop.stop_requested()) {
    const Instant now = std::chrono::steady_clock::now();
    for (const auto& chore : chores_) {
      if (chore->under_way || now < chore->due) continue;
      chore->due = now + chore->period;
      chore->under_way = true;
      group.spawn(do_once(chore.get()));
    }
    co_await sleep_until(now + kLookEvery);
  }
  co_await group.join();
}

Task<void> Chores::do_once(Chore* chore) {
  try {
    auto working = chore->work();
    co_await std::move(working);
  } catch (const std::exception& error) {
    log_error("chore.failed", {{"chore", chore->name}, {"error", error.what()}});
  }
  chore->under_way = false;
}

}  // namespace tidings
