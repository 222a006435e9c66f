#include "core/clock_guard.h"

#include <algorithm>
#include <vector>

#include "base/log.h"

namespace tidings {
namespace {

constexpr milliseconds kStepMax{250};
constexpr milliseconds kDifferenceMax{500};
constexpr milliseconds kRunsEvenlyAfter = seconds(10);
// A store that does not say its time for so long is no reason to go on trusting ours.
constexpr milliseconds kComparisonLife = seconds(30);

}  // namespace

std::unexpected<Error> clock_is_out() {
  return fail(ErrorCode::Unavailable, "The clock of this server is being set. Try again.");
}

ClockGuard::ClockGuard(const Clock& clock, StoreClocks* store_clocks)
    : clock_(clock),
      store_clocks_(store_clocks),
      last_offset_(offset()),
      compared_at_(clock.monotonic()) {}

milliseconds ClockGuard::offset() const {
  const auto monotonic =
      std::chrono::duration_cast<milliseconds>(clock_.monotonic().time_since_epoch());
  return clock_.now().time_since_epoch() - monotonic;
}

void ClockGuard::look() const {
  const milliseconds step = offset() - last_offset_;
  if (std::chrono::abs(step) <= kStepMax) return;
  last_offset_ += step;
  log_warn("clock.stepped", {{"ms", step.count()}});
  if (store_clocks_ == nullptr && step > milliseconds(0)) return;
  stepped_ = true;
  stepped_at_ = clock_.monotonic();
}

bool ClockGuard::in() const {
  const std::scoped_lock lock(mutex_);
  look();
  if (stepped_ || !agrees_) return false;
  return store_clocks_ == nullptr || clock_.monotonic() - compared_at_ <= kComparisonLife;
}

Task<Result<milliseconds>> ClockGuard::difference_to_store() const {
  const Time before = clock_.now();
  auto times = co_await store_clocks_->read();
  if (!times) co_return forward(times);
  if (times->empty()) co_return fail(ErrorCode::Unavailable);
  const Time after = clock_.now();
  const auto median = times->begin() + static_cast<std::ptrdiff_t>(times->size() / 2);
  std::ranges::nth_element(*times, median);
  co_return *median - (before + (after - before) / 2);
}

Task<void> ClockGuard::check() {
  if (store_clocks_ == nullptr) {
    const std::scoped_lock lock(mutex_);
    look();
    last_offset_ = offset();  // a clock that is slewed slowly never steps
    if (stepped_ && clock_.monotonic() - stepped_at_ >= kRunsEvenlyAfter) stepped_ = false;
    co_return;
  }

  const Instant begin = clock_.monotonic();
  const auto difference = co_await difference_to_store();
  const std::scoped_lock lock(mutex_);
  look();
  last_offset_ = offset();
  if (!difference) co_return;
  compared_at_ = clock_.monotonic();
  const bool agrees = std::chrono::abs(*difference) <= kDifferenceMax;
  if (agrees != agrees_) log_warn("clock.compared", {{"ahead_of_store_ms", -difference->count()}});
  agrees_ = agrees;
  // A step during the comparison is judged by the next one.
  if (stepped_ && stepped_at_ < begin) stepped_ = false;
}

}  // namespace tidings
