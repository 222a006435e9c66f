#include "base/ensure.h"

#include <cstdio>
#include <cstdlib>

namespace tidings {

void ensure(bool holds, std::string_view what, std::source_location where) {
  if (holds) [[likely]] {
    return;
  }
  std::fprintf(stderr, "broken invariant at %s:%u in %s: %.*s\n", where.file_name(), where.line(),
               where.function_name(), static_cast<int>(what.size()), what.data());
  std::abort();
}

}  // namespace tidings
