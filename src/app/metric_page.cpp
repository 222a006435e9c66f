#include "app/metric_page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <sstream>

#include "base/ensure.h"

namespace tidings {

struct MetricPage::Impl {
  prometheus::ClientMetric& add(prometheus::MetricType type, std::string_view name,
                                std::string_view help, const MetricLabels& labels) {
    if (families.empty() || families.back().name != name) {
      families.push_back({std::string(name), std::string(help), type, {}});
    }
    prometheus::ClientMetric& metric = families.back().metric.emplace_back();
    for (const auto& [key, value] : labels) metric.label.push_back({key, value});
    return metric;
  }

  std::vector<prometheus::MetricFamily> families;
};

MetricPage::MetricPage() : impl_(std::make_unique<Impl>()) {}
MetricPage::~MetricPage() = default;

void MetricPage::counter(std::string_view name, std::string_view help, double value,
                         const MetricLabels& labels) {
  impl_->add(prometheus::MetricType::Counter, name, help, labels).counter.value = value;
}

void MetricPage::gauge(std::string_view name, std::string_view help, double value,
                       const MetricLabels& labels) {
  impl_->add(prometheus::MetricType::Gauge, name, help, labels).gauge.value = value;
}

void MetricPage::histogram(std::string_view name, std::string_view help,
                           std::span<const double> bounds, std::span<const std::uint64_t> counts,
                           double sum, const MetricLabels& labels) {
  ensure(counts.size() == bounds.size() + 1, "a histogram has a count above its last bound");
  auto& metric = impl_->add(prometheus::MetricType::Histogram, name, help, labels).histogram;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    cumulative += counts[i];
    const double bound = i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity();
    metric.bucket.push_back({cumulative, bound});
  }
  metric.sample_count = cumulative;
  metric.sample_sum = sum;
}

std::string MetricPage::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, impl_->families);
  return out.str();
}

}  // namespace tidings
