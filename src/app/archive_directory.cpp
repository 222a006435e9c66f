#include "app/archive_directory.h"

#include <sys/stat.h>

#include <cstdio>
#include <limits>
#include <system_error>

#include "base/ensure.h"
#include "wire/archive_json.h"
#include "wire/json_fields.h"
#include "wire/json_writer.h"

namespace tidings {
namespace {

constexpr const char* kList = "archive.jsonl";
constexpr std::string_view kListKind = "archive";
// Stands in a directory as long as its archive is not whole.
constexpr const char* kUnfinished = "unfinished";
constexpr std::size_t kFilesMax = 999'999;

std::string file_name(ArchiveKind kind, std::size_t number) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "-%06zu.jsonl", number);
  return std::string(name_of(kind)) + digits;
}

std::optional<ArchiveKind> archive_kind_of(std::string_view name) {
  for (std::size_t i = 0; i < kArchiveKinds; ++i) {
    const auto kind = static_cast<ArchiveKind>(i);
    if (name_of(kind) == name) return kind;
  }
  return std::nullopt;
}

std::string why(const Error& error) {
  std::string text = error.detail.empty() ? "this is no such record" : error.detail;
  for (const FieldError& field : error.fields) text += " " + field.field + ": " + field.message;
  while (text.ends_with('.')) text.pop_back();
  return text;
}

std::unexpected<Error> refuse(const std::filesystem::path& directory, const std::string& what) {
  return fail(ErrorCode::InvalidRequest, directory.string() + ' ' + what);
}

}  // namespace

Result<std::unique_ptr<ArchiveDirectoryWriter>> ArchiveDirectoryWriter::open(
    std::filesystem::path directory, std::uint64_t message_file_bytes) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return refuse(directory, "can't be made: " + error.message() + ".");
  const bool is_empty = std::filesystem::is_empty(directory, error);
  if (error) return refuse(directory, "can't be read: " + error.message() + ".");
  if (std::filesystem::exists(directory / kList, error)) {
    return refuse(directory, "holds a finished archive. Name a directory that does not exist yet.");
  }
  const bool is_ours = std::filesystem::exists(directory / kUnfinished, error);
  if (!is_empty && !is_ours) {
    return refuse(directory,
                  "holds something that is no archive. Name a directory that does not exist yet.");
  }
  // Hashes of passwords are in there.
  if (::chmod(directory.c_str(), 0700) != 0) return refuse(directory, "is not yours.");
  std::unique_ptr<ArchiveDirectoryWriter> writer(
      new ArchiveDirectoryWriter(std::move(directory), message_file_bytes));
  if (!is_ours) {
    std::FILE* const mark = std::fopen((writer->directory_ / kUnfinished).c_str(), "w");
    if (mark == nullptr) return refuse(writer->directory_, "can't be written.");
    std::fclose(mark);
  }
  writer->is_resumed_ = is_ours;
  for (std::size_t i = 0; i < kArchiveKinds; ++i) {
    auto taken = writer->take_over(static_cast<ArchiveKind>(i));
    if (!taken) return forward(std::move(taken));
  }
  return writer;
}

// Files have their name only when they are whole. Those of messages are kept one by one, of other
// kinds all or none: only messages are so many that it matters.
Result<void> ArchiveDirectoryWriter::take_over(ArchiveKind kind) {
  Kind& found = of(kind);
  std::error_code error;
  for (std::size_t number = 1; number <= kFilesMax; ++number) {
    const auto name = file_name(kind, number);
    if (!std::filesystem::exists(directory_ / name, error)) break;
    const auto file = ArchiveFileReader::open(directory_ / name, name_of(kind));
    if (!file) return forward(file);
    std::string last;
    while (true) {
      const auto line = (*file)->next();
      if (!line) return forward(line);
      if (!*line) break;
      last = **line;
    }
    found.files.push_back({name, (*file)->end()});
    found.is_finished = (*file)->end().is_last;
    if (kind != ArchiveKind::Messages || last.empty()) continue;
    const auto record = decode_record(kind, last);
    if (!record) return (*file)->damaged(why(record.error()));
    const auto& message = std::get<Message>(*record);
    last_message_ = {message.group, message.id};
  }
  if (!found.is_finished && kind != ArchiveKind::Messages) found.files.clear();
  return {};
}

Result<void> ArchiveDirectoryWriter::begin_file(ArchiveKind kind) {
  const auto path = directory_ / file_name(kind, of(kind).files.size() + 1);
  auto file = ArchiveFileWriter::create(path, name_of(kind));
  if (!file) return forward(std::move(file));
  file_ = std::move(*file);
  file_kind_ = kind;
  return {};
}

Result<void> ArchiveDirectoryWriter::end_file(ArchiveKind kind, bool is_last) {
  auto end = file_->close(is_last);
  if (!end) return forward(std::move(end));
  of(kind).files.push_back({file_->path().filename().string(), std::move(*end)});
  of(kind).is_finished = is_last;
  file_.reset();
  return sync_directory(directory_);
}

