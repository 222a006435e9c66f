#include "core/sign_in_limit.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"

namespace tidings {
namespace {

constexpr milliseconds kWindow = seconds(60);
constexpr milliseconds kRetryWhileOthersTry = seconds(1);
// Hashing a password takes milliseconds, so a minute cannot fill it.
constexpr std::size_t kRecordsMax = 100'000;

Uuid key_of(std::string_view ip, std::string_view name) {
  std::string text(ip);
  text.push_back('\0');
  text.append(name);
  const Sha256 digest = sha256(text);
  return Uuid::from_bytes(std::span(digest).first<16>());
}

std::unexpected<Error> too_many(milliseconds retry_after) {
  return std::unexpected(Error{ErrorCode::TooManyRequests,
                               "Too many failed sign-ins; wait before the next one.",
                               {},
                               retry_after});
}

}  // namespace

SignInLimit::Attempt::Attempt(Attempt&& other) noexcept
    : limit_(std::exchange(other.limit_, nullptr)), key_(other.key_), failed_(other.failed_) {}

SignInLimit::Attempt::~Attempt() {
  if (limit_ != nullptr) limit_->end(key_, failed_);
}

Result<SignInLimit::Attempt> SignInLimit::begin(std::string_view ip, std::string_view name) {
  const Uuid key = key_of(ip, name);
  const Instant now = clock_.monotonic();
  const std::scoped_lock lock(mutex_);
  if (records_.size() >= kRecordsMax) forget_old(now);
  if (records_.size() >= kRecordsMax && !records_.contains(key)) return too_many(kWindow);

  Record& record = records_[key];
  const auto recent = std::ranges::count_if(std::span(record.failures).first(record.failure_count),
                                            [now](Instant at) { return now - at < kWindow; });
  if (static_cast<std::size_t>(recent) == kFailuresMax) {
    const Instant oldest = record.failures[record.next];
    return too_many(std::chrono::ceil<milliseconds>(oldest + kWindow - now));
  }
  if (static_cast<std::size_t>(recent) + record.under_way >= kFailuresMax) {
    return too_many(kRetryWhileOthersTry);
  }
  ++record.under_way;
  return Attempt(*this, key);
}

void SignInLimit::end(Uuid key, bool failed) {
  const std::scoped_lock lock(mutex_);
  const auto at = records_.find(key);
  Record& record = at->second;
  --record.under_way;
  if (failed) {
    record.failures[record.next] = clock_.monotonic();
    record.next = (record.next + 1) % kFailuresMax;
    record.failure_count = std::min(record.failure_count + 1, kFailuresMax);
  } else if (record.failure_count == 0 && record.under_way == 0) {
    records_.erase(at);
  }
}

void SignInLimit::forget_old(Instant now) {
  std::erase_if(records_, [now](const auto& entry) {
    const Record& record = entry.second;
    const std::size_t newest = (record.next + kFailuresMax - 1) % kFailuresMax;
    return record.under_way == 0 && now - record.failures[newest] >= kWindow;
  });
}

}  // namespace tidings
