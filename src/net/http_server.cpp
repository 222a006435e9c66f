#include "net/http_server.h"

namespace tidings {

Task<void> WebSocketHandler::say_goodbye(WebSocket&) { co_return; }

}  // namespace tidings
