#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/cassandra/write_times.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "bridge/cql_session.h"

namespace tidings::cassandra {

// A read of one row: asked of a second node when the first takes long.
inline constexpr CqlTraits kRowRead{.speculative = true};
inline constexpr CqlTraits kListRead{};
inline constexpr CqlTraits kWrite{};
// A lightweight transaction. When it times out nobody knows whether it was applied: it must not be
// repeated blindly, and is answered with Unavailable. Whoever tries again reads first.
inline constexpr CqlTraits kTransaction{.idempotent = false};

// The shared session with the one deadline that all statements about people and groups have: 2 s.
// Safe from any thread; the session and the clock outlive it.
class TimedSession {
 public:
  struct Wanted {
    CqlStatement& statement;
    std::string_view text;
    CqlTraits traits;
  };

  TimedSession(CqlSession& session, const Clock& clock) : session_(session), clock_(clock) {}

  // Prepares all of them; blocks. Errors: Unavailable, and Internal when the schema is another
  Result<void> prepare(std::initializer_list<Wanted> wanted);

  Task<Result<CqlRows>> run(CqlStatement statement, CqlValues values);
  // One page of `page_rows`, after the page that ended at `page`.
  Task<Result<CqlRows>> run_page(CqlStatement statement, CqlValues values, std::int32_t page_rows,
                                 std::string page);
  // A statement that answers nothing.
  Task<Result<void>> write(CqlStatement statement, CqlValues values);
  // A transaction: whether it was applied.
  Task<Result<bool>> apply(CqlStatement statement, CqlValues values);

  const Clock& clock() const { return clock_; }

 private:
  CqlSession& session_;
  const Clock& clock_;
};

// What a row says can't be: a line in the log, and Internal.
std::unexpected<Error> fail_damaged(std::string_view table, std::string_view key);

// A small enumeration that was stored as a number; false when it is none of its values.
template <class Enum>
bool read_enum(std::int8_t stored, Enum first, Enum last, Enum& value) {
  if (stored < static_cast<int>(first) || stored > static_cast<int>(last)) return false;
  value = static_cast<Enum>(stored);
  return true;
}

// A time that is not set is stored as 0: no column is ever null.
inline Time or_zero(const std::optional<Time>& time) { return time.value_or(from_ms(0)); }
inline std::optional<Time> unless_zero(Time time) {
  return time == from_ms(0) ? std::nullopt : std::optional(time);
}

}  // namespace tidings::cassandra
