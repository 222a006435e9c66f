#pragma once

#include <string>
#include <string_view>

#include "net/http_message.h"

namespace tidings {

// What the connection adds to a handler's answer.
struct AnswerFrame {
  std::string_view date;  // as HTTP writes it
  std::string_view request_id;
  bool keeps_alive = true;
  bool is_http_1_0 = false;
};

// Appends the status line and the fields. The body is not part of it, but its length is.
void append_answer_head(std::string& out, const HttpResponse& response, const AnswerFrame& frame);

// Whether a body may follow such a status.
bool has_body(int status);

// "Mon, 23 Nov 2026 16:04:05 GMT".
std::string format_http_date(Time time);

}  // namespace tidings
