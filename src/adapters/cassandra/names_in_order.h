#pragma once

#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "adapters/cassandra/timed_session.h"

namespace tidings::cassandra {

// Names in their order, for lists: the tables names_by_prefix (a partition for the first four
// characters) and name_prefixes (which of those are in use, by their first letter). A name may be
// here that nobody got in the end: user_names decides. Safe from any thread.
class NamesInOrder {
 public:
  NamesInOrder(CqlSession& session, const Clock& clock) : session_(session, clock) {}
  Result<void> prepare();

  // Before the name is claimed. May be repeated. Errors: Unavailable
  Task<Result<void>> put(std::string name);
  // Names after `after`, in the order of their bytes; at most `limit`. Errors: Unavailable
  Task<Result<std::vector<std::string>>> page(std::string after, std::size_t limit);

 private:
  Task<Result<std::vector<std::string>>> prefixes(char letter, std::string from);
  bool is_known(const std::string& prefix);
  void know(std::string prefix);

  TimedSession session_;
  CqlStatement put_name_;
  CqlStatement put_prefix_;
  CqlStatement list_names_;
  CqlStatement list_prefixes_;

  std::mutex mutex_;
  std::unordered_set<std::string> known_;  // prefixes that are registered
};

}  // namespace tidings::cassandra
