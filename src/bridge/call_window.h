#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tidings {

// Counts the calls that are with a driver, and refuses more than its bound. Safe from any thread.
//
// A call counts as in flight until it is answered, and as unfinished until nobody will touch its
// answer any more: `wait_until_idle` waits for that.
class CallWindow {
 public:
  explicit CallWindow(std::size_t in_flight_max) : in_flight_max_(in_flight_max) {}

  // False, and counted as refused, when the window is full.
  bool enter();
  void answered(bool well, std::chrono::microseconds took);
  void finished();
  // A call whose deadline had passed before it was sent.
  void missed() { failed_.fetch_add(1, std::memory_order_relaxed); }

  // Blocks. None may enter meanwhile.
  void wait_until_idle() const;

  std::uint64_t executed() const { return executed_.load(std::memory_order_relaxed); }
  std::uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  std::uint64_t answered() const { return answered_.load(std::memory_order_relaxed); }
  std::uint64_t took_us() const { return took_us_.load(std::memory_order_relaxed); }
  std::size_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

 private:
  const std::size_t in_flight_max_;
  std::atomic<std::size_t> in_flight_{0};
  std::atomic<std::size_t> unfinished_{0};
  std::atomic<std::uint64_t> executed_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> answered_{0};
  std::atomic<std::uint64_t> took_us_{0};
};

}  // namespace tidings
