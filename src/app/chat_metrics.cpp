#include "app/chat_metrics.h"

#include <utility>

namespace tidings {
namespace {

double number(std::uint64_t value) { return static_cast<double>(value); }

}  // namespace

Task<void> show_chat(MetricPage& page, Chat& chat) {
  auto measuring = chat.ports.queue.depth();
  if (const auto depth = co_await std::move(measuring)) {
    page.gauge("tidings_queue_depth", "Changed groups in the queue.", number(depth->waiting),
               {{"state", "waiting"}});
    page.gauge("tidings_queue_depth", "Changed groups in the queue.", number(depth->leased),
               {{"state", "leased"}});
  }
  page.counter("tidings_messages_stored_total", "Messages that were stored, once a target.",
               number(chat.send_message.busy_groups().total()));
  const Marker::Stats marks = chat.marker.stats();
  page.gauge("tidings_marks_failed", "Changed groups that wait to be marked again.",
             number(marks.failed));
  page.gauge("tidings_marks_kept", "Groups remembered as marked in the last two minutes.",
             number(marks.recent));
  page.gauge("tidings_erasures_waiting", "Ended accounts whose messages are not erased yet.",
             number(chat.end_account.waiting()));

  const Directory::Stats cache = chat.directory.stats();
  page.counter("tidings_directory_reads_total", "Looks at groups, members and users.",
               number(cache.hits), {{"from", "memory"}});
  page.counter("tidings_directory_reads_total", "Looks at groups, members and users.",
               number(cache.misses), {{"from", "store"}});
  page.gauge("tidings_directory_entries", "Groups, members and users that are remembered.",
             number(cache.entries));
}

}  // namespace tidings
