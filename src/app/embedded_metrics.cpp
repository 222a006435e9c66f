#include "app/embedded_metrics.h"

#include <array>
#include <string_view>

namespace tidings {
namespace {

// A histogram whose buckets end at powers of two, in units of `scale`.
void show_powers(MetricPage& page, std::string_view name, std::string_view help,
                 const rocks::Histogram::Snapshot& values, double scale) {
  std::array<double, rocks::Histogram::kBuckets - 1> bounds{};
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    bounds[i] = static_cast<double>(std::uint64_t{1} << i) * scale;
  }
  page.histogram(name, help, bounds, values.buckets, static_cast<double>(values.sum) * scale);
}

double number(std::uint64_t value) { return static_cast<double>(value); }

}  // namespace

void show_backend(MetricPage& page, EmbeddedBackend& backend) {
  const MemoryThrottle::Stats throttle = backend.throttle().stats();
  page.gauge("tidings_throttle_buckets", "Token buckets that are not full.",
             number(throttle.buckets));
  page.gauge("tidings_throttle_replays", "Ids of sends that are remembered for 60 s.",
             number(throttle.replays));
  const StoreStatistics store = backend.store().statistics();
  show_powers(page, "tidings_commit_writes", "Writes that were committed together.",
              store.commit_sizes, 1);
  show_powers(page, "tidings_commit_seconds", "Writing and syncing one commit.", store.commit_us,
              1e-6);
  page.gauge("tidings_store_write_queue_depth", "Writes that wait for the next commit.",
             number(store.write_queue_depth));
  page.gauge("tidings_store_write_queue_bytes", "Memory of those writes.",
             number(store.write_queue_bytes));
  page.counter("tidings_store_writes_refused_total",
               "Writes that were refused for want of room, space or health.",
               number(store.writes_refused));
  page.counter("tidings_store_reads_total", "Reads of the store.", number(store.reads_from_memory),
               {{"from", "memory"}});
  page.counter("tidings_store_reads_total", "Reads of the store.", number(store.reads_from_disk),
               {{"from", "disk"}});
  page.counter("tidings_store_reads_refused_total", "Reads that found too many others waiting.",
               number(store.reads_refused));
  page.gauge("tidings_store_read_queue_depth", "Reads that wait for the disk.",
             number(store.read_queue_depth));
  page.gauge("tidings_store_cache_bytes", "Memory of the cache, write buffers included.",
             number(store.cache_bytes));
  page.gauge("tidings_store_write_buffer_bytes", "Memory of the write buffers.",
             number(store.write_buffer_bytes));
  page.gauge("tidings_store_index_bytes", "Memory of open table files outside the cache.",
             number(store.table_reader_bytes));
  page.gauge("tidings_store_disk_bytes", "Table and blob files on the disk.",
             number(store.disk_bytes));
  page.gauge("tidings_store_compaction_pending_bytes", "What compactions have yet to rewrite.",
             number(store.pending_compaction_bytes));
  page.gauge("tidings_store_delayed_write_bytes_per_second",
             "How fast the store lets itself be written to while it falls behind; 0: as it likes.",
             number(store.delayed_write_bytes_per_second));
  page.gauge("tidings_store_writes_stopped", "1 while the store takes no writes.",
             store.writes_stopped ? 1 : 0);
  page.counter("tidings_store_damage_total", "Calls that met a damaged file or record.",
               number(store.damage_met));
  page.gauge("tidings_store_messages", "About how many messages there are.",
             number(store.messages_estimate));
}

}  // namespace tidings
