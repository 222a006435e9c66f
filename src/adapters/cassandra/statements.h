#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "bridge/cql_session.h"

namespace tidings::cassandra {

// Prepares the statements of one class; the first that fails is what `result` says.
class Preparing {
 public:
  explicit Preparing(CqlSession& session) : session_(session) {}

  // Quorum, and a second attempt elsewhere when the first is slow: of writes too, since each says
  // its own timestamp or adds what is there already.
  CqlStatement statement(std::string_view text) {
    if (error_) return {};
    auto prepared = session_.prepare(text, {.speculative = true});
    if (prepared) return *prepared;
    error_ = std::move(prepared.error());
    return {};
  }

  Result<void> result() const {
    if (error_) return std::unexpected(*error_);
    return {};
  }

 private:
  CqlSession& session_;
  std::optional<Error> error_;
};

// Executes a write, whose answer says nothing.
Task<Result<void>> write(CqlSession& session, CqlStatement statement, CqlValues values,
                         Instant deadline);

// Executes a read and calls `row` for each of its rows, page by page.
template <class Row>
Task<Result<void>> for_rows(CqlSession& session, CqlStatement statement, CqlValues values,
                            Instant deadline, std::int32_t page_rows, Row row) {
  CqlCall call{deadline, page_rows, {}};
  for (;;) {
    auto executing = session.execute(statement, values, call);
    const Result<CqlRows> rows = co_await std::move(executing);
    if (!rows) co_return forward(rows);
    for (std::size_t i = 0; i < rows->size(); ++i) row((*rows)[i]);
    if (rows->next_page().empty()) co_return Result<void>();
    call.page = rows->next_page();
  }
}

}  // namespace tidings::cassandra