Result<void> ArchiveDirectoryWriter::add(const ArchiveRecord& record) {
  const ArchiveKind kind = kind_of(record);
  if (!file_) {
    if (auto begun = begin_file(kind); !begun) return begun;
  }
  ensure(file_kind_ == kind, "one kind of record is written at a time");
  if (auto added = file_->add(encode_record(record)); !added) return added;
  const bool is_full = kind == ArchiveKind::Messages && file_->bytes() >= message_file_bytes_;
  return is_full ? end_file(kind, /*is_last=*/false) : Result<void>();
}

Result<void> ArchiveDirectoryWriter::finish(ArchiveKind kind) {
  if (!file_) {
    if (auto begun = begin_file(kind); !begun) return begun;
  }
  ensure(file_kind_ == kind, "one kind of record is written at a time");
  return end_file(kind, /*is_last=*/true);
}

Result<void> ArchiveDirectoryWriter::close() {
  auto list = ArchiveFileWriter::create(directory_ / kList, kListKind);
  if (!list) return forward(std::move(list));
  for (std::size_t i = 0; i < kArchiveKinds; ++i) {
    const auto kind = static_cast<ArchiveKind>(i);
    ensure(has(kind), "every kind was finished");
    for (const File& file : of(kind).files) {
      std::string json;
      JsonWriter writer(json);
      writer.begin_object().key("kind").text(name_of(kind)).key("file").text(file.name);
      writer.key("records").number(file.end.records);
      writer.key("ends_with").text(file.end.check).end_object();
      if (auto added = (*list)->add(json); !added) return added;
    }
  }
  const auto closed = (*list)->close(/*is_last=*/true);
  if (!closed) return forward(closed);
  std::error_code error;
  std::filesystem::remove(directory_ / kUnfinished, error);
  return sync_directory(directory_);
}

std::uint64_t ArchiveDirectoryWriter::count(ArchiveKind kind) const {
  std::uint64_t records = 0;
  for (const File& file : of(kind).files) records += file.end.records;
  return records;
}

Result<std::unique_ptr<ArchiveDirectoryReader>> ArchiveDirectoryReader::open(
    std::filesystem::path directory) {
  std::error_code error;
  if (!std::filesystem::exists(directory / kList, error)) {
    const bool is_begun = std::filesystem::exists(directory / kUnfinished, error);
    return refuse(directory,
                  is_begun ? "holds an archive that is not finished. Run the export again: it "
                             "goes on where it was."
                           : "holds no archive.");
  }
  std::unique_ptr<ArchiveDirectoryReader> reader(new ArchiveDirectoryReader(std::move(directory)));
  if (auto read = reader->read_list(); !read) return forward(std::move(read));
  return reader;
}

Result<void> ArchiveDirectoryReader::read_list() {
  const auto list = ArchiveFileReader::open(directory_ / kList, kListKind);
  if (!list) return forward(list);
  while (true) {
    const auto line = (*list)->next();
    if (!line) return forward(line);
    if (!*line) return {};
    const auto document = JsonDocument::parse(**line);
    if (!document) return (*list)->damaged(why(document.error()));
    JsonFields fields(document->root());
    const auto kind = archive_kind_of(fields.required_text("kind"));
    File file{kind.value_or(ArchiveKind::Accounts), fields.required_text("file"),
              fields.number("records", 0, std::numeric_limits<std::int64_t>::max()).value_or(0),
              fields.required_text("ends_with")};
    const auto done = fields.finish();
    if (!done) return (*list)->damaged(why(done.error()));
    // A name from a file is no way to other places.
    const bool is_known =
        kind && file.name.starts_with(name_of(*kind)) && file.name.find('/') == std::string::npos;
    if (!is_known) return (*list)->damaged("this program does not know such a file");
    if (!files_.empty() && files_.back().kind > file.kind) {
      return (*list)->damaged("the files are not in their order");
    }
    files_.push_back(std::move(file));
  }
}

Result<std::optional<ArchiveRecord>> ArchiveDirectoryReader::next() {
  while (at_ < files_.size()) {
    const File& file = files_[at_];
    if (!file_) {
      auto opened = ArchiveFileReader::open(directory_ / file.name, name_of(file.kind));
      if (!opened) return forward(std::move(opened));
      file_ = std::move(*opened);
    }
    const auto line = file_->next();
    if (!line) return forward(line);
    if (*line) {
      auto record = decode_record(file.kind, **line);
      if (!record) return file_->damaged(why(record.error()));
      return std::optional(std::move(*record));
    }
    if (auto ended = end_file(); !ended) return forward(std::move(ended));
  }
  return std::optional<ArchiveRecord>();
}

Result<void> ArchiveDirectoryReader::end_file() {
  const File& file = files_[at_];
  const ArchiveFileEnd& end = file_->end();
  if (end.records != file.records || end.check != file.check) {
    return file_->damaged("this is not the file that belongs to the archive");
  }
  ++at_;
  file_.reset();
  return {};
}

Result<void> ArchiveDirectoryReader::rewind() {
  at_ = 0;
  file_.reset();
  return {};
}

}  // namespace tidings
