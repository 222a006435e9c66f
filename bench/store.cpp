// The store alone, without HTTP: appends of 200-byte texts from coroutines on a few loops, then hot
// pages of 50. Prints one JSON object.
//
//   store DIRECTORY THREADS SENDERS SECONDS [GROUPS [PAGE_SECONDS]]

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "adapters/rocks/rocks_store.h"
#include "base/run_loop.h"
#include "base/task_group.h"

namespace tidings {
namespace {

struct Load {
  RocksStore& store;
  std::vector<GroupId> groups;
  UserId author{Uuid::v4()};
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> done{0};
  std::atomic<std::uint64_t> failed{0};
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds_of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

Task<void> append_until_stop(Load& load, unsigned seed) {
  std::mt19937_64 random(seed);
  const SystemClock clock;
  while (!load.stop) {
    Message message;
    const Time now = clock.now();
    message.id = MessageId::mint(now, load.author);
    message.group = load.groups[random() % load.groups.size()];
    message.author = load.author;
    message.author_name = "alice";
    message.received_at = now;
    message.content.text.assign(200, 'x');
    auto append = load.store.messages().append(std::move(message), false);
    const auto stored = co_await std::move(append);
    ++(stored ? load.done : load.failed);
  }
}

Task<void> page_until_stop(Load& load, unsigned seed) {
  std::mt19937_64 random(seed);
  while (!load.stop) {
    const GroupId group = load.groups[random() % load.groups.size()];
    auto read = load.store.messages().read_range(group, {}, Take::Newest, 50);
    const auto page = co_await std::move(read);
    if (!page) {
      ++load.failed;
      continue;
    }
    std::vector<MessageId> ids;
    for (const Message& message : *page) ids.push_back(message.id);
    auto amend = load.store.messages().amendments(group, std::move(ids), kAnew);
    const auto amendments = co_await std::move(amend);
    ++(amendments ? load.done : load.failed);
  }
}

using Work = Task<void> (*)(Load&, unsigned);

Task<void> run_all(Load& load, Work work, int tasks, unsigned seed) {
  TaskGroup group("load");
  for (int i = 0; i < tasks; ++i) group.spawn(work(load, seed + static_cast<unsigned>(i)));
  auto join = group.join();
  co_await std::move(join);
}

void measure(const char* name, Load& load, Work work, int threads, int senders, double seconds) {
  load.stop = false;
  load.done = 0;
  const auto began = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  std::vector<std::thread> loops;
  for (int i = 0; i < threads; ++i) {
    loops.emplace_back([&, i] {
      block_on(run_all(load, work, senders / threads, static_cast<unsigned>(1000 * i)));
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  load.stop = true;
  for (auto& loop : loops) loop.join();
  const double took =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const double used = cpu_seconds() - cpu;
  const auto done = static_cast<double>(load.done.load());
  std::printf("\"%s_per_second\": %.0f, \"%s_cpu_us\": %.2f, ", name, done / took, name,
              used * 1e6 / done);
}

int run(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr,
                 "usage: store DIRECTORY THREADS SENDERS SECONDS [GROUPS [PAGE_SECONDS]]\n");
    return 2;
  }
  RocksOptions options;
  options.directory = argv[1];
  auto opened = RocksStore::open(options);
  if (!opened) {
    std::fprintf(stderr, "store: %s\n", opened.error().detail.c_str());
    return 1;
  }
  Load load{.store = **opened, .groups = {}};
  const int groups = argc > 5 ? std::atoi(argv[5]) : 1000;
  for (int i = 0; i < groups; ++i) load.groups.push_back({Uuid::v4()});
  const int threads = std::atoi(argv[2]);
  std::printf("{");
  measure("append", load, append_until_stop, threads, std::atoi(argv[3]), std::atof(argv[4]));
  measure("hot_page", load, page_until_stop, threads, threads, argc > 6 ? std::atof(argv[6]) : 2);
  std::printf("\"failed\": %llu}\n", static_cast<unsigned long long>(load.failed.load()));
  return 0;
}

}  // namespace
}  // namespace tidings

int main(int argc, char** argv) { return tidings::run(argc, argv); }
