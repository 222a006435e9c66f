#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "model/ids.h"

namespace tidings {

// What one connection has to be told: which groups changed, each once, or, when that are too many,
// that it must look for itself. It never grows beyond that, whatever happens.
class ChangeFlags {
 public:
  static constexpr std::size_t kGroupsMax = 256;

  void add(GroupId group) {
    if (recheck_ || std::ranges::find(groups_, group) != groups_.end()) return;
    if (groups_.size() == kGroupsMax) {
      collapse();
    } else {
      groups_.push_back(group);
    }
  }
  void collapse() {
    groups_ = std::vector<GroupId>();
    recheck_ = true;
  }

  bool recheck() const { return recheck_; }
  const std::vector<GroupId>& groups() const { return groups_; }
  std::vector<GroupId> take_groups() { return std::move(groups_); }

 private:
  std::vector<GroupId> groups_;
  bool recheck_ = false;
};

}  // namespace tidings
