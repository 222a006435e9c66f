#pragma once

#include "base/result.h"

namespace tidings {

// Rows of groups, members, users and sessions are changed by compare-and-set: read, change, store
// if nobody else has stored meanwhile. Whoever was not the first does it all over again, on the row
// as it then is, so that no change is lost; after this many times they ask the client to come
// again.
inline constexpr int kRaceTriesMax = 8;

inline std::unexpected<Error> lost_every_race() {
  return fail(ErrorCode::Unavailable, "Too many changes at once; try again.");
}

}  // namespace tidings
