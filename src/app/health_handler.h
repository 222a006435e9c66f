#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/metric_page.h"
#include "net/http_server.h"

namespace tidings {

// One thing that must hold for this process to be of use.
struct ReadyCheck {
  std::string name;     // "store"
  std::string problem;  // empty: it holds
  // False: without it the process is of less use, but still ready.
  bool is_needed = true;
};

// A gauge for each of them.
void show_ready(MetricPage& page, const std::vector<ReadyCheck>& checks);

// Serves /healthz, /readyz and /metrics to those who run the machine. Safe from any thread.
class HealthHandler final : public HttpHandler {
 public:
  struct Sources {
    std::function<Task<std::vector<ReadyCheck>>()> check_ready;
    std::function<Task<void>(MetricPage& page)> show_metrics;
  };

  explicit HealthHandler(Sources sources) : sources_(std::move(sources)) {}

  //   GET /healthz   200 "ok": the process lives
  //   GET /readyz    200 or 503, and a line for each check
  //   GET /metrics   Prometheus' text format
  Task<HttpResponse> handle(HttpRequest request) override;
  HttpResponse problem(const Error& error, std::string_view request_id) override;

 private:
  Task<HttpResponse> ready();
  Task<HttpResponse> metrics();

  Sources sources_;
};

}  // namespace tidings
