#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/completion.h"
#include "ports/secrets.h"

namespace tidings {

// What one hash costs, and how many are made at a time.
struct PasswordCost {
  std::uint64_t passes = 2;
  std::size_t memory_bytes = 19 * 1024 * 1024;  // of each hash under way
  std::size_t threads = 2;
  std::size_t waiting_max = 64;  // beyond it: Unavailable
};

// argon2id on threads of its own: at most `threads` × `memory_bytes` are in use. A stored hash
// carries its own cost, so a change of the settings leaves old passwords good.
class SodiumPasswordHasher final : public PasswordHasher {
 public:
  explicit SodiumPasswordHasher(PasswordCost cost);
  // Those who still wait are answered with Unavailable.
  ~SodiumPasswordHasher() override;

  Task<Result<std::string>> hash(std::string password) override;
  Task<Result<bool>> verify(std::string password, std::string hash) override;

 private:
  // Lives in the frame of the coroutine that waits for it.
  struct Job {
    std::string password;
    std::string hash;  // to compare with, or the result
    bool compare = false;
    Completion<Result<bool>> done;
  };

  bool enqueue(Job& job);
  void work();
  Result<bool> run(Job& job) const;

  PasswordCost cost_;
  std::string nobodys_hash_;  // compared with when the name is unknown
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job*> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tidings
