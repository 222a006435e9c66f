#include "net/asio_loop.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <mutex>
#include <vector>

#include "base/task_group.h"
#include "net/loop_timer.h"

namespace tidings {
namespace {

struct Timer {
  Instant when;
  std::coroutine_handle<> coroutine;
};

// For a heap whose front is the earliest.
bool is_later(const Timer& left, const Timer& right) { return left.when > right.when; }

}  // namespace

struct AsioLoop::Impl {
  void schedule_turn();
  void turn();
  void set_alarm(Instant when);

  // One thread runs the context, which lets Asio save itself a wake-up; others may still post.
  boost::asio::io_context context{1};
  LoopTimer alarm{context};
  Instant alarm_at = Instant::max();              // the loop's thread only
  std::vector<std::coroutine_handle<>> resuming;  // the loop's thread only

  std::mutex mutex;  // guards what follows
  std::vector<std::coroutine_handle<>> posted;
  std::vector<Timer> timers;  // a heap
  bool turn_scheduled = false;
};

// With the mutex held.
void AsioLoop::Impl::schedule_turn() {
  if (turn_scheduled) return;
  turn_scheduled = true;
  boost::asio::post(context, [this] { turn(); });
}

// Resumes everything that was posted, and every sleeper whose time has come.
void AsioLoop::Impl::turn() {
  std::unique_lock lock(mutex);
  turn_scheduled = false;
  resuming.swap(posted);
  if (!timers.empty()) {
    const Instant now = std::chrono::steady_clock::now();
    while (!timers.empty() && timers.front().when <= now) {
      resuming.push_back(timers.front().coroutine);
      std::pop_heap(timers.begin(), timers.end(), is_later);
      timers.pop_back();
    }
  }
  const Instant next = timers.empty() ? Instant::max() : timers.front().when;
  lock.unlock();

  if (next != alarm_at) set_alarm(next);
  for (const auto coroutine : resuming) {
    coroutine.resume();
  }
  resuming.clear();
}

void AsioLoop::Impl::set_alarm(Instant when) {
  alarm_at = when;
  if (when == Instant::max()) {
    alarm.cancel();
    return;
  }
  alarm.expires_at(when);
  alarm.async_wait([this](boost::system::error_code error) {
    if (error) return;  // set anew
    alarm_at = Instant::max();
    turn();
  });
}

AsioLoop::AsioLoop() : impl_(std::make_unique<Impl>()) {}
AsioLoop::~AsioLoop() = default;

void AsioLoop::post(std::coroutine_handle<> coroutine) {
  const std::lock_guard lock(impl_->mutex);
  impl_->posted.push_back(coroutine);
  impl_->schedule_turn();
}

void AsioLoop::post_at(Instant when, std::coroutine_handle<> coroutine) {
  const std::lock_guard lock(impl_->mutex);
  auto& timers = impl_->timers;
  const bool is_first = timers.empty() || when < timers.front().when;
  timers.push_back({when, coroutine});
  std::push_heap(timers.begin(), timers.end(), is_later);
  if (is_first) impl_->schedule_turn();
}

bool AsioLoop::cancel(Instant when, std::coroutine_handle<> coroutine) {
  const std::lock_guard lock(impl_->mutex);
  auto& timers = impl_->timers;
  const auto found = std::ranges::find_if(timers, [&](const Timer& timer) {
    return timer.when == when && timer.coroutine == coroutine;
  });
  if (found == timers.end()) return false;
  // The alarm may ring for nothing; the turn that follows sets it anew.
  *found = timers.back();
  timers.pop_back();
  std::ranges::make_heap(timers, is_later);
  return true;
}

void AsioLoop::run() {
  const Entered entered(*this);
  const auto stay = boost::asio::make_work_guard(impl_->context);
  impl_->context.restart();
  impl_->context.run();
}

// Posted rather than done, so that it also ends a run() that has not begun.
void AsioLoop::stop() {
  boost::asio::post(impl_->context, [impl = impl_.get()] { impl->context.stop(); });
}

boost::asio::io_context& AsioLoop::context() { return impl_->context; }

Task<void> AsioLoop::stop_after(Task<void> task) {
  co_await std::move(task);
  stop();
}

void AsioLoop::run_to_end(Task<void> task) {
  TaskGroup group("loop.run");
  {
    const Entered entered(*this);
    group.spawn(stop_after(std::move(task)));
  }
  run();
}

}  // namespace tidings
