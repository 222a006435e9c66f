#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

// Every way in which a call can fail without a bug in Tidings. One enumerator per problem code of
// the API; `code_name()` gives the same word in lower case with dashes.
enum class ErrorCode : std::uint8_t {
  InvalidRequest,
  InvalidCursor,
  Unauthenticated,
  BadCredentials,
  TokenExpired,
  Forbidden,
  NotAccepted,
  NotHere,
  RegistrationClosed,
  UnknownGroup,
  UnknownUser,
  UnknownMessage,
  UnknownSession,
  UnknownRoute,
  MethodNotAllowed,
  TooSlow,
  IdConflict,
  NameTaken,
  LastOwner,
  TooLarge,
  UnsupportedMediaType,
  ClockAhead,
  TooOld,
  TextTooLong,
  WeakPassword,
  TooManyReactions,
  UpgradeRequired,
  TooManyRequests,
  HeadersTooLarge,
  Internal,     // a bug or a broken store: logged, never explained to a client
  Unavailable,  // the outcome is unknown: repeat the call with the same id
};

inline constexpr int kErrorCodeCount = static_cast<int>(ErrorCode::Unavailable) + 1;

// "invalid-request" for ErrorCode::InvalidRequest.
std::string_view code_name(ErrorCode code);

struct FieldError {
  std::string field;    // "text", "to[2]", "metadata.a"
  std::string message;  // a sentence for the developer of the client
  bool operator==(const FieldError&) const = default;
};

struct Error {
  ErrorCode code;
  std::string detail;  // one sentence that says what to do; safe to show to a client
  std::vector<FieldError> fields;
  std::chrono::milliseconds retry_after{0};  // 0: no advice
  // Of a TooManyRequests, if a limit with a name refused it: that name, a literal.
  std::string_view refused_by = {};

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = std::expected<T, Error>;

// `return fail(ErrorCode::UnknownGroup);`
inline std::unexpected<Error> fail(ErrorCode code, std::string detail = {}) {
  return std::unexpected(Error{code, std::move(detail), {}, {}});
}

// An InvalidRequest that names the field at fault.
inline std::unexpected<Error> fail_field(std::string field, std::string message) {
  return std::unexpected(
      Error{ErrorCode::InvalidRequest, {}, {FieldError{std::move(field), std::move(message)}}, {}});
}

// `return forward(result);` hands an error on under another value type.
template <class T>
std::unexpected<Error> forward(Result<T>&& result) {
  return std::unexpected(std::move(result).error());
}
template <class T>
std::unexpected<Error> forward(const Result<T>& result) {
  return std::unexpected(result.error());
}

}  // namespace tidings
