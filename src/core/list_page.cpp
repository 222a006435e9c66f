#include "core/list_page.h"

#include "model/cursor.h"

namespace tidings {

Result<Uuid> start_of(const ListRequest& request) {
  if (request.limit < 1 || request.limit > kPageLimitMax) {
    return fail_field("limit", "must be 1 to 200");
  }
  if (request.cursor.empty()) return Uuid{};
  return decode_list_cursor(request.cursor);
}

}  // namespace tidings
