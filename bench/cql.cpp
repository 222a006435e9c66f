// What the bridge costs: inserts of 200 bytes through CqlSession, beside the same inserts by the
// driver alone, in one process against one node, in turns. The node is the tests': slow, so the
// client's CPU time for one insert says more than the inserts a second.
//
//   cql_bench [INSERTS] [ROUNDS]
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "adapters/cassandra/testing/test_cassandra.h"
#include "base/run_loop.h"
#include "base/task_group.h"
#include "bridge/cql_session.h"

namespace {

using namespace tidings;

constexpr std::uint32_t kInFlight = 256;
constexpr std::uint32_t kBlobBytes = 200;

struct Measured {
  double per_second;
  double cpu_us;  // of this process, for one insert
};

double cpu_us_used() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& time) {
    return 1e6 * static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

[[noreturn]] void stop(const Error& error) {
  std::fprintf(stderr, "cql_bench: %s\n", error.detail.c_str());
  std::exit(1);
}

Task<void> insert_in_turn(CqlSession& session, CqlStatement insert, std::int64_t count,
                          std::int64_t& next) {
  const std::string blob(kBlobBytes, '\7');
  while (next < count) {
    const std::uint64_t key = static_cast<std::uint64_t>(next++) * 0x9E3779B97F4A7C15ULL;
    CqlCall call;
    call.deadline = SystemClock().monotonic() + seconds(30);
    auto one = session.execute(insert, CqlValues().int64(static_cast<std::int64_t>(key)).blob(blob),
                               std::move(call));
    const auto done = co_await std::move(one);
    if (!done) stop(done.error());
  }
}

Task<void> insert_all(CqlSession& session, CqlStatement insert, std::int64_t count) {
  std::int64_t next = 0;
  TaskGroup group("inserts");
  for (std::uint32_t i = 0; i < kInFlight; ++i) {
    group.spawn(insert_in_turn(session, insert, count, next));
  }
  co_await group.join();
}

Measured through_bridge(CqlSession& session, CqlStatement insert, std::int64_t count) {
  const double cpu = cpu_us_used();
  const auto begin = std::chrono::steady_clock::now();
  block_on(insert_all(session, insert, count));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const auto inserts = static_cast<double>(count);
  return {inserts / took.count(), (cpu_us_used() - cpu) / inserts};
}

Measured by_driver(CqlSession& session, CqlStatement insert, std::int64_t count) {
  const double cpu = cpu_us_used();
  const auto took =
      session.raw_inserts(insert, static_cast<std::uint64_t>(count), kInFlight, kBlobBytes);
  if (!took) stop(took.error());
  const auto inserts = static_cast<double>(count);
  return {1e6 * inserts / static_cast<double>(took->count()), (cpu_us_used() - cpu) / inserts};
}

Measured median(std::vector<Measured> all) {
  std::ranges::sort(all, {}, &Measured::per_second);
  return all[all.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t count = argc > 1 ? std::atoll(argv[1]) : 60'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  auto& node = TestCassandra::node();
  const auto session = node.connect(node.fresh_keyspace());
  const auto table =
      session->run("CREATE TABLE inserts (k bigint PRIMARY KEY, v blob)", seconds(30));
  if (!table) stop(table.error());
  const auto insert = session->prepare("INSERT INTO inserts (k, v) VALUES (?, ?)");
  if (!insert) stop(insert.error());

  by_driver(*session, *insert, count);  // warms the node
  std::vector<Measured> raw;
  std::vector<Measured> bridge;
  for (int round = 0; round < rounds; ++round) {
    raw.push_back(by_driver(*session, *insert, count));
    bridge.push_back(through_bridge(*session, *insert, count));
    std::printf("round %d  driver %7.0f/s %5.1f us  bridge %7.0f/s %5.1f us\n", round + 1,
                raw.back().per_second, raw.back().cpu_us, bridge.back().per_second,
                bridge.back().cpu_us);
  }
  const Measured driver = median(raw);
  const Measured bridged = median(bridge);
  std::printf("median   driver %7.0f/s %5.1f us  bridge %7.0f/s %5.1f us  ratio %.2f\n",
              driver.per_second, driver.cpu_us, bridged.per_second, bridged.cpu_us,
              bridged.per_second / driver.per_second);
}
