#pragma once

#include "model/amendment.h"
#include "model/message.h"
#include "wire/json_fields.h"
#include "wire/json_writer.h"

namespace tidings {

// Takes the fields of a message's content out of a send. What is wrong is noted in `fields`; sizes
// and what each kind requires are judged by check(Content).
Content decode_content(JsonFields& fields);

// A message as `changes` lists it: nothing applied, but one that was deleted says so and has no
// body.
void append_message(JsonWriter& json, const Message& message, bool deleted);

// A message as history shows it, amendments applied.
void append_message(JsonWriter& json, const ShownMessage& shown);

}  // namespace tidings
