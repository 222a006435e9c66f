#pragma once

#include <coroutine>

#include "base/clock.h"

namespace tidings {

// The thread on which coroutines resume. A connection, and all that is done for it, stays on one
// loop.
//
// `post` and `post_at` are safe from any thread; the handle is resumed on the loop's own thread,
// never inside the call. A handle that is posted must be resumed or the loop must outlive it:
// nothing is dropped.
class Loop {
 public:
  virtual ~Loop() = default;

  virtual void post(std::coroutine_handle<> coroutine) = 0;
  virtual void post_at(Instant when, std::coroutine_handle<> coroutine) = 0;
  // Takes back a `post_at` with the same arguments. False when its time has come: the handle then
  // was, or is about to be, resumed. On the loop's own thread only.
  virtual bool cancel(Instant when, std::coroutine_handle<> coroutine) = 0;

  // The loop that the calling thread is running; null on a thread that runs none.
  static Loop* current() { return current_; }

  // Makes `loop` the current one of this thread for as long as the guard lives.
  class Entered {
   public:
    explicit Entered(Loop& loop) : previous_(current_) { current_ = &loop; }
    ~Entered() { current_ = previous_; }
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;

   private:
    Loop* previous_;
  };

 private:
  static thread_local constinit Loop* current_;
};

// `co_await resume_on(loop)` continues on that loop's thread.
inline auto resume_on(Loop& loop) {
  struct Awaiter {
    Loop& loop;
    bool await_ready() const noexcept { return Loop::current() == &loop; }
    void await_suspend(std::coroutine_handle<> coroutine) const { loop.post(coroutine); }
    void await_resume() const noexcept {}
  };
  return Awaiter{loop};
}

// `co_await sleep_until(when)` continues on the current loop at that moment or soon after. There is
// no way to wake it early: sleep in short steps where a stop must be noticed.
inline auto sleep_until(Instant when) {
  struct Awaiter {
    Instant when;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) const {
      Loop::current()->post_at(when, coroutine);
    }
    void await_resume() const noexcept {}
  };
  return Awaiter{when};
}

}  // namespace tidings
