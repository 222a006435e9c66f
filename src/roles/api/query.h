#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/list_page.h"
#include "model/ids.h"

namespace tidings {

// The parameters of a query, read as strictly as a body. A value that is wrong counts as absent and
// is kept in a list; `finish` hands that out.
class Query {
 public:
  // Parameters that are not among `known`, or are there twice, are wrong. '+' is a plus sign.
  Query(std::string_view encoded, std::span<const std::string_view> known);

  bool has(std::string_view key) const { return find(key) != nullptr; }

  std::optional<std::string> text(std::string_view key) const;
  // "a,b": absent is empty, and no part is.
  std::vector<std::string> list(std::string_view key);
  // "true" or "false"; absent is false.
  bool flag(std::string_view key);
  std::size_t limit();  // 1 to 200, default 50
  std::optional<std::size_t> number(std::string_view key, std::size_t min, std::size_t max);
  std::optional<Time> time(std::string_view key);
  // The id of a message, or a bound between ids such as `skipped` names.
  std::optional<MessageId> bound(std::string_view key);
  ListRequest list_request();

  void wrong(std::string_view key, std::string message);

  // Errors: InvalidRequest naming each parameter that is wrong
  Result<void> finish();

 private:
  struct Parameter {
    std::string key;
    std::string value;
  };
  const std::string* find(std::string_view key) const;

  std::vector<Parameter> parameters_;
  std::vector<FieldError> errors_;
};

}  // namespace tidings
