#pragma once

#include <algorithm>
#include <atomic>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "ports/store_clocks.h"

namespace tidings {

// The store's clocks, and by how much ours was ahead of their median when they were last read: for
// those who watch. Whether our clock may stamp messages is `ClockGuard`'s to decide. Safe from any
// thread.
class MeasuredClocks final : public StoreClocks {
 public:
  MeasuredClocks(StoreClocks& clocks, const Clock& own) : clocks_(clocks), own_(own) {}

  Task<Result<std::vector<Time>>> read() override {
    const Time before = own_.now();
    auto reading = clocks_.read();
    auto times = co_await std::move(reading);
    if (times && !times->empty()) {
      std::vector<Time> sorted = *times;
      const auto median = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
      std::ranges::nth_element(sorted, median);
      ahead_ms_ = (before + (own_.now() - before) / 2 - *median).count();
      was_read_ = true;
    }
    co_return times;
  }

  // Nothing before the first answer.
  std::optional<milliseconds> ahead_of_store() const {
    if (!was_read_) return std::nullopt;
    return milliseconds(ahead_ms_);
  }

 private:
  StoreClocks& clocks_;
  const Clock& own_;
  std::atomic<std::int64_t> ahead_ms_{0};
  std::atomic<bool> was_read_{false};
};

}  // namespace tidings
