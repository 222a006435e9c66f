#pragma once

#include <string>

#include "base/result.h"
#include "net/http_message.h"

namespace tidings {

// Judges a GET on the path of a WebSocket. Returns the 101 that opens it with `protocol`, or
// without one if the client offers none.
//
// Errors: UpgradeRequired  not a handshake, or of another version
//         InvalidRequest   a handshake that is malformed or offers other protocols only
Result<HttpResponse> answer_handshake(const HttpRequest& request, bool wants_upgrade,
                                      const std::string& protocol);

}  // namespace tidings
