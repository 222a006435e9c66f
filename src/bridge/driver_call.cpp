#include "bridge/driver_call.h"

#include <utility>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TIDINGS_TSAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define TIDINGS_TSAN 1
#endif

#if defined(TIDINGS_TSAN)
extern "C" void AnnotateIgnoreReadsBegin(const char* file, int line);
extern "C" void AnnotateIgnoreWritesBegin(const char* file, int line);
#endif

namespace tidings {

DriverCall::DriverCall(Completion<DriverAnswer>& answer, std::shared_ptr<CallWindow> window)
    : answer_(&answer), window_(std::move(window)), began_(SystemClock().monotonic()) {
  handed_over_.store(true, std::memory_order_release);
}

DriverCall::~DriverCall() {
  handed_over_.load(std::memory_order_acquire);
  if (answer_ != nullptr) end(fail(ErrorCode::Unavailable, "the driver gave the call up"));
  window_->finished();
}

void DriverCall::add_part(rust::Slice<const std::uint8_t> cells, std::uint32_t width,
                          std::uint32_t rows, rust::Slice<const std::uint8_t> next_page) {
  handed_over_.load(std::memory_order_acquire);
  const std::string_view text = as_text(cells);
  parts_.push_back(DriverPart{std::vector<char>(text.begin(), text.end()), width, rows,
                              std::string(as_text(next_page))});
}

void DriverCall::succeed() { end(std::move(parts_)); }

void DriverCall::unavailable(rust::Slice<const std::uint8_t> detail) {
  end(fail(ErrorCode::Unavailable, std::string(as_text(detail))));
}

void DriverCall::internal(rust::Slice<const std::uint8_t> detail) {
  end(fail(ErrorCode::Internal, std::string(as_text(detail))));
}

void DriverCall::end(DriverAnswer answer) {
  handed_over_.load(std::memory_order_acquire);
  // Room is made first: whoever is resumed may call again at once.
  const auto took = SystemClock().monotonic() - began_;
  window_->answered(answer.has_value(),
                    std::chrono::duration_cast<std::chrono::microseconds>(took));
  std::exchange(answer_, nullptr)->set(std::move(answer));
}

std::unique_ptr<DriverCall> begin_call(const std::shared_ptr<CallWindow>& window,
                                       Completion<DriverAnswer>& answer) {
  if (!window->enter()) return nullptr;
  return std::make_unique<DriverCall>(answer, window);
}

void DriverListening::heard(std::string_view channel) {
  const std::lock_guard lock(mutex_);
  if (heard_) heard_(channel);
}

void DriverListening::stop() {
  const std::lock_guard lock(mutex_);
  heard_ = nullptr;
}

void DriverListener::heard(rust::Slice<const std::uint8_t> channel) const {
  listening_->heard(as_text(channel));
}

void driver_thread_started() {
#if defined(TIDINGS_TSAN)
  // The driver is not instrumented: what its threads do with memory looks like races. What they
  // synchronize through our own atomics is still seen.
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
#endif
}

std::uint64_t time_left_us(Instant deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::microseconds>(deadline - SystemClock().monotonic());
  return left.count() > 0 ? static_cast<std::uint64_t>(left.count()) : 0;
}

}  // namespace tidings
