#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"

namespace tidings {

// One row of an answer; views into it, which must outlive it.
//
// Columns are read by their place in the SELECT. A value of another size than its type has means
// that the schema is not ours: `ensure`.
class CqlRow {
 public:
  explicit CqlRow(std::span<const std::optional<std::string_view>> columns) : columns_(columns) {}

  bool is_null(std::size_t column) const { return !columns_[column].has_value(); }
  // Of a null: the zero of the type.
  Uuid uuid(std::size_t column) const;
  std::int8_t int8(std::size_t column) const;
  std::int32_t int32(std::size_t column) const;
  std::int64_t int64(std::size_t column) const;
  Time time(std::size_t column) const;
  bool boolean(std::size_t column) const;
  std::string_view text(std::size_t column) const;
  std::string_view blob(std::size_t column) const { return text(column); }

 private:
  std::span<const std::optional<std::string_view>> columns_;
};

// What a statement answered. Of a conditional one the first column is `[applied]`; when it is false
// the others are what stands there.
class CqlRows {
 public:
  std::size_t size() const;
  bool empty() const { return size() == 0; }
  CqlRow operator[](std::size_t row) const;
  bool applied() const { return !empty() && (*this)[0].boolean(0); }

  // Where the next page begins; empty when this was the last one.
  const std::string& next_page() const { return next_page_; }

 private:
  friend class CqlSession;
  std::string bytes_;
  std::vector<std::optional<std::string_view>> columns_;
  std::size_t width_ = 0;
  std::size_t rows_ = 0;
  std::string next_page_;
};

}  // namespace tidings
