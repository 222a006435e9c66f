#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"

namespace tidings {

class AsioLoop;

// What a server answered. Header names are lower-case.
struct HttpReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  std::string_view header(std::string_view name) const;  // the first; empty when there is none
};

// Calls one HTTP server, keeping connections open for the next call.
//
// Used on one loop, for any number of calls at a time; none runs when it is destroyed.
class HttpClient {
 public:
  struct Config {
    std::string host;
    std::uint16_t port = 80;
    bool tls = false;          // the server's certificate is checked
    std::string ca_path;       // PEM, instead of the system's authorities
    std::size_t idle_max = 8;  // connections kept
    std::size_t body_bytes_max = 16 * 1024 * 1024;
  };
  struct Call {
    std::string method = "GET";
    std::string target = "/";
    std::vector<std::pair<std::string, std::string>> headers;  // Host and lengths are added
    std::string body;
  };

  HttpClient(AsioLoop& loop, Config config);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // The answer, whatever its status. A call on a kept connection that turns out to be closed is
  // made again on a new one, so it should be harmless to repeat.
  //
  // Errors: Unavailable  no connection, no answer by `deadline`, or none that is HTTP; the server
  //                      may have done what was asked
  Task<Result<HttpReply>> call(Call call, Instant deadline);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
