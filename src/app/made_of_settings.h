#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "adapters/sodium/password_hasher.h"
#include "app/settings.h"
#include "base/result.h"
#include "net/http_server.h"
#include "roles/web/web_files.h"

namespace tidings {

// What every kind of server makes of its settings.

PasswordCost password_cost(const Settings& settings);

// Threads that answer requests: as many as cores, unless told.
std::size_t thread_count(const Settings& settings);

// A listener at the address of one of the settings, which were accepted already.
HttpServer::Config listener_at(const std::string& setting);

// The admin listener: for a few who ask how the process does.
HttpServer::Config admin_listener(const Settings& settings);

// The web app, if there is to be one. Errors: InvalidRequest, as WebFiles::load
Result<std::optional<WebFiles>> load_web(const Settings& settings);

}  // namespace tidings
