#include "adapters/redis/queue_scripts.h"

#include <string>

namespace tidings {
namespace {

// The clock may be set back, and a fail-over may bring a slower one. What was put down before then
// lies further ahead than anybody puts it now: it counts as no further than that.
const std::string kCommon = R"lua(
local w, r, l, t, a = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local LEASE, REST_MAX, LEASES_MAX, KEPT = 4000000, 250000, 3, 3600

local function first_due()
  local head = redis.call('ZRANGE', w, 0, 0, 'WITHSCORES')
  return head[2] and tonumber(head[2])
end
local function first()
  local due = first_due()
  return due and due - now
end
local function say_if_sooner(before, due, channel)
  if not before or due < before then redis.call('SPUBLISH', channel, '') end
end
local function holds(group, token)
  local held = redis.call('HGET', t, group)
  return held and string.match(held, '^%d+') == token
end
local function keep(...)
  for _, key in ipairs({...}) do redis.call('EXPIRE', key, KEPT) end
end
)lua";

// A group that waits is never due later than a mark would make it now, unless the clock was set
// back: LT then repairs it.
const std::string kMark = R"lua(
local group, channel = ARGV[1], ARGV[2]
local rested = tonumber(redis.call('ZSCORE', r, group) or now)
local due = math.max(now, math.min(rested, now + REST_MAX))
local before = first_due()
if redis.call('ZADD', w, 'LT', 'CH', due, group) == 0 then return before - now end
keep(w)
say_if_sooner(before, due, channel)
return math.min(before or due, due) - now
)lua";

const std::string kClaim = R"lua(
local limit, base = tonumber(ARGV[1]), tonumber(ARGV[3])
local latest = now
if ARGV[2] ~= '' then latest = math.min(now, now + tonumber(ARGV[2])) end
local answer, found = {false}, {}
if limit > 0 then
  found = redis.call('ZRANGE', w, '-inf', latest, 'BYSCORE', 'LIMIT', 0, limit, 'WITHSCORES')
end
local count = #found / 2
if count > 0 then
  redis.call('ZPOPMIN', w, count)
  local some_again = redis.call('EXISTS', a) == 1
  local groups, tokens, leases, rests = {}, {}, {}, {}
  for i = 1, count do
    local group, attempt = found[2 * i - 1], 1
    if some_again then attempt = tonumber(redis.call('HGET', a, group) or 1) end
    groups[i] = group
    tokens[2 * i - 1], tokens[2 * i] = group, string.format('%.0f:%d', base + i, attempt)
    leases[2 * i - 1], leases[2 * i] = now + LEASE, group
    rests[2 * i - 1], rests[2 * i] = now + REST_MAX, group
    answer[3 * i - 1], answer[3 * i], answer[3 * i + 1] = group, attempt, found[2 * i] - now
  end
  if some_again then redis.call('HDEL', a, unpack(groups)) end
  redis.call('HSET', t, unpack(tokens))
  redis.call('ZADD', l, unpack(leases))
  redis.call('ZADD', r, unpack(rests))
  keep(r, l, t)
end
local rested = redis.call('ZRANGE', r, '-inf', now, 'BYSCORE', 'LIMIT', 0, 500)
if #rested > 0 then redis.call('ZREM', r, unpack(rested)) end
answer[1] = first() or false
return answer
)lua";

const std::string kRenew = R"lua(
local group, token = ARGV[1], ARGV[2]
if not holds(group, token) then return 0 end
redis.call('ZADD', l, 'XX', now + LEASE, group)
keep(l, t)
return 1
)lua";

const std::string kAck = R"lua(
local group, token, rest, channel = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
if holds(group, token) then
  redis.call('HDEL', t, group)
  redis.call('ZREM', l, group)
  local due, rested = now, redis.call('ZSCORE', r, group)
  if rested then
    local claimed = math.min(now, rested - REST_MAX)
    due = math.max(now, claimed + math.min(rest, REST_MAX))
    if due > now then
      redis.call('ZADD', r, due, group)
    else
      redis.call('ZREM', r, group)
    end
  end
  local waits = redis.call('ZSCORE', w, group)
  if waits and tonumber(waits) > due then
    local before = first_due()
    redis.call('ZADD', w, due, group)
    say_if_sooner(before, due, channel)
  end
end
return first()
)lua";

// A group that was marked during the work already waits, as a fresh one: it keeps that mark when
// the lapsed work is dropped, and else the higher number of attempts.
//
// What a clock that was set back left far ahead is pulled back here, since nobody else need ever
// touch it.
const std::string kReap = R"lua(
local limit, channel = tonumber(ARGV[1]), ARGV[2]
local function pull_back(key, latest)
  local beyond = redis.call('ZRANGE', key, latest + 1, '+inf', 'BYSCORE', 'LIMIT', 0, limit)
  for _, group in ipairs(beyond) do redis.call('ZADD', key, latest, group) end
  return #beyond
end
local before = first_due()
local pulled = math.max(pull_back(w, now + REST_MAX), pull_back(l, now + LEASE))
local lapsed = redis.call('ZRANGE', l, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit)
local answer = {false, math.max(#lapsed, pulled)}
for _, group in ipairs(lapsed) do
  local attempt = tonumber(string.match(redis.call('HGET', t, group) or '', ':(%d+)$') or 1)
  if attempt >= LEASES_MAX then
    answer[#answer + 1] = group
  else
    local next_attempt = attempt + 1
    if redis.call('ZADD', w, 'NX', now, group) == 0 then
      next_attempt = math.max(next_attempt, tonumber(redis.call('HGET', a, group) or 1))
    end
    redis.call('HSET', a, group, next_attempt)
  end
end
if #lapsed > 0 then
  redis.call('ZREM', l, unpack(lapsed))
  redis.call('HDEL', t, unpack(lapsed))
  keep(w, a)
end
local due = first_due()
if due then
  say_if_sooner(before, due, channel)
  answer[1] = due - now
end
return answer
)lua";

}  // namespace

const QueueScripts& QueueScripts::get() {
  static const QueueScripts kScripts{.mark = RedisClient::script(kCommon + kMark),
                                     .claim = RedisClient::script(kCommon + kClaim),
                                     .renew = RedisClient::script(kCommon + kRenew),
                                     .ack = RedisClient::script(kCommon + kAck),
                                     .reap = RedisClient::script(kCommon + kReap)};
  return kScripts;
}

}  // namespace tidings
