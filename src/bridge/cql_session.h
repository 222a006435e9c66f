#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "bridge/cql_rows.h"
#include "bridge/cql_values.h"

namespace tidings {

enum class CqlConsistency : std::uint8_t { LocalQuorum, LocalOne, Quorum, One };

// What holds for every execution of a statement.
struct CqlTraits {
  CqlConsistency consistency = CqlConsistency::LocalQuorum;
  // May be repeated by the driver: every statement but a conditional one.
  bool idempotent = true;
  // A second attempt at another node after 200 ms: reads, and writes that say their timestamp.
  bool speculative = false;
  // For conditional ones: the consistency of their agreement is LOCAL_SERIAL.
};

struct CqlOptions {
  std::vector<std::string> contact_points;  // HOST:PORT
  std::string local_datacenter;             // empty: none is preferred
  std::string local_rack;                   // empty: none is preferred
  // That of tables which statements name without one; empty: none, as for migrations.
  std::string keyspace;
  std::string user;
  std::string password;
  // More at a time are refused at once.
  std::size_t in_flight_max = 4'096;
  milliseconds connect_deadline{10'000};
};

// How one execution is bounded and paged.
struct CqlCall {
  Instant deadline;            // on the monotonic clock
  std::int32_t page_rows = 0;  // 0: the whole answer at once
  std::string page;            // CqlRows::next_page of the page before
};

// A statement that the store knows. Cheap to copy; lives as long as its session.
class CqlStatement {
 private:
  friend class CqlSession;
  std::uint32_t number_ = 0;
};

struct CqlBound {
  CqlStatement statement;
  CqlValues values;
};

// Connections to all nodes of one store, shared by all threads; a coroutine resumes on the loop it
// waited on. Token-aware: a statement goes to a node that holds its partition.
//
// Errors of every call: Unavailable, with the reason in its detail for the log: the deadline
// passed, too few nodes answer, or the window is full. A write may then have happened, unless the
// window was full or the deadline had passed before. Internal: the store does not understand the
// call, whoever repeats it.
class CqlSession {
 public:
  // Connects to one contact point at least, and learns the others from it. Tries again and again
  // until the connect deadline. Blocks.
  //
  // Errors: Unavailable     none answers; the detail says of each why not
  //         Internal        there is no such keyspace or data centre
  //         InvalidRequest  no contact point is named
  static Result<std::unique_ptr<CqlSession>> connect(const CqlOptions& options);
  // Ends all calls in flight, each with Unavailable, and waits until they have. Not on a thread of
  // the driver, where a coroutine without a loop is resumed.
  virtual ~CqlSession();
  CqlSession(const CqlSession&) = delete;
  CqlSession& operator=(const CqlSession&) = delete;

  // Blocks, up to ten seconds: for the start of the process. Safe from any thread.
  Result<CqlStatement> prepare(std::string_view text, CqlTraits traits = {});
  // One statement without values, as a migration has them. Blocks.
  Result<CqlRows> run(std::string_view text, milliseconds within);

  Task<Result<CqlRows>> execute(CqlStatement statement, CqlValues values, CqlCall call);
  // All or nothing, but not isolated: a logged batch.
  Task<Result<void>> execute_batch(std::vector<CqlBound> statements, CqlCall call);
  // The answers of the nodes that gave one; at least one.
  Task<Result<std::vector<CqlRows>>> execute_on_each_node(CqlStatement statement, CqlCall call);

  struct Stats {
    std::uint64_t executed = 0;  // sent, however they ended
    std::uint64_t failed = 0;    // of those and of the ones that came too late
    std::uint64_t refused = 0;   // for want of room in the window
    std::uint64_t answered = 0;  // of the executed
    std::uint64_t took_us = 0;   // those, together
    std::size_t in_flight = 0;
  };
  Stats stats() const;

  // What bench/cql.cpp compares itself with: `count` inserts of a (bigint, blob) by the driver
  // alone, `in_flight` at a time, and how long they took. Blocks.
  Result<std::chrono::microseconds> raw_inserts(CqlStatement statement, std::uint64_t count,
                                                std::uint32_t in_flight, std::uint32_t blob_bytes);

 private:
  struct Impl;
  explicit CqlSession(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
