#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace tidings {

// The values of one statement, in the order of its markers, as CQL sends them: no value is
// converted again on the way to the store.
//
//   int32 length (big-endian; -1 null, -2 unset) | bytes, and so on
//
//   session.execute(find_, CqlValues().uuid(group.value).int64(bucket), call)
class CqlValues {
 public:
  CqlValues& uuid(const Uuid& value);              // uuid, timeuuid
  CqlValues& uuids(std::span<const Uuid> values);  // list<uuid>: for `IN ?`
  CqlValues& int8(std::int8_t value);              // tinyint
  CqlValues& int32(std::int32_t value);            // int
  CqlValues& int64(std::int64_t value);            // bigint, and USING TIMESTAMP ? and TTL's kin
  CqlValues& int64s(std::span<const std::int64_t> values);  // list<bigint>: for `IN ?`
  CqlValues& time(Time value);                              // timestamp: milliseconds
  CqlValues& boolean(bool value);                           // boolean
  CqlValues& text(std::string_view value);                  // text
  CqlValues& blob(std::string_view value);                  // blob
  CqlValues& null();                                        // a tombstone: for conditions only
  CqlValues& unset();  // leaves the column as it is: no tombstone

  const std::string& bytes() const { return bytes_; }
  std::size_t size() const { return count_; }

 private:
  std::string bytes_;
  std::size_t count_ = 0;
};

}  // namespace tidings
