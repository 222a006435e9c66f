// A line of an archive, of the kind that the first byte names: whatever it is, it is refused, or
// read again as it was.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ensure.h"
#include "wire/archive_json.h"

using namespace tidings;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto kind = static_cast<ArchiveKind>(data[0] % kArchiveKinds);
  const auto record = decode_record(kind, {reinterpret_cast<const char*>(data) + 1, size - 1});
  if (!record) return 0;
  ensure(kind_of(*record) == kind, "it is of the kind that was asked for");
  const std::string written = encode_record(*record);
  const auto again = decode_record(kind, written);
  ensure(again.has_value(), "what was written can be read");
  ensure(encode_record(*again) == written, "and is the same");
  return 0;
}
