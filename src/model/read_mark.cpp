#include "model/read_mark.h"

namespace tidings {

bool is_further(const Cursor& one, const Cursor& other) {
  const bool is_one_log = one.epoch == other.epoch && one.sequence && other.sequence;
  if (is_one_log && one.sequence != other.sequence) return *one.sequence > *other.sequence;
  return one.watermark > other.watermark;
}

}  // namespace tidings
