#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tidings {

// Asks for a password on the terminal without showing it, or reads the first line of standard
// input when `from_stdin`. A new password is asked for twice.
//
// Errors: InvalidRequest   there is no terminal, nothing was typed, or the two differ; the detail
//                          says what to do
Result<std::string> read_password(std::string_view prompt, bool from_stdin, bool is_new);

// All of standard input. Errors: InvalidRequest   more than `bytes_max`
Result<std::string> read_stdin(std::size_t bytes_max);

// What others wrote, made harmless for a terminal: control characters (but tabs, and line breaks
// when `lines`) are shown as "\x1b".
std::string printable(std::string_view text, bool lines);

// Is standard output a terminal?
bool is_terminal();

}  // namespace tidings
