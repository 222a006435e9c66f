#pragma once

#include <utility>
#include <vector>

#include "ports/arrival_log.h"
#include "tests/faults/fault.h"

namespace tidings {

// An arrival log in which, with Fault::HideArrival, one entry of 20 is missing.
class FaultyArrivalLog final : public ArrivalLog {
 public:
  // `log` may be null as long as nobody asks.
  FaultyArrivalLog(ArrivalLog* log, Fault fault) : log_(log), fault_(fault) {}

  Task<Result<std::vector<Entry>>> read_after(GroupId group, std::uint64_t after,
                                              std::size_t limit) override {
    auto entries = co_await log_->read_after(group, after, limit);
    if (entries && fault_ == Fault::HideArrival) {
      std::erase_if(*entries, [](const Entry& entry) { return entry.position % 20 == 0; });
    }
    co_return entries;
  }
  Task<Result<std::uint64_t>> newest(GroupId group) override { return log_->newest(group); }

 private:
  ArrivalLog* const log_;
  const Fault fault_;
};

}  // namespace tidings
