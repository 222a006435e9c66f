#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>
#include <coroutine>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tidings {

// The bridge between Asio and our coroutines, for this room's .cpp files:
//
//   auto waiting = socket.async_wait(tcp::socket::wait_read, use_task);
//   const auto [error] = co_await waiting;
//
// The operation starts when it is awaited and resumes the coroutine on the thread that runs the
// socket's context. Errors are values.
struct UseTask {};
inline constexpr UseTask use_task;

template <class Results, class Initiation, class... Arguments>
class AsioOperation;

template <class... Results, class Initiation, class... Arguments>
class AsioOperation<std::tuple<Results...>, Initiation, Arguments...> {
 public:
  template <class... Given>
  explicit AsioOperation(Initiation initiation, Given&&... arguments)
      : initiation_(std::move(initiation)), arguments_(std::forward<Given>(arguments)...) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) {
    std::apply(
        [&](auto&... arguments) {
          std::move(initiation_)(Handler{this, coroutine}, std::move(arguments)...);
        },
        arguments_);
  }
  std::tuple<Results...> await_resume() { return std::move(*results_); }

 private:
  struct Handler {
    AsioOperation* operation;
    std::coroutine_handle<> coroutine;
    void operator()(Results... results) const {
      operation->results_.emplace(std::move(results)...);
      coroutine.resume();
    }
  };

  Initiation initiation_;
  std::tuple<Arguments...> arguments_;
  std::optional<std::tuple<Results...>> results_;
};

}  // namespace tidings

template <class... Results>
class boost::asio::async_result<tidings::UseTask, void(Results...)> {
 public:
  template <class Initiation, class... Arguments>
  static auto initiate(Initiation initiation, tidings::UseTask, Arguments&&... arguments) {
    return tidings::AsioOperation<std::tuple<std::decay_t<Results>...>, Initiation,
                                  std::decay_t<Arguments>...>(
        std::move(initiation), std::forward<Arguments>(arguments)...);
  }
};
