#pragma once

#include <string_view>

namespace tidings {

// docs/api/openapi.yaml as JSON; its body is made by tools/openapi_to_cpp when the program is
// built.
std::string_view openapi_document();

}  // namespace tidings
