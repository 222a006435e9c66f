#pragma once

#include <string>
#include <string_view>

#include "model/amendment.h"

// The value of an amendment's slot. All that are written in one millisecond have the same
// timestamp, and then the store keeps the one whose bytes are greater: the greater id; of one id,
// the erased one; of two contents under one id, the earlier received.
//
//   id 16 | erased 1 | the complement of received_at 8 | the amendment (model/message_record.h)
namespace tidings::cassandra {

std::string encode_slot(const Amendment& amendment, Time received_at, bool erased);
// Fills all of `amendment` but `target`. False when the bytes are damaged.
bool decode_slot(std::string_view bytes, Amendment& amendment);

}  // namespace tidings::cassandra
