#pragma once

#include "base/clock.h"
#include "model/group.h"

namespace tidings {

// When a reader should ask for changes again, if nobody tells them: every 10 minutes where members
// are told. Elsewhere soon after something happened, and after half as long again as since they
// last asked (at `asked_before`) while nothing does, at most 60 s. Spread by a fifth, so that
// readers do not come in step.
milliseconds poll_interval(const Group& group, UserId reader, Time asked_before, Time now,
                           bool anything_new);

// The same for their status.
milliseconds status_poll_interval(UserId reader, Time now);

}  // namespace tidings
