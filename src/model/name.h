#pragma once

#include <string_view>

namespace tidings {

// 2 to 32 of a-z 0-9 _ . -, starting with a letter: the name of a person or a service, unique for
// ever.
bool is_valid_name(std::string_view name);

// "alice" of "@alice"; empty when there is no '@' or the rest is not a valid name.
std::string_view name_of_reference(std::string_view reference);

}  // namespace tidings
