#pragma once

#include "bridge/redis_client.h"

namespace tidings {

// What the queue does inside Redis. A shard is five keys of one hash tag, given to every script in
// this order (as many of them as it needs):
//
//   w  sorted set: groups that wait, by when they are due
//   r  sorted set: groups that were claimed lately, by when they have rested
//   l  sorted set: groups in work, by when their lease ends
//   t  hash: group in work -> its claim's token, ':', its attempt
//   a  hash: group that waits after a lease lapsed -> its next attempt, where that is not the first
//
// Times are microseconds of Redis's clock. What a script answers about time is relative to its own:
// `first` is how long it takes until the first waiting group of the shard is due, negative when it
// is overdue, nothing when none waits. Whatever makes that moment come sooner is said on the
// shard's channel. Work per call is bounded by the limits given. Keys that nobody touches for an
// hour vanish: clients have found out by themselves long before.
struct QueueScripts {
  // group, channel -> first
  RedisScript mark;
  // limit, latest due (relative; empty: now), token base -> first, then group, attempt, due of each
  RedisScript claim;
  // group, token -> 1 if the lease is still that claim's
  RedisScript renew;
  // group, token, rest, channel -> first
  RedisScript ack;
  // limit, channel -> first, how many it found to do (at most the limit), the groups that were
  // dropped
  RedisScript reap;

  static const QueueScripts& get();
};

}  // namespace tidings
