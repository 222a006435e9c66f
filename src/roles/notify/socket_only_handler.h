#pragma once

#include "base/clock.h"
#include "net/http_server.h"

namespace tidings {

// What a process that only holds sockets answers to everything else: 405 at the address of the
// sockets, 404 elsewhere. (A plain GET to the sockets is `net`'s to refuse.) Safe from any thread.
class SocketOnlyHandler final : public HttpHandler {
 public:
  explicit SocketOnlyHandler(const Clock& clock) : clock_(clock) {}

  Task<HttpResponse> handle(HttpRequest request) override;
  HttpResponse problem(const Error& error, std::string_view request_id) override;

 private:
  const Clock& clock_;
};

}  // namespace tidings
