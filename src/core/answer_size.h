#pragma once

#include <cstddef>

#include "model/message.h"

namespace tidings {

// About how many bytes `message` takes in an answer: what the limit of 1 MiB is counted in.
std::size_t answer_bytes(const Message& message);

// How much may still go into an answer.
struct AnswerRoom {
  std::size_t messages;
  std::size_t bytes;
  bool is_empty = true;  // nothing is in it yet: then one message goes in whatever its size

  // Takes the room that `message` needs; false, and nothing taken, when there is not enough.
  bool take(const Message& message);
};

}  // namespace tidings
