#include "bridge/redis_client.h"

#include <tidings-driver/src/lib.rs.h>

#include <charconv>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "bridge/driver_call.h"
#include "bridge/redis_words.h"

namespace tidings {

namespace {

std::unexpected<Error> window_full() {
  return fail(ErrorCode::Unavailable, "too many calls to Redis are in flight");
}

bool is_host_and_port(std::string_view server) {
  const std::size_t colon = server.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view digits = server.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), port);
  return error == std::errc() && end == digits.end() && port != 0;
}

std::uint64_t to_us(milliseconds within) {
  const auto us = std::chrono::microseconds(within).count();
  return us > 0 ? static_cast<std::uint64_t>(us) : 0;
}

std::string words_of(std::span<const std::string> words) {
  std::string out;
  append_words(out, words);
  return out;
}

RedisReply to_reply(const DriverPart& part) {
  return read_reply(std::string_view(part.cells.data(), part.cells.size()));
}

std::vector<RedisReply> to_replies(const std::vector<DriverPart>& parts) {
  std::vector<RedisReply> replies;
  replies.reserve(parts.size());
  for (const DriverPart& part : parts) replies.push_back(to_reply(part));
  return replies;
}

driver::RedisConfig config_of(const RedisOptions& options) {
  driver::RedisConfig config;
  for (const std::string& server : options.servers) {
    config.servers.push_back(rust::String::lossy(server));
  }
  config.is_cluster = options.is_cluster;
  config.password = rust::String::lossy(options.password);
  return config;
}

}  // namespace

struct RedisClient::Impl {
  rust::Box<driver::RedisDriver> driver;
  std::shared_ptr<CallWindow> window;
  std::shared_ptr<DriverListening> listening;

  explicit Impl(const RedisOptions& options)
      : driver(driver::redis_driver(config_of(options))),
        window(std::make_shared<CallWindow>(options.in_flight_max)) {}
};

RedisClient::RedisClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RedisClient::~RedisClient() {
  if (impl_->listening) impl_->listening->stop();
  impl_->driver->close();
  impl_->window->wait_until_idle();
}

Result<std::unique_ptr<RedisClient>> RedisClient::open(const RedisOptions& options) {
  if (options.servers.empty()) {
    return fail(ErrorCode::InvalidRequest, "no server of Redis is named");
  }
  for (const std::string& server : options.servers) {
    if (!is_host_and_port(server)) {
      return fail(ErrorCode::InvalidRequest, "\"" + server + "\" is not HOST:PORT");
    }
  }
  return std::unique_ptr<RedisClient>(new RedisClient(std::make_unique<Impl>(options)));
}

RedisScript RedisClient::script(std::string source) {
  const Sha1 digest = sha1({}, source);
  return {std::move(source), to_hex(digest)};
}

Task<Result<RedisReply>> RedisClient::run(const RedisScript& script, std::vector<std::string> keys,
                                          std::vector<std::string> arguments, milliseconds within) {
  Completion<DriverAnswer> answer;
  auto call = begin_call(impl_->window, answer);
  if (!call) co_return window_full();
  const std::string key_words = words_of(keys);
  const std::string argument_words = words_of(arguments);
  impl_->driver->run_script(as_slice(script.source), as_slice(script.sha1), as_slice(key_words),
                            as_slice(argument_words), to_us(within), std::move(call));
  auto parts = co_await answer;
  // The client may be gone: nothing of it is touched from here on.
  if (!parts) co_return forward(std::move(parts));
  co_return to_reply(parts->front());
}

Task<Result<std::vector<RedisReply>>> RedisClient::run(std::vector<RedisCommand> commands,
                                                       milliseconds within) {
  if (commands.empty()) co_return std::vector<RedisReply>{};
  Completion<DriverAnswer> answer;
  auto call = begin_call(impl_->window, answer);
  if (!call) co_return window_full();
  std::string words;
  for (const RedisCommand& command : commands) append_words(words, command.words);
  impl_->driver->run_commands(as_slice(words), to_us(within), std::move(call));
  auto parts = co_await answer;
  if (!parts) co_return forward(std::move(parts));
  co_return to_replies(*parts);
}

Task<Result<std::vector<RedisReply>>> RedisClient::run_on_each_master(
    std::vector<std::string> words, milliseconds within) {
  Completion<DriverAnswer> answer;
  auto call = begin_call(impl_->window, answer);
  if (!call) co_return window_full();
  const std::string bytes = words_of(words);
  impl_->driver->run_on_each_master(as_slice(bytes), to_us(within), std::move(call));
  auto parts = co_await answer;
  if (!parts) co_return forward(std::move(parts));
  co_return to_replies(*parts);
}

void RedisClient::subscribe(std::vector<std::string> channels,
                            std::function<void(std::string_view)> heard) {
  impl_->listening = std::make_shared<DriverListening>(std::move(heard));
  const std::string words = words_of(channels);
  impl_->driver->subscribe(as_slice(words), std::make_unique<DriverListener>(impl_->listening));
}

RedisClient::Stats RedisClient::stats() const {
  const CallWindow& window = *impl_->window;
  return {window.executed(), window.failed(), window.refused(), impl_->driver->reconnections(),
          window.in_flight()};
}

}  // namespace tidings
