#include "adapters/cassandra/timed_session.h"

#include "base/log.h"
#include "model/limits.h"

namespace tidings::cassandra {

Result<void> TimedSession::prepare(std::initializer_list<Wanted> wanted) {
  for (const Wanted& each : wanted) {
    auto prepared = session_.prepare(each.text, each.traits);
    if (!prepared) return forward(std::move(prepared));
    each.statement = *prepared;
  }
  return {};
}

Task<Result<CqlRows>> TimedSession::run(CqlStatement statement, CqlValues values) {
  return run_page(statement, std::move(values), 0, {});
}

Task<Result<CqlRows>> TimedSession::run_page(CqlStatement statement, CqlValues values,
                                             std::int32_t page_rows, std::string page) {
  CqlCall call{clock_.monotonic() + kWriteDeadline, page_rows, std::move(page)};
  return session_.execute(statement, std::move(values), std::move(call));
}

Task<Result<void>> TimedSession::write(CqlStatement statement, CqlValues values) {
  const auto answer = co_await run(statement, std::move(values));
  if (!answer) co_return forward(answer);
  co_return {};
}

Task<Result<bool>> TimedSession::apply(CqlStatement statement, CqlValues values) {
  const auto answer = co_await run(statement, std::move(values));
  if (!answer) co_return forward(answer);
  co_return answer->applied();
}

std::unexpected<Error> fail_damaged(std::string_view table, std::string_view key) {
  log_error("cassandra.damaged_row", {{"table", table}, {"key", key}});
  return fail(ErrorCode::Internal);
}

}  // namespace tidings::cassandra
