#pragma once

#include <string>

#include "wire/json_reader.h"

namespace tidings {

// The one spelling of a metadata object: compact, keys sorted by their bytes at every depth,
// strings with the fewest escapes, numbers digit for digit as they were sent. Two metadata are
// equal when this is: {"a": 1, "b": "\u0041"} and {"b":"A","a":1} are, 1 and 1.0 are not. (Making
// them equal would need a number type, and every one of them changes somebody's digits.) Empty for
// {}.
std::string canonical_metadata(JsonValue object);

}  // namespace tidings
