#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// Builds one answer of /metrics, in the text format of Prometheus. Values of one name that follow
// each other share its help. Labels must come from small fixed sets: never a name, an id or an
// address.
class MetricPage {
 public:
  MetricPage();
  ~MetricPage();

  // A number that only grows while the process lives.
  void counter(std::string_view name, std::string_view help, double value,
               const MetricLabels& labels = {});
  // A number that comes and goes.
  void gauge(std::string_view name, std::string_view help, double value,
             const MetricLabels& labels = {});
  // `counts[i]` values were at most `bounds[i]` and more than the bound before; one more count at
  // the end, for those above all bounds.
  void histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                 std::span<const std::uint64_t> counts, double sum,
                 const MetricLabels& labels = {});

  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
