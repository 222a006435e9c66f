#include "app/archive_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <span>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "wire/json_fields.h"
#include "wire/json_writer.h"

namespace tidings {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kCheckDigits = 16;
constexpr std::string_view kCheckKey = ",\"check\":\"";
// Behind the fields of each line: the key, the digits, a quote and a brace.
constexpr std::size_t kCheckBytes = kCheckKey.size() + kCheckDigits + 2;
constexpr std::size_t kWriteBytes = 1 << 20;
// The longest message takes 256 KiB as it is sent, and each of its characters may be escaped.
constexpr std::size_t kLineBytesMax = 4 << 20;

std::string check_of(const std::string& before, std::string_view json) {
  const Sha256 hash = sha256(as_bytes_of(before), as_bytes_of(json));
  return to_hex(std::span(hash).first(kCheckDigits / 2));
}

std::filesystem::path unfinished(const std::filesystem::path& path) {
  auto name = path;
  name += ".part";
  return name;
}

std::string begin_line(std::string_view kind) {
  std::string json;
  JsonWriter(json)
      .begin_object()
      .key("archive")
      .text("tidings")
      .key("version")
      .number(kVersion)
      .key("kind")
      .text(kind)
      .end_object();
  return json;
}

}  // namespace

Result<std::unique_ptr<ArchiveFileWriter>> ArchiveFileWriter::create(std::filesystem::path path,
                                                                     std::string_view kind) {
  const auto name = unfinished(path);
  const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  std::unique_ptr<ArchiveFileWriter> writer(new ArchiveFileWriter(std::move(path), fd));
  if (fd < 0) return writer->cant_write(errno);
  if (auto begun = writer->add_line(begin_line(kind)); !begun) return forward(std::move(begun));
  return writer;
}

ArchiveFileWriter::~ArchiveFileWriter() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> ArchiveFileWriter::add(std::string_view json) {
  ++records_;
  return add_line(json);
}

Result<void> ArchiveFileWriter::add_line(std::string_view json) {
  check_ = check_of(check_, json);
  waiting_.append(json.substr(0, json.size() - 1));
  waiting_.append(kCheckKey).append(check_).append("\"}\n");
  bytes_ += json.size() + kCheckBytes;
  return waiting_.size() < kWriteBytes ? Result<void>() : flush();
}

Result<void> ArchiveFileWriter::flush() {
  std::string_view left = waiting_;
  while (!left.empty()) {
    const ssize_t written = ::write(fd_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cant_write(errno);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  waiting_.clear();
  return {};
}

Result<ArchiveFileEnd> ArchiveFileWriter::close(bool is_last) {
  std::string json;
  JsonWriter(json)
      .begin_object()
      .key("end")
      .number(records_)
      .key("last")
      .boolean(is_last)
      .end_object();
  if (auto added = add_line(json); !added) return forward(std::move(added));
  if (auto flushed = flush(); !flushed) return forward(std::move(flushed));
  if (::fsync(fd_) != 0) return cant_write(errno);
  std::error_code error;
  std::filesystem::rename(unfinished(path_), path_, error);
  if (error) return cant_write(error.value());
  return ArchiveFileEnd{records_, is_last, check_};
}

std::unexpected<Error> ArchiveFileWriter::cant_write(int error) const {
  return fail(ErrorCode::InvalidRequest, path_.string() + " can't be written: " +
                                             std::generic_category().message(error) + ".");
}

ArchiveFileReader::ArchiveFileReader(std::filesystem::path path)
    : path_(std::move(path)), file_(path_, std::ios::binary), buffer_(kLineBytesMax) {}

Result<std::unique_ptr<ArchiveFileReader>> ArchiveFileReader::open(std::filesystem::path path,
                                                                   std::string_view kind) {
  std::unique_ptr<ArchiveFileReader> reader(new ArchiveFileReader(std::move(path)));
  if (!reader->file_.is_open()) {
    return fail(ErrorCode::InvalidRequest, reader->path_.string() + " can't be read.");
  }
  const auto line = reader->read_line();
  if (!line) return forward(line);
  if (*line != begin_line(kind)) {
    return reader->damaged("this is not the beginning of " + std::string(kind) +
                           " in a version of the archive that this program knows");
  }
  return reader;
}

Result<std::optional<std::string_view>> ArchiveFileReader::next() {
  if (at_end_) return std::optional<std::string_view>();
  const auto line = read_line();
  if (!line) return forward(line);
  if (!line->starts_with("{\"end\":")) {
    ++records_;
    return std::optional(*line);
  }
  const auto document = JsonDocument::parse(*line);
  if (!document) return damaged("this is no JSON");
  JsonFields fields(document->root());
  end_.records = fields.number("end", 0, std::numeric_limits<std::int64_t>::max()).value_or(0);
  end_.is_last = fields.boolean("last").value_or(false);
  end_.check = check_;
  if (!fields.finish() || end_.records != records_) return damaged("records are missing");
  if (file_.peek() != std::ifstream::traits_type::eof()) return damaged("the file goes on");
  at_end_ = true;
  return std::optional<std::string_view>();
}

Result<std::string_view> ArchiveFileReader::read_line() {
  ++line_number_;
  file_.getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  if (file_.eof()) return damaged("the file ends too early");
  if (!file_) return damaged("this line is too long, or the file can't be read");
  const std::string_view line(buffer_.data(), static_cast<std::size_t>(file_.gcount()) - 1);
  if (line.size() <= kCheckBytes) return damaged("the line has no check");
  const auto check = line.substr(line.size() - kCheckDigits - 2, kCheckDigits);
  line_.assign(line.substr(0, line.size() - kCheckBytes)).push_back('}');
  check_ = check_of(check_, line_);
  const bool has_key = line.substr(line.size() - kCheckBytes, kCheckKey.size()) == kCheckKey &&
                       line.ends_with("\"}");
  if (!has_key || check != check_) return damaged("the line is not as it was written");
  return std::string_view(line_);
}

std::unexpected<Error> ArchiveFileReader::damaged(const std::string& why) const {
  return fail(ErrorCode::InvalidRequest,
              path_.string() + ':' + std::to_string(line_number_) + ": " + why + '.');
}

Result<void> sync_directory(const std::filesystem::path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool is_synced = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (is_synced) return {};
  return fail(ErrorCode::InvalidRequest, directory.string() + " can't be written: " +
                                             std::generic_category().message(error) + ".");
}

}  // namespace tidings
