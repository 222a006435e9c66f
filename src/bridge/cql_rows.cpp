#include "bridge/cql_rows.h"

#include <utility>

#include "base/bytes.h"
#include "base/ensure.h"

namespace tidings {

const std::optional<std::string_view>& CqlRow::cell(std::size_t column) const {
  ensure(column < columns_.size(), "a column that was not selected");
  return columns_[column];
}

std::optional<std::string_view> CqlRow::fixed(std::size_t column, std::size_t bytes) const {
  const auto& found = cell(column);
  ensure(!found || found->size() == bytes, "a column of another type");
  return found;
}

Uuid CqlRow::uuid(std::size_t column) const {
  const auto bytes = fixed(column, 16);
  return bytes ? ByteReader(*bytes).uuid() : Uuid{};
}

std::int8_t CqlRow::int8(std::size_t column) const {
  const auto bytes = fixed(column, 1);
  return bytes ? static_cast<std::int8_t>(ByteReader(*bytes).u8()) : std::int8_t{0};
}

std::int32_t CqlRow::int32(std::size_t column) const {
  const auto bytes = fixed(column, 4);
  return bytes ? static_cast<std::int32_t>(ByteReader(*bytes).u32()) : 0;
}

std::int64_t CqlRow::int64(std::size_t column) const {
  const auto bytes = fixed(column, 8);
  return bytes ? static_cast<std::int64_t>(ByteReader(*bytes).u64()) : 0;
}

Time CqlRow::time(std::size_t column) const { return from_ms(int64(column)); }

bool CqlRow::boolean(std::size_t column) const { return int8(column) != 0; }

std::string_view CqlRow::text(std::size_t column) const {
  return cell(column).value_or(std::string_view{});
}

CqlRows::CqlRows(std::vector<char> cells, std::size_t width, std::size_t rows,
                 std::string next_page)
    : bytes_(std::move(cells)), width_(width), rows_(rows), next_page_(std::move(next_page)) {
  columns_.reserve(width_ * rows_);
  ByteReader reader(std::string_view(bytes_.data(), bytes_.size()));
  for (std::size_t i = 0; i < width_ * rows_; ++i) {
    const auto length = static_cast<std::int32_t>(reader.u32());
    if (length < 0) {
      columns_.emplace_back();
    } else {
      columns_.emplace_back(reader.raw(static_cast<std::size_t>(length)));
    }
  }
  ensure(reader.at_end(), "as many cells as the driver counted");
}

CqlRow CqlRows::operator[](std::size_t row) const {
  ensure(row < rows_, "a row that is there");
  return CqlRow(std::span(columns_).subspan(row * width_, width_));
}

}  // namespace tidings
