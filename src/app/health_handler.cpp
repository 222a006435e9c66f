#include "app/health_handler.h"

#include <algorithm>

#include "wire/http_error.h"

namespace tidings {
namespace {

HttpResponse plain(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

}  // namespace

void show_ready(MetricPage& page, const std::vector<ReadyCheck>& checks) {
  for (const ReadyCheck& check : checks) {
    page.gauge("tidings_ready", "1 for each thing that must hold and does.",
               check.problem.empty() ? 1 : 0, {{"check", check.name}});
  }
}

Task<HttpResponse> HealthHandler::handle(HttpRequest request) {
  if (request.method != HttpMethod::Get && request.method != HttpMethod::Head) {
    HttpResponse refused = plain(405, "Only GET.\n");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    co_return refused;
  }
  if (request.path == "/healthz") co_return plain(200, "ok\n");
  if (request.path == "/readyz") co_return ready();
  if (request.path == "/metrics") {
    auto answering = metrics();
    co_return co_await std::move(answering);
  }
  co_return plain(404, "There are /healthz, /readyz and /metrics.\n");
}

HttpResponse HealthHandler::problem(const Error& error, std::string_view) {
  return plain(http_status(error.code), std::string(problem_title(error.code)) + '\n');
}

HttpResponse HealthHandler::ready() const {
  std::string body;
  int status = 200;
  for (const ReadyCheck& check : sources_.check_ready()) {
    const bool holds = check.problem.empty();
    body += check.name + ": " + (holds ? "ok" : check.problem) + '\n';
    if (holds || check.without == Without::Ready || status == 404) continue;
    status = check.without == Without::Leaving ? 404 : 503;
  }
  return plain(status, std::move(body));
}

Task<HttpResponse> HealthHandler::metrics() {
  MetricPage page;
  auto showing = sources_.show_metrics(page);
  co_await std::move(showing);
  HttpResponse response = plain(200, page.text());
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  co_return response;
}

}  // namespace tidings
