#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidings {

// One file of an archive: JSON lines, each bound to the ones before it.
//
//   {"archive":"tidings","version":1,"kind":"blocks","check":"0f…"}
//   {"blocker":"…","blocked":"…","check":"77…"}
//   {"end":1,"last":true,"check":"a1…"}
//
// `check` is the first 8 bytes of SHA-256 over the line before's check (none: nothing) and the line
// without its own: a byte that changed, a line that is missing, repeated or elsewhere shows at that
// line. `end` is how many records there are; `last` says that no file of this kind follows.
struct ArchiveFileEnd {
  std::uint64_t records = 0;
  bool is_last = false;
  std::string check;  // of the line that ends it
};

// Writes a file that only its owner may read. Under another name until it is whole and on disk.
class ArchiveFileWriter {
 public:
  // Errors of every method: InvalidRequest   it can't be written; the detail says why
  static Result<std::unique_ptr<ArchiveFileWriter>> create(std::filesystem::path path,
                                                           std::string_view kind);
  ~ArchiveFileWriter();
  ArchiveFileWriter(const ArchiveFileWriter&) = delete;
  ArchiveFileWriter& operator=(const ArchiveFileWriter&) = delete;

  // `json` is an object on one line.
  Result<void> add(std::string_view json);
  Result<ArchiveFileEnd> close(bool is_last);

  std::uint64_t bytes() const { return bytes_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  ArchiveFileWriter(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  Result<void> add_line(std::string_view json);
  Result<void> flush();
  std::unexpected<Error> cant_write(int error) const;

  std::filesystem::path path_;
  int fd_;
  std::string waiting_;
  std::string check_;
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
};

class ArchiveFileReader {
 public:
  // Errors: InvalidRequest   there is no such file of this kind, or another version wrote it
  static Result<std::unique_ptr<ArchiveFileReader>> open(std::filesystem::path path,
                                                         std::string_view kind);

  // The next record without its check, good until the next call; nothing behind the last.
  // Errors: InvalidRequest   damaged; the detail names the file and the line
  Result<std::optional<std::string_view>> next();
  // Once next() answered nothing.
  const ArchiveFileEnd& end() const { return end_; }

  // An error about the line that was read last.
  std::unexpected<Error> damaged(const std::string& why) const;

 private:
  explicit ArchiveFileReader(std::filesystem::path path);
  Result<std::string_view> read_line();

  std::filesystem::path path_;
  std::ifstream file_;
  std::vector<char> buffer_;
  std::string line_;
  std::string check_;
  std::uint64_t line_number_ = 0;
  std::uint64_t records_ = 0;
  bool at_end_ = false;
  ArchiveFileEnd end_;
};

// Makes what was done to the names in a directory last. Errors: InvalidRequest
Result<void> sync_directory(const std::filesystem::path& directory);

}  // namespace tidings
