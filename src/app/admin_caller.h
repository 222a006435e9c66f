#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/admin_handler.h"
#include "app/admin_socket.h"
#include "app/chat.h"
#include "app/cluster_backend.h"
#include "app/command_line.h"
#include "app/embedded_backend.h"
#include "base/clock.h"

namespace tidings {

// Carries the calls of one `tidings admin` command to an AdminHandler: of the server that runs on
// the data directory; of our own on the directory, when no server runs; or of our own on the stores
// of a cluster, whose workers learn from these within seconds.
//
// Used by one thread, which runs no loop.
class AdminCaller {
 public:
  explicit AdminCaller(const AdminCommand& command);
  ~AdminCaller();
  AdminCaller(const AdminCaller&) = delete;
  AdminCaller& operator=(const AdminCaller&) = delete;

  // Makes no store: `tidings serve` does.
  //
  // Errors: InvalidRequest   the settings are wrong
  //         Unavailable      there is no store, or the server or the stores did not answer
  //         Forbidden        the socket is somebody else's
  // What the handler answers, problems too, is no error.
  Result<AdminReply> call(std::string_view method, std::string_view target,
                          const std::string& body = {});

 private:
  Result<void> open_directory();
  Result<void> open_cluster();

  const AdminCommand& command_;
  const SystemClock clock_;
  Settings settings_;
  std::unique_ptr<EmbeddedBackend> embedded_;
  std::unique_ptr<ClusterBackend> cluster_;
  std::optional<Chat> chat_;
  std::optional<AdminHandler> handler_;
};

}  // namespace tidings
