#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/loop.h"
#include "base/task.h"

namespace tidings {

// When each shard of the queue is worth a look, as far as this process knows, and the claimers of
// this process that wait for such a moment. Every shard is looked at after 250 ms at the latest, so
// that a wake-up that got lost costs no more than that.
//
// Moments are those of `clock`; how long a claimer waits is measured by the loop it waits on. Safe
// from any thread.
class ShardAgenda {
 public:
  static constexpr milliseconds kLookEvery{250};

  ShardAgenda(std::size_t shards, const Clock& clock);
  // Among equals this shard comes first: processes that compete begin at different ones.
  void begin_at(std::size_t shard);

  // A shard that is worth a look from `when` on. `known`: that is when its first group is due;
  // else it is a guess.
  struct Look {
    std::size_t shard = 0;
    Instant when;
    bool known = false;
    bool was_called = false;  // because of a wake-up
  };

  // The shards whose moment has come, the earliest first, equals in turn. They are the caller's
  // alone until it gives each of them back.
  std::vector<Look> take_due();
  // The next look at the shard is at `look.when`, or earlier if it was called for meanwhile.
  void give_back(Look look);

  // What a look after a wake-up found. A claimer that comes too late again and again leaves the
  // shard to those who are quicker, for some milliseconds after each wake-up: of many processes
  // that hear the same wake-up only one can get the group.
  void came_in_time(std::size_t shard);
  void came_too_late(std::size_t shard);

  // A group of the shard is due then.
  void expect(std::size_t shard, Instant due);
  // Something of the shard is due sooner than it was.
  void wake(std::size_t shard);
  // Lets one waiting claimer look at the agenda again, if there is one.
  void wake_next();

  // Until somebody wakes it, a shard's moment has come, or `until`.
  Task<void> wait(Instant until);

  // The clock is not looked at any more: wake-ups do nothing.
  void close();

 private:
  struct Shard {
    Instant when = Instant::min();
    bool known = false;
    bool called = false;
    int too_late = 0;  // times in a row
    Instant lazy_until = Instant::min();
  };
  // A claimer that waits, in its own coroutine frame. Whoever takes it off the list posts it.
  struct Waiter {
    Loop* loop;
    Instant until;  // on the loop's clock
    std::coroutine_handle<> coroutine;
  };
  struct Listed;

  // With the mutex held.
  void look_at(Shard& shard, Instant when, bool known);
  void post_one();
  Instant on_loops(Instant when) const;
  bool remove(const Waiter& waiter);

  const Clock& clock_;
  std::mutex mutex_;  // guards what follows
  std::vector<Shard> shards_;
  std::vector<Waiter*> waiters_;
  std::size_t first_ = 0;  // the shard that comes first among equals
  bool closed_ = false;
};

}  // namespace tidings
