#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"

namespace tidings {

// Lets an address fail to sign in under one name ten times a minute. Attempts under way count as
// failures until they end, so that a hundred at once try no more passwords than ten in a row.
//
// Counts in this process alone. In a cluster the balancer sends all tries of one address to one
// worker (`api_by_address` in deploy/haproxy.cfg), so the limit is that of the cluster until a
// worker goes or comes. A change of password counts for its account, whatever the address; from
// many addresses it is counted in as many workers. Safe from any thread.
class SignInLimit {
 public:
  // One attempt under way. Ends as a success unless `failed` was called.
  class Attempt {
   public:
    Attempt(SignInLimit& limit, Uuid key) : limit_(&limit), key_(key) {}
    Attempt(Attempt&& other) noexcept;
    Attempt& operator=(Attempt&&) = delete;
    ~Attempt();

    void failed() { failed_ = true; }

   private:
    SignInLimit* limit_;
    Uuid key_;
    bool failed_ = false;
  };

  explicit SignInLimit(const Clock& clock) : clock_(clock) {}

  // `name` may be anything that a client sent.
  //
  // Errors: TooManyRequests, with retry_after
  Result<Attempt> begin(std::string_view ip, std::string_view name);

 private:
  static constexpr std::size_t kFailuresMax = 10;

  struct Record {
    std::array<Instant, kFailuresMax> failures{};  // a ring
    std::size_t failure_count = 0;
    std::size_t next = 0;
    std::size_t under_way = 0;
  };

  void end(Uuid key, bool failed);
  void forget_old(Instant now);

  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<Uuid, Record> records_;
};

}  // namespace tidings
