#include "bridge/cql_session.h"

#include <tidings-driver/src/lib.rs.h>

#include <utility>

#include "base/bytes.h"
#include "base/ensure.h"
#include "base/run_loop.h"
#include "bridge/driver_call.h"
#include "bridge/with_keyspace.h"

namespace tidings {

namespace {

constexpr milliseconds kPrepareWithin{10'000};

std::unexpected<Error> too_late() {
  return fail(ErrorCode::Unavailable, "the deadline had passed before the call was sent");
}

std::unexpected<Error> window_full() {
  return fail(ErrorCode::Unavailable, "too many calls to the store are in flight");
}

rust::String to_rust(const std::string& text) { return rust::String::lossy(text); }

driver::CqlConfig config_of(const CqlOptions& options) {
  driver::CqlConfig config;
  for (const std::string& point : options.contact_points) {
    config.contact_points.push_back(to_rust(point));
  }
  config.local_datacenter = to_rust(options.local_datacenter);
  config.local_rack = to_rust(options.local_rack);
  config.keyspace = to_rust(options.keyspace);
  config.user = to_rust(options.user);
  config.password = to_rust(options.password);
  return config;
}

CqlRows to_rows(DriverPart&& part) {
  return {std::move(part.cells), part.width, part.rows, std::move(part.next_page)};
}

// One cell of four bytes.
std::uint32_t to_number(const DriverAnswer& answer) {
  ensure(answer->size() == 1 && answer->front().cells.size() == 4, "a number of a statement");
  const std::vector<char>& cells = answer->front().cells;
  return ByteReader(std::string_view(cells.data(), cells.size())).u32();
}

}  // namespace

struct CqlSession::Impl {
  rust::Box<driver::CqlDriver> driver;
  std::string keyspace;
  std::shared_ptr<CallWindow> window;

  explicit Impl(const CqlOptions& options)
      : driver(driver::cql_driver(config_of(options))),
        keyspace(options.keyspace),
        window(std::make_shared<CallWindow>(options.in_flight_max)) {}

  // For those that block: gives the driver a call by `begin` and waits for its answer, on a loop of
  // its own.
  template <class Begin>
  DriverAnswer wait_for(Begin begin) {
    return block_on(answer_of(std::move(begin)));
  }
  template <class Begin>
  Task<DriverAnswer> answer_of(Begin begin) {
    Completion<DriverAnswer> answer;
    auto call = begin_call(window, answer);
    if (!call) co_return window_full();
    begin(std::move(call));
    co_return co_await answer;
  }

