#include "bridge/call_window.h"

namespace tidings {

bool CallWindow::enter() {
  if (in_flight_.fetch_add(1, std::memory_order_acq_rel) >= in_flight_max_) {
    in_flight_.fetch_sub(1, std::memory_order_acq_rel);
    refused_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  unfinished_.fetch_add(1, std::memory_order_relaxed);
  executed_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void CallWindow::answered(bool well, std::chrono::microseconds took) {
  answered_.fetch_add(1, std::memory_order_relaxed);
  took_us_.fetch_add(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
  if (!well) failed_.fetch_add(1, std::memory_order_relaxed);
  in_flight_.fetch_sub(1, std::memory_order_acq_rel);
}

void CallWindow::finished() {
  if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished_.notify_all();
}

void CallWindow::wait_until_idle() const {
  for (std::size_t left = unfinished_.load(std::memory_order_acquire); left != 0;
       left = unfinished_.load(std::memory_order_acquire)) {
    unfinished_.wait(left, std::memory_order_acquire);
  }
}

}  // namespace tidings
