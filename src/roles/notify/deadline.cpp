#include "roles/notify/deadline.h"

#include <coroutine>
#include <exception>
#include <utility>

namespace tidings {

struct Deadline::State {
  Loop& loop;
  Instant when;
  std::function<void()> passed;  // empty once it was called, or must not be any more
  std::coroutine_handle<> alarm;
};

struct Deadline::Alarm {
  struct promise_type {
    Alarm get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

Deadline::Alarm Deadline::ring(std::shared_ptr<State> state) {
  struct Asleep {
    State& state;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) const {
      state.alarm = coroutine;
      state.loop.post_at(state.when, coroutine);
    }
    void await_resume() const noexcept {}
  };
  co_await Asleep{*state};
  const auto passed = std::exchange(state->passed, nullptr);
  if (passed) passed();
}

Deadline::Deadline(Instant when, std::function<void()> passed)
    : state_(new State{*Loop::current(), when, std::move(passed), {}}) {
  ring(state_);
}

Deadline::~Deadline() {
  if (!state_->passed) return;
  state_->passed = nullptr;
  // Otherwise the alarm is about to ring, finds nothing to call, and ends by itself.
  if (state_->loop.cancel(state_->when, state_->alarm)) state_->alarm.destroy();
}

}  // namespace tidings
