#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "net/http_server.h"

namespace tidings {

// Serves HTTP on the Unix socket `admin.sock` in a data directory, which only the owner of the
// directory may use: whoever can open it may do everything.
//
// One thread and one call at a time; the handler runs on that thread.
class AdminSocket {
 public:
  AdminSocket(std::filesystem::path data, HttpHandler& handler);
  ~AdminSocket();  // stops
  AdminSocket(const AdminSocket&) = delete;
  AdminSocket& operator=(const AdminSocket&) = delete;

  // From here on calls are answered. A socket that a killed process left is replaced: the caller
  // holds the directory's lock.
  //
  // Errors: Internal   the socket can't be made; the detail says why
  Result<void> start();
  // Ends the call under way, then removes the socket. Called once or not at all.
  void stop();

 private:
  void serve();
  void answer(int connection);

  std::filesystem::path data_;
  HttpHandler& handler_;
  int listener_ = -1;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

struct AdminReply {
  int status = 0;
  std::string body;
};

// Calls the server that runs on a data directory and waits for its answer as long as it takes.
//
// Errors: UnknownRoute  no server runs there
//         Unavailable   it did not answer
//         Forbidden     the socket is somebody else's
Result<AdminReply> call_admin_socket(const std::filesystem::path& data, std::string_view method,
                                     std::string_view target, std::string_view body);

}  // namespace tidings
