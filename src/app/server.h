#pragma once

#include <memory>
#include <vector>

#include "app/address.h"
#include "app/backend_ports.h"
#include "app/health_handler.h"
#include "app/settings.h"
#include "base/clock.h"
#include "base/result.h"

namespace tidings {

// A running `serve`: the backend, what tells clients of changes, the two listeners, the admin
// socket and the chores. Used by one thread, which runs no loop.
class Server {
 public:
  // On success everything answers.
  //
  // Errors: InvalidRequest  a setting can't be used: the directory, an address, a certificate
  //         Unavailable     another process uses the directory or a port: later it may work
  //         Internal        the store is damaged
  // The detail is for the person who started the program; it says what to do.
  static Result<std::unique_ptr<Server>> start(const Settings& settings, const Clock& clock,
                                               const PortsHook& hook = {});
  ~Server();  // stops, with no time
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  Address api_address() const;
  Address admin_address() const;
  // Reads the certificate of `listen` again, for who connects from now on.
  // Errors: InvalidRequest, it can't be used and the one of before stays
  Result<void> renew_certificate();
  // Nobody has signed up yet.
  bool is_empty();

  // Says goodbye to every socket, answers the requests under way (those that take longer than
  // `time` are cut), ends the chores and closes the store. Later calls do nothing.
  void stop(milliseconds time);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
