#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "core/archive.h"

namespace tidings {

// A record of an archive as one JSON object on one line, without the line break. Fields
// that are empty or as usual are left out. Two records that say the same have the same text.
std::string encode_record(const ArchiveRecord& record);

// The record of that kind that `json` says. What it does not know it refuses: a field that is left
// out in silence would be lost.
//
// Errors: InvalidRequest naming the fields that are wrong
Result<ArchiveRecord> decode_record(ArchiveKind kind, std::string_view json);

}  // namespace tidings
