#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "app/chat.h"
#include "app/embedded_backend.h"
#include "net/http_server.h"

namespace tidings {

// What an administrator may ask of a server, as HTTP with JSON. Whoever can call it may do
// everything: it is served on the admin socket only, or called inside the command's own process
// when no server runs, or for a cluster.
//
//   POST /accounts          {name, password, display_name?}              201 an account
//   GET  /accounts          ?after=NAME                                  {accounts, more, next?}
//   POST /accounts/disable  {name, disabled}                             an account
//   POST /accounts/admin    {name, admin}                                an account
//   POST /services          {name, rate_count?, rate_seconds?, import?}  201 {name, key, token}
//   GET  /services          ?after=NAME                                  {services, more, next?}
//   POST /services/revoke   {name, key?}                                 {name}
//   GET  /status                                                         {running, …}: as told to
//   the handler POST /backup            {directory}                                  {bytes, files}
//   POST /rotate-keys                                                    {}
//   POST /check                                                          {sound, counts…, problems}
//
// Who was made, disabled, enabled, given or denied something is logged, as the API's operators'
// deeds are, by "(shell)". Errors are problems, as those of the API. Safe from any thread.
class AdminHandler final : public HttpHandler {
 public:
  // The members of the answer to GET /status, in the order in which people are shown them.
  using Status =
      std::vector<std::pair<std::string_view, std::variant<bool, std::uint64_t, std::string>>>;

  using RotateKeys = std::function<Task<Result<void>>()>;

  // `backend` keeps what `chat` says.
  AdminHandler(Chat& chat, EmbeddedBackend& backend, std::function<Status()> status);
  // For stores that are backed up and checked by their own means: here that is refused.
  AdminHandler(Chat& chat, RotateKeys rotate_keys, std::function<Status()> status);

  Task<HttpResponse> handle(HttpRequest request) override;
  HttpResponse problem(const Error& error, std::string_view request_id) override;

 private:
  Task<Result<HttpResponse>> dispatch(HttpRequest request);
  Task<Result<HttpResponse>> create_account(HttpRequest request);
  Task<Result<HttpResponse>> list_accounts(std::string after);
  Task<Result<HttpResponse>> disable_account(HttpRequest request);
  Task<Result<HttpResponse>> set_admin(HttpRequest request);
  Task<Result<HttpResponse>> create_service(HttpRequest request);
  Task<Result<HttpResponse>> list_services(std::string after);
  Task<Result<HttpResponse>> revoke_service(HttpRequest request);
  Task<Result<HttpResponse>> back_up(std::string body);
  Task<Result<HttpResponse>> rotate_keys();
  Task<Result<HttpResponse>> check();
  Task<Result<HttpResponse>> show_status();
  static Task<Result<HttpResponse>> refuse_unknown();

  Chat& chat_;
  EmbeddedBackend* embedded_;  // null: a cluster
  RotateKeys rotate_keys_;
  std::function<Status()> status_;
};

// What a backup or a restore copied, as the answer to POST /backup.
std::string encode_copy(const CopyReport& report);

// The report of a check as the answer to POST /check.
std::string encode_check(const CheckReport& report);

}  // namespace tidings