  static std::uint64_t to_us(milliseconds within) {
    return static_cast<std::uint64_t>(std::chrono::microseconds(within).count());
  }
};

CqlSession::CqlSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

CqlSession::~CqlSession() {
  impl_->driver->close();
  impl_->window->wait_until_idle();
}

Result<std::unique_ptr<CqlSession>> CqlSession::connect(const CqlOptions& options) {
  if (options.contact_points.empty()) {
    return fail(ErrorCode::InvalidRequest, "no contact point of the store is named");
  }
  auto impl = std::make_unique<Impl>(options);
  auto connected = impl->wait_for([&](std::unique_ptr<DriverCall> call) {
    impl->driver->connect(Impl::to_us(options.connect_deadline), std::move(call));
  });
  if (!connected) return forward(std::move(connected));
  return std::unique_ptr<CqlSession>(new CqlSession(std::move(impl)));
}

Result<CqlStatement> CqlSession::prepare(std::string_view text, CqlTraits traits) {
  const driver::StatementTraits told{static_cast<std::uint8_t>(traits.consistency),
                                     traits.idempotent, traits.speculative};
  const std::string named = with_keyspace(text, impl_->keyspace);
  const auto answer = impl_->wait_for([&](std::unique_ptr<DriverCall> call) {
    impl_->driver->prepare(as_slice(named), told, Impl::to_us(kPrepareWithin), std::move(call));
  });
  if (!answer) return forward(answer);
  CqlStatement statement;
  statement.number_ = to_number(answer);
  return statement;
}

Result<CqlRows> CqlSession::run(std::string_view text, milliseconds within) {
  const std::string named = with_keyspace(text, impl_->keyspace);
  auto answer = impl_->wait_for([&](std::unique_ptr<DriverCall> call) {
    impl_->driver->run(as_slice(named), Impl::to_us(within), std::move(call));
  });
  if (!answer) return forward(std::move(answer));
  return to_rows(std::move(answer->front()));
}

Task<Result<CqlRows>> CqlSession::execute(CqlStatement statement, CqlValues values, CqlCall call) {
  const std::uint64_t within_us = time_left_us(call.deadline);
  if (within_us == 0) {
    impl_->window->missed();
    co_return too_late();
  }
  Completion<DriverAnswer> answer;
  auto driver_call = begin_call(impl_->window, answer);
  if (!driver_call) co_return window_full();
  impl_->driver->execute(statement.number_, as_slice(values.bytes()), call.page_rows,
                         as_slice(call.page), within_us, std::move(driver_call));
  auto parts = co_await answer;
  // The session may be gone: nothing of it is touched from here on.
  if (!parts) co_return forward(std::move(parts));
  co_return to_rows(std::move(parts->front()));
}

Task<Result<void>> CqlSession::execute_batch(std::vector<CqlBound> statements, CqlCall call) {
  const std::uint64_t within_us = time_left_us(call.deadline);
  if (within_us == 0) {
    impl_->window->missed();
    co_return too_late();
  }
  Completion<DriverAnswer> answer;
  auto driver_call = begin_call(impl_->window, answer);
  if (!driver_call) co_return window_full();
  rust::Vec<driver::Bound> bound;
  for (const CqlBound& each : statements) {
    driver::Bound one;
    one.statement = each.statement.number_;
    const rust::Slice<const std::uint8_t> bytes = as_slice(each.values.bytes());
    one.values.reserve(bytes.size());
    for (const std::uint8_t byte : bytes) one.values.push_back(byte);
    bound.push_back(std::move(one));
  }
  impl_->driver->execute_batch(std::move(bound), within_us, std::move(driver_call));
  auto parts = co_await answer;
  if (!parts) co_return forward(std::move(parts));
  co_return Result<void>{};
}

Task<Result<std::vector<CqlRows>>> CqlSession::execute_on_each_node(CqlStatement statement,
                                                                    CqlCall call) {
  const std::uint64_t within_us = time_left_us(call.deadline);
  if (within_us == 0) {
    impl_->window->missed();
    co_return too_late();
  }
  Completion<DriverAnswer> answer;
  auto driver_call = begin_call(impl_->window, answer);
  if (!driver_call) co_return window_full();
  impl_->driver->execute_on_each_node(statement.number_, within_us, std::move(driver_call));
  auto parts = co_await answer;
  if (!parts) co_return forward(std::move(parts));
  std::vector<CqlRows> answers;
  answers.reserve(parts->size());
  for (DriverPart& part : *parts) answers.push_back(to_rows(std::move(part)));
  co_return std::move(answers);
}

Result<std::chrono::microseconds> CqlSession::raw_inserts(CqlStatement statement,
                                                          std::uint64_t count,
                                                          std::uint32_t in_flight,
                                                          std::uint32_t blob_bytes) {
  const auto answer = impl_->wait_for([&](std::unique_ptr<DriverCall> call) {
    impl_->driver->raw_inserts(statement.number_, count, in_flight, blob_bytes, std::move(call));
  });
  if (!answer) return forward(answer);
  const std::vector<char>& cells = answer->front().cells;
  const std::uint64_t took_us = ByteReader(std::string_view(cells.data(), cells.size())).u64();
  return std::chrono::microseconds(took_us);
}

CqlSession::Stats CqlSession::stats() const {
  const CallWindow& window = *impl_->window;
  return {window.executed(), window.failed(),  window.refused(),
          window.answered(), window.took_us(), window.in_flight()};
}

}  // namespace tidings
