#include "app/cluster_backend.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "adapters/cassandra/group_store.h"
#include "adapters/cassandra/message_store.h"
#include "adapters/cassandra/migrations.h"
#include "adapters/cassandra/read_mark_store.h"
#include "adapters/cassandra/session_store.h"
#include "adapters/cassandra/signing_keys.h"
#include "adapters/cassandra/store_clocks.h"
#include "adapters/cassandra/store_epoch.h"
#include "adapters/cassandra/user_store.h"
#include "adapters/memory/memory_throttle.h"
#include "adapters/redis/redis_group_queue.h"
#include "adapters/redis/redis_link.h"
#include "adapters/redis/redis_presence.h"
#include "adapters/redis/redis_throttle.h"
#include "adapters/redis/redis_watch.h"
#include "adapters/sodium/access_tokens.h"
#include "adapters/sodium/password_hasher.h"
#include "app/cluster_options.h"
#include "app/made_of_settings.h"
#include "app/measured_clocks.h"
#include "base/log.h"
#include "base/run_loop.h"
#include "bridge/cql_session.h"
#include "bridge/redis_client.h"
#include "core/marker.h"

namespace tidings {
namespace {

constexpr const char* kCassandra = "cassandra";
constexpr const char* kRedis = "redis";
constexpr milliseconds kLookAtRedisEvery = seconds(1);
// A new key is announced 10 minutes before it signs; until then every worker must have seen it.
constexpr milliseconds kLoadKeysEvery = seconds(60);

double number(std::uint64_t value) { return static_cast<double>(value); }

BackendTrouble trouble(const char* which, const Error& error, bool is_final = false) {
  return {which, error.detail, is_final};
}

// Puts what a factory made into its place.
template <class Store>
Result<void> open_into(std::unique_ptr<Store>& place, Result<std::unique_ptr<Store>> made) {
  if (!made) return forward(std::move(made));
  place = std::move(*made);
  return {};
}

}  // namespace

struct ClusterBackend::Impl {
  Impl(const Settings& settings_in, const Clock& clock_in, PortsHook hook_in)
      : settings(settings_in),
        clock(clock_in),
        hook(std::move(hook_in)),
        hasher(password_cost(settings_in)),
        local_throttle(clock_in) {}

  std::optional<BackendTrouble> connect_cassandra();
  Result<void> open_stores();
  Result<void> load_keys();
  std::optional<BackendTrouble> connect_redis();
  void use(const cassandra::SigningKeys& keys);
  Task<void> refresh_keys();

  const Settings& settings;
  const Clock& clock;
  const PortsHook hook;
  SodiumPasswordHasher hasher;
  MemoryThrottle local_throttle;  // while Redis is gone
  bool has_stores = false;
  std::atomic<std::uint64_t> redis_losses{0};

  std::unique_ptr<CqlSession> session;
  std::unique_ptr<CassandraMessageStore> messages;
  std::unique_ptr<cassandra::CassandraGroupStore> groups;
  std::unique_ptr<cassandra::CassandraUserStore> users;
  std::unique_ptr<cassandra::CassandraSessionStore> sessions;
  std::unique_ptr<cassandra::CassandraReadMarkStore> read_marks;
  std::unique_ptr<CassandraStoreClocks> store_clocks;
  std::optional<MeasuredClocks> clocks;
  std::unique_ptr<cassandra::CassandraSigningKeys> signing_keys;
  std::optional<SodiumAccessTokens> tokens;

