#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/metric_page.h"
#include "net/http_server.h"

namespace tidings {

// What becomes of a process for which something does not hold.
enum class Without {
  NotReady,
  Ready,    // it is of less use, but goes on
  Leaving,  // it finishes what it has and takes nothing new
};

// One thing that should hold for this process to be of use.
struct ReadyCheck {
  std::string name;     // "store"
  std::string problem;  // empty: it holds
  Without without = Without::NotReady;
};

// A gauge for each of them.
void show_ready(MetricPage& page, const std::vector<ReadyCheck>& checks);

// Serves /healthz, /readyz and /metrics to those who run the machine. Safe from any thread.
class HealthHandler final : public HttpHandler {
 public:
  struct Sources {
    std::function<std::vector<ReadyCheck>()> check_ready;  // at once
    std::function<Task<void>(MetricPage& page)> show_metrics;
  };

  explicit HealthHandler(Sources sources) : sources_(std::move(sources)) {}

  //   GET /healthz   200 "ok": the process lives
  //   GET /readyz    200, 503 or, while it is leaving, 404 (HAProxy's disable-on-404: nothing new,
  //   but
  //                  what is under way is not cut); and a line for each check
  //   GET /metrics   Prometheus' text format
  Task<HttpResponse> handle(HttpRequest request) override;
  HttpResponse problem(const Error& error, std::string_view request_id) override;

 private:
  HttpResponse ready() const;
  Task<HttpResponse> metrics();

  Sources sources_;
};

}  // namespace tidings
