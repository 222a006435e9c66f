// Requests as a connection reads them, in pieces: nothing may crash, grow past its limit or depend
// on where the pieces end. The first byte is the size of a piece, the rest is what the peer sends.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ensure.h"
#include "net/request_parser.h"

namespace {

using tidings::ErrorCode;
using tidings::HttpLimits;
using tidings::HttpRequest;
using tidings::RequestParser;
using Progress = RequestParser::Progress;

HttpLimits small_limits() {
  HttpLimits limits;
  limits.header_bytes_max = 256;
  limits.header_fields_max = 8;
  limits.body_bytes_max = 64;
  return limits;
}

struct Outcome {
  std::vector<HttpRequest> requests;
  bool is_refused = false;
  ErrorCode refusal = ErrorCode::Internal;
};

void check(const HttpRequest& request, const HttpLimits& limits) {
  tidings::ensure(request.body.size() <= limits.body_bytes_max, "the body keeps its limit");
  tidings::ensure(request.headers.size() <= limits.header_fields_max, "the fields keep theirs");
  tidings::ensure(!request.path.empty(), "a request has a path");
  for (const auto& [name, value] : request.headers) {
    tidings::ensure(!name.empty(), "a field has a name");
    tidings::ensure(value.find_first_of("\r\n") == std::string::npos, "a field is one line");
  }
}

Outcome parse(std::string_view bytes, std::size_t piece) {
  const HttpLimits limits = small_limits();
  RequestParser parser(limits);
  Outcome outcome;
  std::string kept;
  while (!bytes.empty()) {
    kept.append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    std::string_view in = kept;
    Progress progress = parser.read(in);
    while (progress == Progress::Done) {
      outcome.requests.push_back(parser.take());
      check(outcome.requests.back(), limits);
      progress = parser.read(in);
    }
    if (progress == Progress::Refused) {
      outcome.is_refused = true;
      outcome.refusal = parser.refusal().code;
      break;
    }
    kept.erase(0, kept.size() - in.size());
    tidings::ensure(kept.size() <= limits.header_bytes_max, "what is kept is bounded");
  }
  return outcome;
}

bool are_equal(const HttpRequest& left, const HttpRequest& right) {
  return left.method == right.method && left.target == right.target && left.path == right.path &&
         left.query == right.query && left.headers == right.headers && left.body == right.body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = parse(bytes, bytes.size());
  const Outcome pieces = parse(bytes, 1U + data[0] % 16U);
  tidings::ensure(whole.is_refused == pieces.is_refused, "refused whole or in pieces");
  tidings::ensure(whole.requests.size() == pieces.requests.size(), "as many requests");
  for (std::size_t i = 0; i < whole.requests.size(); ++i) {
    tidings::ensure(are_equal(whole.requests[i], pieces.requests[i]), "the same requests");
  }
  return 0;
}
