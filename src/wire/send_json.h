#pragma once

#include <string>
#include <string_view>

#include "core/send_message.h"

namespace tidings {

// The body of a send.
// Errors: InvalidRequest naming each field that is wrong
Result<SendRequest> decode_send(MessageId id, std::string_view body);

std::string encode_receipt(const SendReceipt& receipt, Time now);

}  // namespace tidings
