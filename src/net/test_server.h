#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "base/loop.h"
#include "net/http_server.h"
#include "net/loop_threads.h"

namespace tidings {

// Waits until another thread has made it so.
template <class Condition>
bool soon(Condition holds) {
  for (int i = 0; i < 5'000 && !holds(); ++i) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  return holds();
}

// Answers by path, for tests.
class TestHandler final : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    if (request.path == "/echo") co_return HttpResponse{200, "text/plain", {}, request.body};
    if (request.path == "/query") co_return HttpResponse{200, "text/plain", {}, request.query};
    if (request.path == "/big") {
      co_return HttpResponse{200, "text/plain", {}, std::string(8'000'000, 'b')};
    }
    if (request.path == "/empty") co_return HttpResponse{204, "", {}, ""};
    if (request.path == "/throw") throw std::runtime_error("on purpose");
    if (request.path == "/hold") {
      ++held;
      while (!released) co_await sleep_until(std::chrono::steady_clock::now() + milliseconds(1));
      co_return HttpResponse{200, "text/plain", {}, "released"};
    }
    co_return HttpResponse{404, "text/plain", {{"X-Path", request.path}}, ""};
  }

  HttpResponse problem(const Error& error, std::string_view request_id) override {
    static constexpr std::pair<ErrorCode, int> kStatuses[] = {
        {ErrorCode::InvalidRequest, 400},  {ErrorCode::Unauthenticated, 401},
        {ErrorCode::TooSlow, 408},         {ErrorCode::TooLarge, 413},
        {ErrorCode::UpgradeRequired, 426}, {ErrorCode::HeadersTooLarge, 431},
        {ErrorCode::Internal, 500},        {ErrorCode::Unavailable, 503}};
    int status = 0;
    for (const auto& [code, its_status] : kStatuses) {
      if (code == error.code) status = its_status;
    }
    return {status, "application/problem+json", {}, std::string(request_id)};
  }

  std::atomic<int> held{0};
  std::atomic<bool> released{false};
};

// Sends back what it gets.
class EchoSockets final : public WebSocketHandler {
 public:
  Task<std::optional<HttpResponse>> accept(const HttpRequest& request) override {
    if (request.header("origin") == "https://foreign.example") {
      co_return HttpResponse{403, "text/plain", {}, "foreign"};
    }
    if (request.header("origin") == "throw") throw std::runtime_error("on purpose");
    co_return std::nullopt;
  }

  Task<void> run(WebSocket& socket, HttpRequest) override {
    while (true) {
      std::optional<std::string> text = co_await socket.read();
      if (!text) co_return;
      if (*text == "leave") co_return;
      if (*text == "close") {
        socket.close(4'401, "as asked");
        continue;
      }
      if (text->starts_with("flood")) {
        *text = std::string(16'000, 'f');
        for (int i = 0; i < 1'000; ++i) {
          if (i > 0) written = i;
          const bool is_open = co_await socket.write(*text);
          if (!is_open) break;
        }
        continue;
      }
      co_await socket.write(std::move(*text));
    }
  }

  Task<void> say_goodbye(WebSocket& socket) override { co_await socket.write("bye"); }

  std::atomic<int> written{0};
};

// A server on a free port with `loops` threads.
class TestServer {
 public:
  explicit TestServer(HttpServer::Config config = {}, std::size_t loops = 1) : threads_(loops) {
    config.web_socket = HttpServer::WebSocketRoute{"/socket", "tidings.test", &sockets};
    server = std::make_unique<HttpServer>(threads_.loops(), handler, std::move(config));
    const auto started = server->start();
    EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().detail);
  }
  ~TestServer() {
    server->drain(seconds(5));
    server.reset();  // before its loops
  }

  // Limits under which slow peers are slow after milliseconds.
  static HttpServer::Config hurried() {
    HttpServer::Config config;
    config.limits.header_time = milliseconds(100);
    config.limits.transfer_time = milliseconds(100);
    config.limits.idle_time = milliseconds(100);
    config.limits.linger_time = milliseconds(200);
    config.limits.sweep_every = milliseconds(10);
    return config;
  }

  std::uint16_t port() const { return server->port(); }

  TestHandler handler;
  EchoSockets sockets;
  std::unique_ptr<HttpServer> server;

 private:
  LoopThreads threads_;
};

}  // namespace tidings
