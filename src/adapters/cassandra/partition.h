#pragma once

#include <string_view>
#include <vector>

#include "adapters/cassandra/buckets.h"
#include "base/bytes.h"
#include "bridge/cql_values.h"

// How keys are bound and read back.
namespace tidings::cassandra {

inline std::string_view key_bytes(const MessageId& id) { return as_text(id.value.bytes); }

// Of messages and amendments.
inline CqlValues partition(GroupId group, Bucket bucket) {
  CqlValues values;
  values.uuid(group.value).int8(bucket.width).time(bucket.start);
  return values;
}

// A list of blobs looks like one of uuids.
inline std::vector<Uuid> key_list(const std::vector<MessageId>& ids) {
  std::vector<Uuid> keys;
  keys.reserve(ids.size());
  for (const MessageId id : ids) keys.push_back(id.value);
  return keys;
}

}  // namespace tidings::cassandra
