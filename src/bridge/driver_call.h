#pragma once

#include <rust/cxx.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/completion.h"
#include "base/result.h"
#include "bridge/call_window.h"

namespace tidings {

// What a driver answered: rows of CQL, or one reply of Redis (no width, no rows).
struct DriverPart {
  std::vector<char> cells;
  std::uint32_t width = 0;
  std::uint32_t rows = 0;
  std::string next_page;
};
using DriverAnswer = Result<std::vector<DriverPart>>;

// One call that is with a driver. The driver's thread adds what it found and ends it once, with
// `succeed`, `unavailable` or `internal`; that sets the completion. One that is destroyed before
// (its task panicked) is answered by its destructor.
class DriverCall {
 public:
  DriverCall(Completion<DriverAnswer>& answer, std::shared_ptr<CallWindow> window);
  ~DriverCall();
  DriverCall(const DriverCall&) = delete;
  DriverCall& operator=(const DriverCall&) = delete;

  void add_part(rust::Slice<const std::uint8_t> cells, std::uint32_t width, std::uint32_t rows,
                rust::Slice<const std::uint8_t> next_page);
  void succeed();
  void unavailable(rust::Slice<const std::uint8_t> detail);
  void internal(rust::Slice<const std::uint8_t> detail);

 private:
  void end(DriverAnswer answer);

  Completion<DriverAnswer>* answer_;
  std::shared_ptr<CallWindow> window_;
  std::vector<DriverPart> parts_;
  const Instant began_;
  // Hands what this thread wrote over to the driver's, in the sight of ThreadSanitizer, which does
  // not see the driver do it.
  std::atomic<bool> handed_over_{false};
};

// Null when the window is full.
std::unique_ptr<DriverCall> begin_call(const std::shared_ptr<CallWindow>& window,
                                       Completion<DriverAnswer>& answer);

// Calls a function until it is told to stop; on the driver's threads. Safe from any thread.
class DriverListening {
 public:
  explicit DriverListening(std::function<void(std::string_view)> heard)
      : heard_(std::move(heard)) {}
  void heard(std::string_view channel);
  // Never calls it again, and does not while this returns.
  void stop();

 private:
  std::mutex mutex_;
  std::function<void(std::string_view)> heard_;
};

// The driver's end of it, which it may keep longer than its client lives.
class DriverListener {
 public:
  explicit DriverListener(std::shared_ptr<DriverListening> listening)
      : listening_(std::move(listening)) {}
  void heard(rust::Slice<const std::uint8_t> channel) const;

 private:
  std::shared_ptr<DriverListening> listening_;
};

// Called on each thread of the drivers as it starts.
void driver_thread_started();

// The microseconds that are left; 0 when the deadline has passed.
std::uint64_t time_left_us(Instant deadline);

inline rust::Slice<const std::uint8_t> as_slice(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(rust::Slice<const std::uint8_t> slice) {
  return {reinterpret_cast<const char*>(slice.data()), slice.size()};
}

}  // namespace tidings
