// What the bridge costs: inserts of 200 bytes through CqlSession, beside the same inserts by the
// driver alone, in one process, in turns: against a node of its own, or against the nodes of a
// cluster that runs, each insert there in three copies. They are slow for want of a machine, so the
// client's CPU time for one insert says more than the inserts a second.
//
//   cql_bench [INSERTS [ROUNDS [IN_FLIGHT [HOST:PORT]]]]
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/cassandra/testing/test_cassandra.h"
#include "base/run_loop.h"
#include "base/task_group.h"
#include "bridge/cql_session.h"

namespace {

using namespace tidings;

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

struct Load {
  std::int64_t inserts;
  std::uint32_t in_flight;
};

Task<void> insert_all(CqlSession& session, CqlStatement insert, Load load) {
  std::int64_t next = 0;
  TaskGroup group("inserts");
  for (std::uint32_t i = 0; i < load.in_flight; ++i) {
    group.spawn(insert_in_turn(session, insert, load.inserts, next));
  }
  co_await group.join();
}

Measured through_bridge(CqlSession& session, CqlStatement insert, Load load) {
  const double cpu = cpu_us_used();
  const auto begin = std::chrono::steady_clock::now();
  block_on(insert_all(session, insert, load));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const auto inserts = static_cast<double>(load.inserts);
  return {inserts / took.count(), (cpu_us_used() - cpu) / inserts};
}

Measured by_driver(CqlSession& session, CqlStatement insert, Load load) {
  const double cpu = cpu_us_used();
  const auto took = session.raw_inserts(insert, static_cast<std::uint64_t>(load.inserts),
                                        load.in_flight, kBlobBytes);
  if (!took) stop(took.error());
  const auto inserts = static_cast<double>(load.inserts);
  return {1e6 * inserts / static_cast<double>(took->count()), (cpu_us_used() - cpu) / inserts};
}

Measured median(std::vector<Measured> all) {
  std::ranges::sort(all, {}, &Measured::per_second);
  return all[all.size() / 2];
}

std::unique_ptr<CqlSession> connect(const CqlOptions& options) {
  auto session = CqlSession::connect(options);
  if (!session) stop(session.error());
  return std::move(*session);
}

void run(CqlSession& session, std::string_view statement) {
  const auto done = session.run(statement, seconds(30));
  if (!done) stop(done.error());
}

CqlOptions with_fresh_keyspace(const std::string& address) {
  CqlOptions options;
  options.contact_points = {address};
  const auto session = connect(options);
  run(*session, "DROP KEYSPACE IF EXISTS cql_bench");
  run(*session,
      "CREATE KEYSPACE cql_bench WITH replication = {'class': 'NetworkTopologyStrategy', "
      "'replication_factor': 3}");
  options.keyspace = "cql_bench";
  return options;
}

CqlOptions of_own_node() {
  auto& node = TestCassandra::node();
  return node.options(node.fresh_keyspace());
}

}  // namespace

int main(int argc, char** argv) {
  Load load{60'000, 256};
  if (argc > 1) load.inserts = std::atoll(argv[1]);
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  if (argc > 3) load.in_flight = static_cast<std::uint32_t>(std::atoi(argv[3]));
  const auto session = connect(argc > 4 ? with_fresh_keyspace(argv[4]) : of_own_node());
  run(*session, "CREATE TABLE inserts (k bigint PRIMARY KEY, v blob)");
  const auto insert = session->prepare("INSERT INTO inserts (k, v) VALUES (?, ?)");
  if (!insert) stop(insert.error());

  by_driver(*session, *insert, load);  // warms the node
  std::vector<Measured> raw;
  std::vector<Measured> bridge;
  for (int round = 0; round < rounds; ++round) {
    raw.push_back(by_driver(*session, *insert, load));
    bridge.push_back(through_bridge(*session, *insert, load));
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
