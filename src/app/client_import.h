#pragma once

#include <string>

#include "app/api_client.h"
#include "app/command_line.h"
#include "base/hash.h"

namespace tidings {

// One line of a file of old messages.
struct OldMessage {
  std::string to;  // "@name" or the id of a group
  Time sent_at;
  std::string text;
  std::vector<std::string> links;
};

// Reads {"to", "sent_at", "text", "links"?}. Errors: InvalidRequest, with a detail for people
Result<OldMessage> parse_old_message(std::string_view line, const std::string& default_to);

// The id of the `nth` message (from 0) to that target in that millisecond: the same for the same
// file, whoever imports it how often, and in the file's order.
MessageId old_message_id(const OldMessage& message, std::size_t nth, UserId author);

// Stores every line, several at a time, with a progress bar on standard error.
Task<ExitCode> run_import(ApiClient& client, ClientImport options);

}  // namespace tidings
