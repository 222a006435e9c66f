#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/cassandra/timed_session.h"

namespace tidings::cassandra {

// The secret keys that sign access tokens, for all workers of a cluster.
struct SigningKeys {
  struct Key {
    std::string seed;  // 32 secret bytes
    Time signs_from;
    bool operator==(const Key&) const = default;
  };
  std::vector<Key> keys;      // one or two, the newest first
  std::uint64_t version = 0;  // grows with each change

  // The one that signs at `now`: the newest that was announced for long enough.
  const Key& signing(Time now) const;
  // The other one, if there is one: believed, whether it comes or goes.
  const Key* believed(Time now) const;

  bool operator==(const SigningKeys&) const = default;
};

// Keeps them in one row, set by compare-and-set.
//
// A key signs for 30 days. Then some worker puts a new one into the row, which signs only 10
// minutes later: by then every worker has read it, if each loads the row once a minute, as it must,
// and believes it. Until the next change the key before it is believed too; so at any time there
// are two at most, and a change is refused while the last one was not used. Safe from any thread.
class CassandraSigningKeys {
 public:
  // The session and the clock outlive it. Blocks. Errors: as TimedSession::prepare
  static Result<std::unique_ptr<CassandraSigningKeys>> open(CqlSession& session,
                                                            const Clock& clock);

  // The keys in the row; makes the first one, which signs at once, when there is none. Of workers
  // that do so at the same time one succeeds and all return the same. `new_seed` makes 32 secret
  // bytes. Errors: Unavailable, and Internal when the row is damaged
  Task<Result<SigningKeys>> load(std::string new_seed);

  // Announces a new key if the newest has signed for 30 days; returns what stands then, whoever
  // did it. Errors: as load
  Task<Result<SigningKeys>> rotate_if_due(std::string new_seed);
  // The same now, for an administrator who fears that a key is known; the key before the one that
  // signs is no longer believed from now on. Errors also: InvalidRequest, the newest does not sign
  // yet
  Task<Result<SigningKeys>> rotate(std::string new_seed);

 private:
  CassandraSigningKeys(CqlSession& session, const Clock& clock) : session_(session, clock) {}
  Task<Result<SigningKeys>> read();
  Task<Result<SigningKeys>> announce(SigningKeys before, std::string new_seed);

  TimedSession session_;
  CqlStatement find_;
  CqlStatement create_;
  CqlStatement set_;
};

}  // namespace tidings::cassandra