  std::unique_ptr<RedisClient> redis;
  std::optional<RedisWatch> watch;
  std::optional<RedisLink> link;
  std::optional<RedisGroupQueue> queue;
  std::optional<RedisPresence> presence;
  std::optional<RedisThrottle> throttle;
};

ClusterBackend::ClusterBackend(const Settings& settings, const Clock& clock, PortsHook hook)
    : impl_(std::make_unique<Impl>(settings, clock, std::move(hook))) {}

ClusterBackend::~ClusterBackend() = default;

std::optional<BackendTrouble> ClusterBackend::connect() {
  if (!impl_->has_stores) {
    if (auto missing = impl_->connect_cassandra()) return missing;
  }
  return impl_->connect_redis();
}

std::optional<BackendTrouble> ClusterBackend::Impl::connect_cassandra() {
  const CqlOptions options = cql_options(settings);
  if (!session) {
    // An older or newer schema, or none at all: somebody will migrate it, or start another version.
    const auto schema = cassandra::check_schema(options);
    if (!schema) return trouble(kCassandra, schema.error());
    for (const std::string& warning : *schema) {
      log_warn("cassandra.replication", {{"what", warning}});
    }
    auto connected = CqlSession::connect(options);
    if (!connected) return trouble(kCassandra, connected.error());
    session = std::move(*connected);
  }
  if (auto opened = open_stores(); !opened) return trouble(kCassandra, opened.error());
  if (auto loaded = load_keys(); !loaded) return trouble(kCassandra, loaded.error());
  has_stores = true;
  log_info("worker.found", {{"what", kCassandra}});
  return std::nullopt;
}

Result<void> ClusterBackend::Impl::open_stores() {
  using namespace cassandra;
  if (auto open = open_into(messages, CassandraMessageStore::open(*session, clock)); !open)
    return open;
  if (auto open = open_into(groups, CassandraGroupStore::open(*session, clock)); !open) return open;
  if (auto open = open_into(users, CassandraUserStore::open(*session, clock)); !open) return open;
  if (auto open = open_into(sessions, CassandraSessionStore::open(*session, clock)); !open)
    return open;
  if (auto open = open_into(read_marks, CassandraReadMarkStore::open(*session, clock)); !open)
    return open;
  if (auto open = open_into(signing_keys, CassandraSigningKeys::open(*session, clock)); !open)
    return open;
  if (auto open = open_into(store_clocks, CassandraStoreClocks::open(*session, clock)); !open)
    return open;
  clocks.emplace(*store_clocks, clock);
  return {};
}

Result<void> ClusterBackend::Impl::load_keys() {
  const auto keys = block_on(signing_keys->load(SodiumAccessTokens::make_seed()));
  if (!keys) return forward(keys);
  tokens.emplace(std::vector<std::string>{keys->signing(clock.now()).seed});
  use(*keys);
  return {};
}

void ClusterBackend::Impl::use(const cassandra::SigningKeys& keys) {
  const Time now = clock.now();
  tokens->rotate(keys.signing(now).seed);
  if (const auto* const other = keys.believed(now)) tokens->accept(other->seed);
}

Task<void> ClusterBackend::Impl::refresh_keys() {
  auto renewing = signing_keys->rotate_if_due(SodiumAccessTokens::make_seed());
  const auto keys = co_await std::move(renewing);
  if (keys) {
    use(*keys);
  } else {
    log_warn("cassandra.signing_keys_kept", {{"reason", keys.error().detail}});
  }
}

std::optional<BackendTrouble> ClusterBackend::Impl::connect_redis() {
  if (!redis) {
    auto opened = RedisClient::open(redis_options(settings));
    if (!opened) return trouble(kRedis, opened.error(), /*is_final=*/true);
    redis = std::move(*opened);
    watch.emplace(*redis, [this](RedisEvent event) {
      if (event == RedisEvent::Replaced) redis_losses.fetch_add(1);
    });
  }
  const auto fit = block_on(watch->check());
  if (!fit) return trouble(kRedis, fit.error(), fit.error().code == ErrorCode::InvalidRequest);
  // So that the first look by the chore finds nothing new.
  block_on(watch->look());
  link.emplace(*redis, clock);
  queue.emplace(*link, clock);
  presence.emplace(*link, clock, [this] { redis_losses.fetch_add(1); });
  throttle.emplace(*link, local_throttle);
  log_info("worker.found", {{"what", kRedis}});
  return std::nullopt;
}

Result<void> ClusterBackend::renew_epoch() {
  const auto renewed = cassandra::renew_epoch(*impl_->session);
  if (!renewed) return forward(renewed);
  return {};
}

BackendPorts ClusterBackend::ports() {
  Impl& it = *impl_;
  const BackendPorts own{.messages = *it.messages,
                         .arrivals = nullptr,
                         .groups = *it.groups,
                         .users = *it.users,
                         .sessions = *it.sessions,
                         .read_marks = *it.read_marks,
                         .store_clocks = &*it.clocks,
                         .queue = *it.queue,
                         .marks_kept_max = Marker::kRecentMax,
                         .presence = *it.presence,
                         .throttle = *it.throttle,
                         .hasher = it.hasher,
                         .access_tokens = *it.tokens};
  return it.hook ? it.hook(own) : own;
}

std::uint64_t ClusterBackend::redis_losses() const { return impl_->redis_losses.load(); }

ClusterBackend::StoreCalls ClusterBackend::store_calls() const {
  const CqlSession::Stats cql = impl_->session->stats();
  return {cql.answered, cql.took_us};
}

void ClusterBackend::add_chores(Chores& chores) {
  chores.add("redis", kLookAtRedisEvery, [this] { return impl_->watch->look(); });
  chores.add("signing keys", kLoadKeysEvery, [this] { return impl_->refresh_keys(); });
}

Task<Result<void>> ClusterBackend::rotate_keys() {
  auto rotating = impl_->signing_keys->rotate(SodiumAccessTokens::make_seed());
  const auto keys = co_await std::move(rotating);
  if (!keys) co_return forward(keys);
  co_return Result<void>();
}

void ClusterBackend::check(std::vector<ReadyCheck>& checks) const {
  const auto fit = impl_->watch->fitness();
  std::string problem;
  if (!impl_->watch->answers()) {
    problem = "it does not answer; people are told late, and limits count in each worker";
  } else if (!fit) {
    problem = fit.error().detail;
  }
  checks.push_back({kRedis, std::move(problem), Without::Ready});
}

void ClusterBackend::show(MetricPage& page) const {
  const Impl& it = *impl_;
  const CqlSession::Stats cql = it.session->stats();
  page.counter("tidings_cassandra_calls_total", "Statements that were sent to Cassandra.",
               number(cql.executed));
  page.counter("tidings_cassandra_failed_total", "Those that failed, or came too late.",
               number(cql.failed));
  page.counter("tidings_cassandra_refused_total", "Those that found too many others under way.",
               number(cql.refused));
  page.counter("tidings_cassandra_answer_seconds_total",
               "What those that were answered took together.",
               static_cast<double>(cql.took_us) / 1e6);
  page.gauge("tidings_cassandra_in_flight", "Statements that wait for Cassandra.",
             number(cql.in_flight));
  const RedisClient::Stats redis = it.redis->stats();
  page.counter("tidings_redis_calls_total", "Calls of Redis.", number(redis.calls));
  page.counter("tidings_redis_failed_total", "Those that failed, or came too late.",
               number(redis.failed));
  page.counter("tidings_redis_refused_total", "Those that found too many others under way.",
               number(redis.refused));
  page.counter("tidings_redis_reconnections_total", "Connections to Redis that were made anew.",
               number(redis.reconnections));
  page.gauge("tidings_redis_in_flight", "Calls that wait for Redis.", number(redis.in_flight));
  page.counter("tidings_redis_losses_total", "How often what Redis held was lost.",
               number(it.redis_losses.load()));
  page.gauge("tidings_redis_left_alone", "1 while Redis is not asked because it did not answer.",
             it.link->is_left_alone() ? 1 : 0);
  const RedisGroupQueue::Stats queue = it.queue->stats();
  page.counter("tidings_queue_wake_ups_total", "Marks that woke this worker.",
               number(queue.wake_ups));
  page.counter("tidings_queue_looks_total", "Looks at one shard of the queue.",
               number(queue.looks));
  page.counter("tidings_queue_empty_looks_total", "Those that found nothing due.",
               number(queue.empty_looks));
  const MemoryThrottle::Stats throttle = it.local_throttle.stats();
  page.gauge("tidings_throttle_buckets",
             "Token buckets of this worker alone, from when Redis did not answer.",
             number(throttle.buckets));
  if (const auto ahead = it.clocks->ahead_of_store()) {
    page.gauge("tidings_clock_ahead_seconds",
               "How far this worker's clock is ahead of the median of the store's nodes.",
               std::chrono::duration<double>(*ahead).count());
  }
}

}  // namespace tidings
