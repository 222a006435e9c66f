#include "net/server_loop.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/log.h"
#include "base/random.h"
#include "net/http_answer.h"
#include "net/http_connection.h"

namespace tidings {
namespace {

constexpr std::size_t kReadBufferBytes = 16 * 1024;
constexpr milliseconds kPauseWhenOutOfFiles{100};
constexpr milliseconds kDrainStep{5};

// Connections over the limit that are told so; more than that are closed without a word.
std::uint64_t told_over_limit_max(std::uint64_t connections_max) {
  return std::clamp<std::uint64_t>(connections_max / 10, 1, 100);
}

Instant steady_now() { return std::chrono::steady_clock::now(); }

// Six characters of 32: with the counter behind it, an id still fits a string without a heap.
std::string make_request_id_prefix() {
  static constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string prefix;
  for (const char byte : random_bytes(6)) {
    prefix += kAlphabet[static_cast<unsigned char>(byte) % 32];
  }
  return prefix + '-';
}

}  // namespace

ServerLoop::ServerLoop(AsioLoop& loop, ServerShared& shared, TcpAcceptor acceptor)
    : loop_(loop),
      shared_(shared),
      acceptor_(std::move(acceptor)),
      sweep_timer_(loop.context()),
      accept_timer_(loop.context()),
      request_id_prefix_(make_request_id_prefix()),
      read_buffer_(kReadBufferBytes) {
  now_ = steady_now();
  date_ = format_http_date(SystemClock().now());
}

void ServerLoop::start() {
  tasks_.spawn(accept_all());
  tasks_.spawn(sweep_regularly());
}

Task<void> ServerLoop::accept_all() {
  co_await resume_on(loop_);
  while (!draining_) {
    TcpSocket tcp(loop_.context());
    boost::asio::ip::tcp::endpoint peer;
    auto accepting = acceptor_.async_accept(tcp, peer, use_task);
    const auto [error] = co_await accepting;
    if (draining_) break;
    if (error) {
      // Out of descriptors or memory: connections wait in the kernel meanwhile.
      if (const auto failures = shared_.accept_failures.add(steady_now()))
        log_warn("http.accept_failed", {{"error", error.message()}, {"failures", *failures}});
      accept_timer_.expires_after(kPauseWhenOutOfFiles);
      auto pausing = accept_timer_.async_wait(use_task);
      co_await pausing;
      continue;
    }
    counts_.accepted.fetch_add(1, std::memory_order_relaxed);
    const std::uint64_t open = shared_.open_connections.load(std::memory_order_relaxed);
    const std::uint64_t max = limits().connections_max;
    if (open >= max + told_over_limit_max(max)) continue;
    tasks_.spawn(serve(std::move(tcp), peer.address().to_string(), open >= max));
  }
}

Task<void> ServerLoop::serve(TcpSocket tcp, std::string remote_ip, bool is_over_limit) {
  std::unique_ptr<TlsSession> tls;
  if (config().tls) tls = shared_.tls.accept(tcp.native_handle());
  HttpConnection connection(*this, Socket(std::move(tcp), std::move(tls)), std::move(remote_ip));
  auto serving = is_over_limit ? connection.run_over_limit() : connection.run();
  co_await std::move(serving);
}

std::size_t ServerLoop::add(HttpConnection& connection) {
  shared_.open_connections.fetch_add(1, std::memory_order_relaxed);
  connections_.push_back(&connection);
  return connections_.size() - 1;
}

void ServerLoop::remove(std::size_t place) {
  shared_.open_connections.fetch_sub(1, std::memory_order_relaxed);
  connections_[place] = connections_.back();
  connections_[place]->set_place(place);
  connections_.pop_back();
}

std::string ServerLoop::next_request_id() {
  constexpr std::size_t kDigits = 8;
  std::array<char, 16> digits;
  char* const end = std::to_chars(digits.begin(), digits.end(), ++request_ids_, 16).ptr;
  const auto count = static_cast<std::size_t>(end - digits.begin());
  std::string id = request_id_prefix_;
  if (count < kDigits) id.append(kDigits - count, '0');
  id.append(digits.data(), count);
  return id;
}

Task<void> ServerLoop::sweep_regularly() {
  co_await resume_on(loop_);
  while (!stopped_) {
    sweep();
    sweep_timer_.expires_after(limits().sweep_every);
    auto waiting = sweep_timer_.async_wait(use_task);
    co_await waiting;
  }
}

// No connection ends inside this: those whose time is up are woken to end by themselves.
void ServerLoop::sweep() {
  now_ = steady_now();
  date_ = format_http_date(SystemClock().now());
  for (HttpConnection* connection : connections_) {
    connection->sweep(now_);
  }
}

Task<void> ServerLoop::drain(Instant deadline) {
  co_await resume_on(loop_);
  draining_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  accept_timer_.cancel();
  for (HttpConnection* connection : connections_) {
    connection->drain();
  }
  bool was_cut = false;
  while (!connections_.empty()) {
    const Instant now = steady_now();
    if (!was_cut && now >= deadline) {
      log_warn("http.connections_cut", {{"connections", connections_.size()}});
      for (HttpConnection* connection : connections_) {
        connection->cut();
      }
      was_cut = true;
    }
    co_await sleep_until(now + kDrainStep);
  }
  stopped_ = true;
  sweep_timer_.cancel();
  co_await tasks_.join();
}

}  // namespace tidings
