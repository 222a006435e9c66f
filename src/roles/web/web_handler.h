#pragma once

#include <string_view>

#include "net/http_server.h"
#include "roles/web/web_files.h"

namespace tidings {

// The web app in front of the API: answers a GET or HEAD of one of its files, and of any address
// outside the API that a browser opens as a page, because the app has addresses of its own. All
// else goes to the handler behind it. Safe from any thread.
class WebHandler final : public HttpHandler {
 public:
  WebHandler(WebFiles files, HttpHandler& inside) : files_(std::move(files)), inside_(inside) {}

  Task<HttpResponse> handle(HttpRequest request) override;
  HttpResponse problem(const Error& error, std::string_view request_id) override;

 private:
  const WebFile* find(const HttpRequest& request) const;

  WebFiles files_;
  HttpHandler& inside_;
};

}  // namespace tidings
