#include "base/loop.h"

namespace tidings {

thread_local constinit Loop* Loop::current_ = nullptr;

}  // namespace tidings
