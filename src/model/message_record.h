#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/amendment.h"
#include "model/digest.h"
#include "model/message.h"

// Messages, amendments and sums as bytes, the same in every store. Each begins with a version
// byte, so that a later program reads what an earlier one wrote.
//
// Decoding takes whatever bytes a disk gives: a damaged record is false, never a crash. What the
// key of a row already says (group, id, target) is not in the value; the caller fills it in.
namespace tidings {

std::string encode(const Message& message);
// Fills all of `message` but `id` and `group`.
bool decode(std::string_view bytes, Message& message);

// A hash of what is said, the same in every process: XXH3 of its record.
std::uint64_t content_hash(const Content& content);

std::string encode(const Amendment& amendment);
// Fills all of `amendment` but `target`.
bool decode(std::string_view bytes, Amendment& amendment);

std::string encode(const DigestSum& sum);
bool decode(std::string_view bytes, DigestSum& sum);

}  // namespace tidings
