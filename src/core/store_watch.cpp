#include "core/store_watch.h"

#include <utility>

namespace tidings {

StoreWatch::StoreWatch(UserStore& users, const Clock& clock)
    : users_(users), clock_(clock), answered_at_(clock.monotonic()) {}

Task<void> StoreWatch::look() {
  auto finding = users_.find(UserId{});
  const auto found = co_await std::move(finding);
  if (found) answered_at_ = clock_.monotonic();
}

}  // namespace tidings
