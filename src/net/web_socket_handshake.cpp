#include "net/web_socket_handshake.h"

#include "base/bytes.h"
#include "net/http_head.h"
#include "net/web_socket_frame.h"

namespace tidings {
namespace {

constexpr std::size_t kKeyBytes = 16;

bool has_in_list(const HttpRequest& request, std::string_view name, auto matches) {
  bool found = false;
  for (const auto& [key, value] : request.headers) {
    if (key != name) continue;
    for_each_in_list(value, [&](std::string_view item) { found = found || matches(item); });
  }
  return found;
}

bool is_key(std::string_view key) {
  const auto bytes = from_base64(key);
  return bytes && bytes->size() == kKeyBytes;
}

}  // namespace

Result<HttpResponse> answer_handshake(const HttpRequest& request, bool wants_upgrade,
                                      const std::string& protocol) {
  const bool wants_web_socket = has_in_list(request, "upgrade", [](std::string_view item) {
    return equals_ignoring_case(item, "websocket");
  });
  if (!wants_upgrade || !wants_web_socket) {
    return fail(ErrorCode::UpgradeRequired, "Open a WebSocket here.");
  }
  if (request.header("sec-websocket-version") != "13") {
    return fail(ErrorCode::UpgradeRequired, "Speak version 13 of the WebSocket protocol.");
  }
  const std::string_view key = request.header("sec-websocket-key");
  if (!is_key(key)) {
    return fail(ErrorCode::InvalidRequest, "Sec-WebSocket-Key is 16 bytes in base64.");
  }
  HttpResponse response{101, "", {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}}, ""};
  response.headers.emplace_back("Sec-WebSocket-Accept", accept_key(key));
  if (!request.header("sec-websocket-protocol").empty()) {
    const bool offers_ours =
        has_in_list(request, "sec-websocket-protocol",
                    [&protocol](std::string_view item) { return item == protocol; });
    if (!offers_ours) {
      return fail(ErrorCode::InvalidRequest, "Offer the WebSocket sub-protocol " + protocol + ".");
    }
    response.headers.emplace_back("Sec-WebSocket-Protocol", protocol);
  }
  return response;
}

}  // namespace tidings
