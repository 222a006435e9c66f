#pragma once

#include <cstddef>
#include <span>

#include "model/amendment.h"
#include "model/message.h"
#include "wire/json_fields.h"
#include "wire/json_writer.h"

namespace tidings {

// Takes the fields of a message's content out of a send. What is wrong is noted in `fields`; sizes
// and what each kind requires are judged by check(Content).
Content decode_content(JsonFields& fields);

// The fields of a content, but its kind and target: those that are not empty.
void append_body(JsonWriter& json, const Content& content);

// A message as it is shown: with its amendments, in history, or as a row of its own. One that was
// deleted or erased says so and has no body.
void append_message(JsonWriter& json, const ShownMessage& shown);

// `"messages": […]` of an object that is open.
void append_messages(JsonWriter& json, std::span<const ShownMessage> messages);
// Roughly how many bytes that takes, so that an answer is allocated once.
std::size_t bytes_of(std::span<const ShownMessage> messages);

}  // namespace tidings
