#pragma once

#include <string>

#include "model/digest.h"
#include "wire/json_writer.h"

namespace tidings {

void append_digest(JsonWriter& json, const Digest& digest);
std::string encode_digest(const Digest& digest);

}  // namespace tidings
