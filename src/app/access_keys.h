#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace tidings {

// The seeds of the keys that sign access tokens, from the file `access-keys` in a data directory:
// one in hexadecimal a line, the one that signs first. Made once, readable by the owner alone. When
// it is lost, a new one is made and clients refresh their tokens by themselves.
//
// Errors: Internal   the file can't be read or made, is damaged, or others may read it; the detail
//                    is a sentence for the person who started the program
Result<std::vector<std::string>> load_access_keys(const std::filesystem::path& data);

}  // namespace tidings
