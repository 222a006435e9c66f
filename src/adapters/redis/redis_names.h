#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.h"
#include "model/ids.h"

namespace tidings {

// The names of everything that is kept in Redis. What stands in braces is the hash tag: all keys of
// one tag live on one node, so that one script may use them together.
//
//   {u:<user>}t:<policy>       a token bucket
//   {u:<user>}m:<message>      a send that was granted in the last 60 s
//   {u:<user>}p                the gateways that hold connections of the user
//   {g:<address>}l             the life of a gateway: its incarnation
//   {q<shard>}w  r  l  t  a    a shard of the queue (redis_group_queue.cpp)
//   {q<shard>}wake             the channel on which it says that something is due sooner

// 22 characters of the URL's alphabet.
std::string short_name(const Uuid& id);
std::optional<Uuid> read_short_name(std::string_view name);

std::string user_key(UserId user, std::string_view what);
std::string gateway_key(std::string_view address, std::string_view what);
std::string shard_key(std::size_t shard, std::string_view what);

}  // namespace tidings
