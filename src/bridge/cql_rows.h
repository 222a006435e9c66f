#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"

namespace tidings {

// One row of an answer; views into it, which must outlive it.
//
// Columns are read by their place in the SELECT. A value of another size than its type has means
// that the schema is not ours: `ensure`.
class CqlRow {
 public:
  explicit CqlRow(std::span<const std::optional<std::string_view>> columns) : columns_(columns) {}

  bool is_null(std::size_t column) const { return !cell(column).has_value(); }
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
  const std::optional<std::string_view>& cell(std::size_t column) const;
  // Its bytes; nothing when it is null.
  std::optional<std::string_view> fixed(std::size_t column, std::size_t bytes) const;

  std::span<const std::optional<std::string_view>> columns_;
};

// What a statement answered. Of a conditional one the first column is `[applied]`; when it is false
// the others are what stands there.
class CqlRows {
 public:
  CqlRows() = default;
  // `cells` as the store sent them, `width` to a row: int32 length (-1: null) | bytes, and so on.
  CqlRows(std::vector<char> cells, std::size_t width, std::size_t rows, std::string next_page);
  // What `columns_` points to moves with it, and does not change its place.
  CqlRows(CqlRows&&) = default;
  CqlRows& operator=(CqlRows&&) = default;

  std::size_t size() const { return rows_; }
  bool empty() const { return size() == 0; }
  CqlRow operator[](std::size_t row) const;
  bool applied() const { return !empty() && (*this)[0].boolean(0); }

  // Where the next page begins; empty when this was the last one.
  const std::string& next_page() const { return next_page_; }

 private:
  std::vector<char> bytes_;
  std::vector<std::optional<std::string_view>> columns_;
  std::size_t width_ = 0;
  std::size_t rows_ = 0;
  std::string next_page_;
};

}  // namespace tidings
