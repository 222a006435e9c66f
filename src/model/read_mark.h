#pragma once

#include "model/cursor.h"

namespace tidings {

// Whether a reader who stands at `one` has read further than one who stands at `other`, in the same
// group.
//
// Positions of one log know no clock, and decide where both have one. Elsewhere the watermarks do:
// of two from before and after the clock was set back, the wrong one may then be called further,
// for as long as the step.
bool is_further(const Cursor& one, const Cursor& other);

}  // namespace tidings
