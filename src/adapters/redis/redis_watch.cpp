#include "adapters/redis/redis_watch.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/loop.h"

namespace tidings {
namespace {

constexpr milliseconds kLookEvery = seconds(1);
constexpr milliseconds kStep{100};  // how long a stop may take
constexpr milliseconds kDeadline{500};
constexpr int kVersionMin = 7;
constexpr std::size_t kNamesMax = 1'000;

int major_version(std::string_view version) {
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  return major;
}

}  // namespace

std::string_view info_value(std::string_view info, std::string_view name) {
  while (!info.empty()) {
    const auto line_end = std::min(info.find('\n'), info.size());
    std::string_view line = info.substr(0, line_end);
    info.remove_prefix(std::min(line_end + 1, info.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':') {
      return line.substr(name.size() + 1);
    }
  }
  return {};
}

Result<void> judge_redis(std::string_view info) {
  const std::string_view version = info_value(info, "redis_version");
  if (major_version(version) < kVersionMin) {
    return fail(ErrorCode::InvalidRequest,
                "Redis " + std::string(version) +
                    " is too old: the queue's wake-ups need 7.0 or newer. Upgrade it.");
  }
  const std::string_view policy = info_value(info, "maxmemory_policy");
  if (policy != "noeviction") {
    return fail(ErrorCode::InvalidRequest,
                "Redis has maxmemory-policy " + std::string(policy) +
                    ": when it is full it would silently throw away queued notifications, presence "
                    "and throttles. Set it with `CONFIG SET maxmemory-policy noeviction` and in "
                    "redis.conf.");
  }
  return {};
}

struct RedisWatch::Impl {
  RedisClient& client;
  const std::function<void(RedisEvent)> tell;
  std::atomic<bool> stopping{false};
  std::atomic<bool> answers{false};

  // What follows belongs to the one who looks.
  bool has_answered = false;
  std::set<std::string> known;  // run and replication ids

  mutable std::mutex mutex;  // guards what follows
  Result<void> fitness = fail(ErrorCode::Unavailable, "Redis has not answered yet.");

  Impl(RedisClient& client_in, std::function<void(RedisEvent)> tell_in)
      : client(client_in), tell(std::move(tell_in)) {}

  Task<Result<std::vector<std::string>>> ask() {
    std::vector<std::string> words{"INFO"};
    auto asking = client.run_on_each_master(std::move(words), kDeadline);
    auto replies = co_await std::move(asking);
    if (!replies) co_return forward(replies);
    std::vector<std::string> infos;
    for (RedisReply& reply : *replies) infos.push_back(std::move(reply.text));
    if (infos.empty()) co_return fail(ErrorCode::Unavailable, "Redis has no master.");
    co_return infos;
  }

  static Result<void> judge(const std::vector<std::string>& infos) {
    for (const std::string& info : infos) {
      auto judged = judge_redis(info);
      if (!judged) return judged;
    }
    return {};
  }

  void note(Result<void> judged) {
    const std::lock_guard lock(mutex);
    if (fitness.has_value() && !judged) {
      log_error("redis.unfit", {{"why", judged.error().detail}});
    }
    fitness = std::move(judged);
  }

  // A server has both names: it gets a new run id when it starts and a new replication id when it
  // becomes a master.
  static std::set<std::string> names_of(const std::vector<std::string>& infos) {
    std::set<std::string> names;
    for (const std::string& info : infos) {
      names.emplace(info_value(info, "run_id"));
      names.emplace(info_value(info, "master_replid"));
    }
    return names;
  }

  void heard(const std::vector<std::string>& infos) {
    const bool was_gone = has_answered && !answers.load();
    std::set<std::string> names = names_of(infos);
    const bool is_other = has_answered && !std::ranges::includes(known, names);
    // A master that was missing for a moment is no other one when it is back.
    if (known.size() >= kNamesMax) known.clear();
    known.merge(names);
    has_answered = true;
    answers = true;
    if (was_gone) say(RedisEvent::Back, LogLevel::Info, "redis.back");
    if (is_other) say(RedisEvent::Replaced, LogLevel::Warn, "redis.replaced");
  }

  void missed(const Error& error) {
    const bool was_there = answers.exchange(false);
    if (!was_there) return;
    log_warn("redis.gone", {{"why", error.detail}});
    if (tell) tell(RedisEvent::Gone);
  }

  void say(RedisEvent event, LogLevel level, std::string_view name) const {
    log_event(level, name);
    if (tell) tell(event);
  }
};

RedisWatch::RedisWatch(RedisClient& client, std::function<void(RedisEvent)> tell)
    : impl_(std::make_unique<Impl>(client, std::move(tell))) {}
RedisWatch::~RedisWatch() = default;

Task<Result<void>> RedisWatch::check() {
  auto asking = impl_->ask();
  const auto infos = co_await std::move(asking);
  if (!infos) co_return forward(infos);
  auto judged = Impl::judge(*infos);
  impl_->note(judged);
  co_return judged;
}

Task<void> RedisWatch::run() {
  while (!impl_->stopping.load()) {
    const Instant next = std::chrono::steady_clock::now() + kLookEvery;
    auto looking = look();
    co_await std::move(looking);
    while (!impl_->stopping.load() && std::chrono::steady_clock::now() < next) {
      co_await sleep_until(std::min(next, std::chrono::steady_clock::now() + kStep));
    }
  }
}

Task<void> RedisWatch::look() {
  auto asking = impl_->ask();
  const auto infos = co_await std::move(asking);
  if (!infos) {
    impl_->missed(infos.error());
    co_return;
  }
  impl_->note(Impl::judge(*infos));
  impl_->heard(*infos);
}

void RedisWatch::request_stop() { impl_->stopping = true; }

bool RedisWatch::answers() const { return impl_->answers.load(); }

Result<void> RedisWatch::fitness() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->fitness;
}

}  // namespace tidings
