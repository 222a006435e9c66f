#include "app/made_of_settings.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "app/address.h"

namespace tidings {
namespace {

// Few enough to fit into the files that are kept from clients (app/file_limit.cpp).
constexpr std::size_t kAdminConnectionsMax = 64;

}  // namespace

PasswordCost password_cost(const Settings& settings) {
  PasswordCost cost;
  cost.passes = settings.argon2_passes;
  cost.memory_bytes = std::size_t{settings.argon2_memory_mib} * 1024 * 1024;
  cost.threads = settings.argon2_threads;
  return cost;
}

std::size_t thread_count(const Settings& settings) {
  if (settings.threads > 0) return settings.threads;
  return std::max(1U, std::thread::hardware_concurrency());
}

HttpServer::Config listener_at(const std::string& setting) {
  const Address address = *parse_address(setting);
  HttpServer::Config config;
  config.address = address.host;
  config.port = address.port;
  return config;
}

HttpServer::Config admin_listener(const Settings& settings) {
  HttpServer::Config config = listener_at(settings.admin_listen);
  config.limits.connections_max = kAdminConnectionsMax;
  return config;
}

Result<std::optional<WebFiles>> load_web(const Settings& settings) {
  if (settings.web.empty()) return std::nullopt;
  auto loaded = WebFiles::load(settings.web);
  if (!loaded) return forward(std::move(loaded));
  return std::optional<WebFiles>(std::move(*loaded));
}

}  // namespace tidings
