#include "app/admin_caller.h"

#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include "app/version.h"
#include "base/log.h"
#include "base/run_loop.h"
#include "base/uuid.h"

namespace tidings {
namespace {

// So long is tried what may be on its way: a node or two that are away, a fail-over of Redis.
constexpr milliseconds kConnectFor = seconds(10);
constexpr milliseconds kTryEvery{500};

std::string joined(const std::vector<std::string>& addresses) {
  std::string out;
  for (const std::string& address : addresses) out += (out.empty() ? "" : ", ") + address;
  return out;
}

}  // namespace

AdminCaller::AdminCaller(const AdminCommand& command) : command_(command) {}

AdminCaller::~AdminCaller() {
  if (chat_) block_on(chat_->stop());
}

Result<AdminReply> AdminCaller::call(std::string_view method, std::string_view target,
                                     const std::string& body) {
  if (!handler_ && !command_.cluster) {
    auto reply = call_admin_socket(command_.data, method, target, body);
    if (reply || reply.error().code != ErrorCode::UnknownRoute) return reply;
  }
  if (!handler_) {
    if (auto opened = command_.cluster ? open_cluster() : open_directory(); !opened)
      return forward(std::move(opened));
    // No server's log will hold what is done from here on: this command's own has to.
    set_log_level(LogLevel::Info);
  }
  HttpRequest request;
  request.request_id = Uuid::v4().to_string();
  request.method = method == "GET" ? HttpMethod::Get : HttpMethod::Post;
  const auto query = target.find('?');
  request.path = std::string(target.substr(0, query));
  if (query != std::string_view::npos) request.query = std::string(target.substr(query + 1));
  request.body = body;
  HttpResponse response = block_on(handler_->handle(std::move(request)));
  return AdminReply{response.status, std::move(response.body)};
}

Result<void> AdminCaller::open_directory() {
  const std::string& data = command_.data;
  // A directory that was named by mistake, or is not mounted, is no empty chat.
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::path(data) / "FORMAT", error)) {
    return fail(ErrorCode::Unavailable,
                "There is no store in " + data + (error ? " (" + error.message() + ")" : "") +
                    ": name the data directory of the server with --data, or start `tidings "
                    "serve` first.");
  }
  set_log_level(LogLevel::Warn);
  settings_.data = data;
  settings_.block_cache_mib = 64;
  auto backend = EmbeddedBackend::open(settings_, clock_);
  if (!backend) return forward(std::move(backend));
  embedded_ = std::move(*backend);
  chat_.emplace(settings_, clock_, embedded_->ports());
  handler_.emplace(*chat_, *embedded_, [data] {
    return AdminHandler::Status{{"running", false}, {"data", data}, {"version", kVersion}};
  });
  return {};
}

Result<void> AdminCaller::open_cluster() {
  // As an api worker would, but for the socket.
  auto config = load_config(*command_.cluster, ServerRole::Api);
  if (!config) return forward(std::move(config));
  set_log_level(LogLevel::Warn);
  settings_ = std::move(config->settings);
  auto backend = std::make_unique<ClusterBackend>(settings_, clock_);
  const Instant until = clock_.monotonic() + kConnectFor;
  while (auto trouble = backend->connect()) {
    if (trouble->is_final || clock_.monotonic() > until)
      return fail(ErrorCode::Unavailable, trouble->which + ": " + trouble->reason);
    std::this_thread::sleep_for(kTryEvery);
  }
  cluster_ = std::move(backend);
  chat_.emplace(settings_, clock_, cluster_->ports());
  auto rotate = [this] { return cluster_->rotate_keys(); };
  handler_.emplace(*chat_, std::move(rotate), [this] {
    return AdminHandler::Status{{"cluster", true},
                                {"cassandra", joined(settings_.cassandra)},
                                {"keyspace", settings_.cassandra_keyspace},
                                {"redis", joined(settings_.redis)},
                                {"version", kVersion}};
  });
  return {};
}

}  // namespace tidings
