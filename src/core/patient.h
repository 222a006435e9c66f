#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/loop.h"
#include "base/result.h"
#include "base/task.h"

namespace tidings {

// Makes a call that may be repeated again while its store does not answer, for about a minute: work
// of hours must not end because a node was restarted. `call` returns a task; what it refers to
// outlives the returned one. Needs a loop.
//
// Errors: those of the call
template <class Call>
auto patient(Call call) -> decltype(call()) {
  constexpr int kTries = 12;
  milliseconds wait{50};
  for (int tried = 1;; ++tried) {
    auto calling = call();
    auto result = co_await std::move(calling);
    const bool may_pass = !result && result.error().code == ErrorCode::Unavailable;
    if (!may_pass || tried == kTries) co_return result;
    co_await sleep_until(std::chrono::steady_clock::now() + wait);
    wait = std::min(wait * 2, milliseconds(10'000));
  }
}

}  // namespace tidings
