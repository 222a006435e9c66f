#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "model/limits.h"

namespace tidings {

// Which part of a list is wanted.
struct ListRequest {
  std::string cursor;  // as the page before gave it; empty: from the start
  std::size_t limit = kPageLimitDefault;
};

template <class Item>
struct ListPage {
  std::vector<Item> items;
  std::string cursor;
  bool more = false;
};

// The last item of the page before; the zero UUID at the start.
//
// Errors: InvalidRequest naming `limit`, unless it is 1 to 200; InvalidCursor
Result<Uuid> start_of(const ListRequest& request);

}  // namespace tidings
