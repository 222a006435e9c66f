#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace tidings {

enum class HttpMethod : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options, Other };

// One request, read whole. Header names are lower-case; a header that came twice is in the list
// twice.
struct HttpRequest {
  HttpMethod method = HttpMethod::Other;
  std::string target;  // as sent: path and query, percent-encoded
  std::string path;    // `target` up to the '?', still percent-encoded
  std::string query;   // what follows the '?', without it
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string remote_ip;   // of the peer, without port
  std::string request_id;  // ours, made by the server; the answer carries it as X-Request-Id
  Instant received;        // when the last byte was read

  // The value of the first header of that (lower-case) name; empty when there is none.
  std::string_view header(std::string_view name) const;
};

// One answer. The server adds Content-Length, Date, Connection and X-Request-Id.
struct HttpResponse {
  int status = 200;
  std::string_view content_type = "application/json";
  std::vector<std::pair<std::string_view, std::string>> headers;
  std::string body;
  // The pattern that the path fitted ("/things/{id}"), a literal, for logs and metrics.
  std::string_view route = {};
};

}  // namespace tidings
