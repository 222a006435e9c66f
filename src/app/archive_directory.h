#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/archive_file.h"
#include "base/result.h"
#include "core/archive.h"

namespace tidings {

// An archive as a directory that only its owner may read: files of one kind of record each
// ("messages-000001.jsonl"), and a list of them, archive.jsonl, that is written last and makes it
// whole. Used by one thread.
class ArchiveDirectoryWriter final : public ArchiveWriter {
 public:
  // A directory that does not exist yet, is empty, or holds an archive that was not finished. Files
  // that are whole are kept.
  //
  // Errors: InvalidRequest   it holds something else, or can't be written
  static Result<std::unique_ptr<ArchiveDirectoryWriter>> open(
      std::filesystem::path directory, std::uint64_t message_file_bytes = kMessageFileBytes);

  bool has(ArchiveKind kind) const override { return of(kind).is_finished; }
  std::optional<std::pair<GroupId, MessageId>> last_message() const override {
    return last_message_;
  }
  Result<void> add(const ArchiveRecord& record) override;
  Result<void> finish(ArchiveKind kind) override;

  // Every kind is finished: makes the archive whole.
  Result<void> close();

  std::uint64_t count(ArchiveKind kind) const;
  // Something was there already.
  bool is_resumed() const { return is_resumed_; }

 private:
  static constexpr std::uint64_t kMessageFileBytes = 64 << 20;
  struct File {
    std::string name;
    ArchiveFileEnd end;
  };
  struct Kind {
    std::vector<File> files;
    bool is_finished = false;
  };

  ArchiveDirectoryWriter(std::filesystem::path directory, std::uint64_t message_file_bytes)
      : directory_(std::move(directory)), message_file_bytes_(message_file_bytes) {}
  Result<void> take_over(ArchiveKind kind);
  Result<void> begin_file(ArchiveKind kind);
  Result<void> end_file(ArchiveKind kind, bool is_last);
  Kind& of(ArchiveKind kind) { return kinds_.at(static_cast<std::size_t>(kind)); }
  const Kind& of(ArchiveKind kind) const { return kinds_.at(static_cast<std::size_t>(kind)); }

  std::filesystem::path directory_;
  const std::uint64_t message_file_bytes_;
  std::array<Kind, kArchiveKinds> kinds_;
  std::unique_ptr<ArchiveFileWriter> file_;  // of file_kind_
  ArchiveKind file_kind_{};
  std::optional<std::pair<GroupId, MessageId>> last_message_;
  bool is_resumed_ = false;
};

// Errors of every method: InvalidRequest, with a detail that names the file and the line.
class ArchiveDirectoryReader final : public ArchiveReader {
 public:
  // Errors also: there is no archive that was finished
  static Result<std::unique_ptr<ArchiveDirectoryReader>> open(std::filesystem::path directory);

  Result<std::optional<ArchiveRecord>> next() override;
  Result<void> rewind() override;

 private:
  struct File {
    ArchiveKind kind;
    std::string name;
    std::uint64_t records;
    std::string check;
  };

  explicit ArchiveDirectoryReader(std::filesystem::path directory)
      : directory_(std::move(directory)) {}
  Result<void> read_list();
  Result<void> end_file();

  std::filesystem::path directory_;
  std::vector<File> files_;
  std::size_t at_ = 0;
  std::unique_ptr<ArchiveFileReader> file_;
};

}  // namespace tidings
