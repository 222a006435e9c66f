#include "bridge/cql_values.h"

#include "base/bytes.h"

namespace tidings {

namespace {

constexpr std::uint32_t kUnset = static_cast<std::uint32_t>(-2);
constexpr std::size_t kUuidBytes = 16;

// Writes the length of a cell of `bytes`; they follow.
ByteWriter cell(std::string& out, std::size_t bytes) {
  ByteWriter writer(out);
  writer.u32(static_cast<std::uint32_t>(bytes));
  return writer;
}

// A list: int32 count | (int32 length, bytes), and so on, all in one cell.
ByteWriter list_cell(std::string& out, std::size_t count, std::size_t bytes_each) {
  ByteWriter writer = cell(out, 4 + count * (4 + bytes_each));
  writer.u32(static_cast<std::uint32_t>(count));
  return writer;
}

}  // namespace

CqlValues& CqlValues::uuid(const Uuid& value) {
  cell(bytes_, kUuidBytes).uuid(value);
  ++count_;
  return *this;
}

CqlValues& CqlValues::uuids(std::span<const Uuid> values) {
  list_cell(bytes_, values.size(), kUuidBytes);
  for (const Uuid& value : values) cell(bytes_, kUuidBytes).uuid(value);
  ++count_;
  return *this;
}

CqlValues& CqlValues::int8(std::int8_t value) {
  cell(bytes_, 1).u8(static_cast<std::uint8_t>(value));
  ++count_;
  return *this;
}

CqlValues& CqlValues::int32(std::int32_t value) {
  cell(bytes_, 4).u32(static_cast<std::uint32_t>(value));
  ++count_;
  return *this;
}

CqlValues& CqlValues::int64(std::int64_t value) {
  cell(bytes_, 8).u64(static_cast<std::uint64_t>(value));
  ++count_;
  return *this;
}

CqlValues& CqlValues::int64s(std::span<const std::int64_t> values) {
  list_cell(bytes_, values.size(), 8);
  for (const std::int64_t value : values) cell(bytes_, 8).u64(static_cast<std::uint64_t>(value));
  ++count_;
  return *this;
}

CqlValues& CqlValues::time(Time value) { return int64(to_ms(value)); }

CqlValues& CqlValues::boolean(bool value) { return int8(value ? 1 : 0); }

CqlValues& CqlValues::text(std::string_view value) {
  cell(bytes_, value.size()).raw(value);
  ++count_;
  return *this;
}

CqlValues& CqlValues::blob(std::string_view value) { return text(value); }

CqlValues& CqlValues::null() {
  ByteWriter(bytes_).u32(static_cast<std::uint32_t>(-1));
  ++count_;
  return *this;
}

CqlValues& CqlValues::unset() {
  ByteWriter(bytes_).u32(kUnset);
  ++count_;
  return *this;
}

}  // namespace tidings
