#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"

namespace tidings {

struct RedisOptions {
  // HOST:PORT. Of a cluster, some of its nodes; else the server, or those that may become the
  // master: the one that says it is one is used.
  std::vector<std::string> servers;
  bool is_cluster = false;
  std::string password;
  std::size_t in_flight_max = 4'096;
};

struct RedisReply {
  enum class Kind : std::uint8_t { Nil, Integer, Text, List };
  Kind kind = Kind::Nil;
  std::int64_t integer = 0;
  std::string text;
  std::vector<RedisReply> list;
};

// A Lua script, known by its SHA-1: EVALSHA, and EVAL where the server has forgotten it.
struct RedisScript {
  std::string source;
  std::string sha1;
};

struct RedisCommand {
  std::vector<std::string> words;  // "HGETALL", key, …; the second word is the key that routes it
};

// One connection to each Redis node, shared by all threads, that mends itself; a coroutine resumes
// on the loop it waited on.
//
// Errors of every call: Unavailable, with the reason in its detail for the log: the deadline
// passed, no connection, or the window is full. It may have happened nevertheless, in a cluster
// even twice. Internal: Redis answered with an error that a repetition won't mend.
//
// A node of a cluster that is silent for a second is taken for dead, so a longer `within` is of use
// only while connections are being mended.
class RedisClient {
 public:
  // Does not wait for a connection. Errors: InvalidRequest, an address that can't be read
  static Result<std::unique_ptr<RedisClient>> open(const RedisOptions& options);
  // Ends all calls in flight, each with Unavailable, and waits until they have; nothing is heard
  // afterwards. Not on a thread of the driver, where `heard` is called and a coroutine without a
  // loop is resumed.
  virtual ~RedisClient();
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  static RedisScript script(std::string source);

  // All keys in one hash slot. An error that the script raises is Internal.
  Task<Result<RedisReply>> run(const RedisScript& script, std::vector<std::string> keys,
                               std::vector<std::string> arguments, milliseconds within);
  // The replies in the order of the commands, which go out together: one round trip to each node
  // concerned. Those of one hash slot run in their order.
  Task<Result<std::vector<RedisReply>>> run(std::vector<RedisCommand> commands,
                                            milliseconds within);
  // One command to each master, and their replies, in no order: `INFO`, `CONFIG GET`.
  Task<Result<std::vector<RedisReply>>> run_on_each_master(std::vector<std::string> words,
                                                           milliseconds within);

  // Calls `heard` with the channel of each message that is published (SPUBLISH) to one of these,
  // from now on and after every reconnection; on a thread of the driver, so it must not block.
  // Called once.
  void subscribe(std::vector<std::string> channels, std::function<void(std::string_view)> heard);

  struct Stats {
    std::uint64_t calls = 0;  // sent, however they ended
    std::uint64_t failed = 0;
    std::uint64_t refused = 0;  // for want of room in the window
    std::uint64_t reconnections = 0;
    std::size_t in_flight = 0;
  };
  Stats stats() const;

 private:
  struct Impl;
  explicit RedisClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
