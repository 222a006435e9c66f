#include "adapters/sodium/password_hasher.h"

#include <sodium.h>

#include <array>
#include <utility>

#include "base/ensure.h"
#include "base/random.h"

namespace tidings {
namespace {

constexpr auto kRetryAfter = seconds(1);

std::unexpected<Error> busy() {
  return std::unexpected(
      Error{ErrorCode::Unavailable, "Too many sign-ins at once; try again soon.", {}, kRetryAfter});
}

// Empty when there is no memory for it.
std::string argon2id(const std::string& password, const PasswordCost& cost) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), cost.passes,
                            cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return {};
  }
  return text.data();
}

}  // namespace

SodiumPasswordHasher::SodiumPasswordHasher(PasswordCost cost) : cost_(cost) {
  ensure(sodium_init() >= 0, "libsodium can start");
  ensure(cost.threads > 0 && cost.waiting_max > 0);
  nobodys_hash_ = argon2id(random_bytes(16), cost_);
  ensure(!nobodys_hash_.empty(), "there is memory for one password hash");
  for (std::size_t i = 0; i < cost_.threads; ++i) {
    threads_.emplace_back([this] { work(); });
  }
}

SodiumPasswordHasher::~SodiumPasswordHasher() {
  std::deque<Job*> left;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    left.swap(waiting_);
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  for (Job* const job : left) {
    job->done.set(busy());
  }
}

Task<Result<std::string>> SodiumPasswordHasher::hash(std::string password) {
  Job job;
  job.password = std::move(password);
  if (!enqueue(job)) co_return busy();
  const Result<bool> made = co_await job.done;
  if (!made) co_return forward(made);
  co_return std::move(job.hash);
}

Task<Result<bool>> SodiumPasswordHasher::verify(std::string password, std::string hash) {
  Job job;
  job.password = std::move(password);
  job.hash = std::move(hash);
  job.compare = true;
  if (!enqueue(job)) co_return busy();
  co_return co_await job.done;
}

bool SodiumPasswordHasher::enqueue(Job& job) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || waiting_.size() >= cost_.waiting_max) return false;
    waiting_.push_back(&job);
  }
  ready_.notify_one();
  return true;
}

void SodiumPasswordHasher::work() {
  for (;;) {
    Job* job = nullptr;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      job = waiting_.front();
      waiting_.pop_front();
    }
    const Result<bool> outcome = run(*job);
    sodium_memzero(job->password.data(), job->password.size());
    job->done.set(outcome);
  }
}

Result<bool> SodiumPasswordHasher::run(Job& job) const {
  if (!job.compare) {
    job.hash = argon2id(job.password, cost_);
    if (job.hash.empty()) return busy();
    return true;
  }
  const bool known = !job.hash.empty();
  const std::string& hash = known ? job.hash : nobodys_hash_;
  const bool equal =
      crypto_pwhash_str_verify(hash.c_str(), job.password.data(), job.password.size()) == 0;
  return known && equal;
}

}  // namespace tidings
