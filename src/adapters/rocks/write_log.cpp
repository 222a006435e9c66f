#include "adapters/rocks/write_log.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/log.h"

namespace tidings::rocks {
namespace {

// RocksDB's log format (db/log_format.h): blocks of 32 KiB that hold
//
//   masked CRC-32C of type and payload, 4, little-endian | length 2 | type 1 | payload
//
// A record is one Full piece, or First, Middle…, Last. No piece crosses a block; a rest of less
// than a header is zeros.
constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kHeaderBytes = 7;
enum PieceType : std::uint8_t { kFull = 1, kFirst, kMiddle, kLast };

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ 0x82F63B78U : value >> 1;
    table[i] = value;
  }
  return table;
}
constexpr auto kCrcTable = make_crc_table();

std::uint32_t extend_by_table(std::uint32_t crc, std::string_view bytes) {
  for (const char c : bytes) {
    crc = kCrcTable[(crc ^ static_cast<std::uint8_t>(c)) & 0xFF] ^ crc >> 8;
  }
  return crc;
}

#ifdef __x86_64__
// Twenty times as fast as the table, which counts: a whole log is checked at every start.
__attribute__((target("sse4.2"))) std::uint32_t extend_by_processor(std::uint32_t crc,
                                                                    std::string_view bytes) {
  std::uint64_t wide = crc;
  while (bytes.size() >= sizeof(std::uint64_t)) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes.data(), sizeof eight);
    wide = __builtin_ia32_crc32di(wide, eight);
    bytes.remove_prefix(sizeof eight);
  }
  return extend_by_table(static_cast<std::uint32_t>(wide), bytes);
}
#endif

std::uint32_t extend(std::uint32_t crc, std::string_view bytes) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("sse4.2")) return extend_by_processor(crc, bytes);
#endif
  return extend_by_table(crc, bytes);
}

std::uint32_t masked_crc32c(std::string_view bytes) {
  const std::uint32_t crc = ~extend(0xFFFFFFFFU, bytes);
  return (crc >> 15 | crc << 17) + 0xA282EAD8U;
}

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

struct Piece {
  std::uint8_t type;
  std::size_t bytes;  // with its header
};

// The piece at `at`, if one stands there whole and with a right checksum.
std::optional<Piece> piece_at(std::string_view log, std::size_t at) {
  const std::size_t block_end = std::min(log.size(), (at / kBlockBytes + 1) * kBlockBytes);
  if (at + kHeaderBytes > block_end) return std::nullopt;
  const auto length = little_endian(log.substr(at + 4, 2));
  const auto type = static_cast<std::uint8_t>(log[at + 6]);
  if (type < kFull || type > kLast || at + kHeaderBytes + length > block_end) return std::nullopt;
  if (little_endian(log.substr(at, 4)) != masked_crc32c(log.substr(at + 6, 1 + length))) {
    return std::nullopt;
  }
  return Piece{type, kHeaderBytes + length};
}

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

// Whether the bytes at `at` are the beginning of a piece that the file's end cuts off.
bool is_cut_off(std::string_view log, std::size_t at) {
  if (log.size() - at < kHeaderBytes) return true;
  const auto length = little_endian(log.substr(at + 4, 2));
  const auto type = static_cast<std::uint8_t>(log[at + 6]);
  const std::size_t end = at + kHeaderBytes + length;
  return type >= kFull && type <= kLast && end > log.size() &&
         end <= (at / kBlockBytes + 1) * kBlockBytes;
}

// Whether a record begins behind `at`. Middle and Last don't count: the disk may have got them of
// a torn record whose First it never got. A damaged length says nothing about where the next piece
// begins, so every offset is tried.
bool any_record_after(std::string_view log, std::size_t at) {
  for (std::size_t i = at + 1; i + kHeaderBytes <= log.size(); ++i) {
    const auto piece = piece_at(log, i);
    if (piece && (piece->type == kFull || piece->type == kFirst)) return true;
  }
  return false;
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return std::nullopt;
  std::string bytes(size, '\0');
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size))) return std::nullopt;
  return bytes;
}

std::vector<std::filesystem::path> logs_in(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> logs;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".log") logs.push_back(entry.path());
  }
  // Numbers have at least six digits, with leading zeros.
  std::sort(logs.begin(), logs.end(), [](const auto& one, const auto& other) {
    const auto& left = one.native();
    const auto& right = other.native();
    return left.size() != right.size() ? left.size() < right.size() : left < right;
  });
  return logs;
}

// Keeps what is cut off, for whoever wants to look at it, and cuts.
Result<void> cut(const std::filesystem::path& path, std::string_view log, std::uint64_t at) {
  auto torn = path;
  torn += ".torn";
  std::ofstream(torn, std::ios::binary) << log.substr(at);
  std::error_code error;
  std::filesystem::resize_file(path, at, error);
  if (error) return fail(ErrorCode::Internal, path.string() + ": " + error.message());
  log_warn("store.log_tail_cut_off",
           {{"file", path.filename().string()}, {"bytes", log.size() - at}});
  return {};
}

}  // namespace

LogState examine_log(std::string_view log) {
  LogState state;
  state.bytes = log.size();
  std::size_t at = 0;
  bool in_record = false;
  while (at < log.size()) {
    const std::size_t block_left = kBlockBytes - at % kBlockBytes;
    if (block_left < kHeaderBytes) {
      at += block_left;
      continue;
    }
    const auto piece = piece_at(log, at);
    if (!piece) break;
    at += piece->bytes;
    in_record = piece->type == kFirst || piece->type == kMiddle;
    if (!in_record) state.good_bytes = at;
  }
  if (at >= log.size()) return state;
  // The database takes zeros for the end, but not in the middle of a record.
  if (!in_record && all_zero(log.substr(at))) return state;
  state.good_after_damage = any_record_after(log, at);
  state.damaged = state.good_after_damage || !is_cut_off(log, at);
  return state;
}

Result<void> mend_logs(const std::filesystem::path& directory) {
  const auto logs = logs_in(directory);
  for (const auto& path : logs) {
    const auto log = read_file(path);
    if (!log) return fail(ErrorCode::Internal, path.string() + " can't be read.");
    const LogState state = examine_log(*log);
    if (!state.damaged) continue;
    if (state.good_after_damage || path != logs.back()) {
      return fail(ErrorCode::Internal,
                  "The store is damaged: " + path.string() + " at byte " +
                      std::to_string(state.good_bytes) +
                      " holds acknowledged writes that can't be read. `tidings admin check` says "
                      "what is left; restore from a backup.");
    }
    if (auto done = cut(path, *log, state.good_bytes); !done) return done;
  }
  return {};
}

std::vector<std::string> damage_in_logs(const std::filesystem::path& directory) {
  std::vector<std::string> found;
  for (const auto& path : logs_in(directory)) {
    const auto log = read_file(path);
    if (!log) {
      found.push_back(path.string() + " can't be read.");
      continue;
    }
    const LogState state = examine_log(*log);
    if (!state.damaged) continue;
    found.push_back(path.string() + " is damaged at byte " + std::to_string(state.good_bytes) +
                    " of " + std::to_string(state.bytes) +
                    (state.good_after_damage ? ": acknowledged writes are lost."
                                             : ": the last commit is lost."));
  }
  return found;
}

}  // namespace tidings::rocks
