#pragma once

namespace tidings {

// What makes rounds behind a watermark complete. All of it always holds: a rule is switched off
// only by the test that proves that its absence would be noticed.
struct RoundRules {
  bool watermark_is_begin_of_read = true;  // not its end
  bool wait_for_next_read = true;          // never join one under way
  bool read_overlap = true;                // a watermark alone is not a position
  bool keep_first_watermark = true;        // of the pages of one round
};

}  // namespace tidings
