#include "app/archive_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "wire/archive_json.h"

namespace tidings {
namespace {

namespace fs = std::filesystem;

class ArchiveDirectory : public testing::Test {
 protected:
  ArchiveDirectory() {
    std::string name = (fs::temp_directory_path() / "tidings-archive-XXXXXX").string();
    base = ::mkdtemp(name.data());
    directory = base / "chat";
    for (int i = 0; i < 20; ++i) {
      Message message;
      message.group = group;
      message.author = user;
      message.author_name = "alice";
      message.id = MessageId::mint(from_ms(1'700'000'000'000 + i), user);
      message.received_at = from_ms(1'700'000'001'000 + i);
      message.content.text = "line\n\"" + std::to_string(i) + "\" \xF0\x9F\x91\x8B";
      messages.push_back(message);
    }
  }
  ~ArchiveDirectory() override { fs::remove_all(base); }

  std::unique_ptr<ArchiveDirectoryWriter> writer() {
    auto opened = ArchiveDirectoryWriter::open(directory, /*message_file_bytes=*/2'000);
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? std::move(*opened) : nullptr;
  }
  // Adds the messages behind those that are there, up to one.
  void add_messages(ArchiveDirectoryWriter& into, std::size_t up_to) {
    for (std::size_t i = 0; i < up_to; ++i) {
      const auto last = into.last_message();
      if (last && messages[i].id <= last->second) continue;
      EXPECT_TRUE(into.add(messages[i]));
    }
  }
  void finish(ArchiveDirectoryWriter& into) {
    EXPECT_TRUE(into.finish(ArchiveKind::Messages));
    for (std::size_t i = 0; i < kArchiveKinds; ++i) {
      if (!into.has(static_cast<ArchiveKind>(i))) {
        EXPECT_TRUE(into.finish(static_cast<ArchiveKind>(i)));
      }
    }
    EXPECT_TRUE(into.close());
  }
  void write_all() {
    const auto into = writer();
    add_messages(*into, messages.size());
    finish(*into);
  }
  std::vector<Message> read_all() {
    std::vector<Message> found;
    const auto reader = ArchiveDirectoryReader::open(directory);
    EXPECT_TRUE(reader) << reader.error().detail;
    while (reader) {
      const auto record = (*reader)->next();
      EXPECT_TRUE(record) << record.error().detail;
      if (!record || !*record) break;
      found.push_back(std::get<Message>(**record));
    }
    return found;
  }
  // Why the archive is refused.
  std::string complaint() {
    const auto reader = ArchiveDirectoryReader::open(directory);
    if (!reader) return reader.error().detail;
    while (true) {
      const auto record = (*reader)->next();
      if (!record) return record.error().detail;
      if (!*record) return "";
    }
  }
  std::string content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void put(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

  const UserId user{Uuid::v4()};
  const GroupId group{Uuid::v4()};
  std::vector<Message> messages;
  fs::path base;
  fs::path directory;
};

TEST_F(ArchiveDirectory, GivesBackWhatWasWrittenAcrossItsFiles) {
  write_all();
  EXPECT_TRUE(fs::exists(directory / "messages-000003.jsonl"));
  EXPECT_EQ(read_all(), messages);
}

TEST_F(ArchiveDirectory, IsForItsOwnerAlone) {
  write_all();
  for (const auto& entry : fs::recursive_directory_iterator(base)) {
    struct stat status{};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    if (entry.path().filename() != "unfinished") {
      EXPECT_EQ(status.st_mode & 077U, 0u) << entry.path();
    }
  }
}

TEST_F(ArchiveDirectory, GoesOnBehindTheFilesThatAreWhole) {
  for (std::size_t n = 0; n <= messages.size(); ++n) {
    SCOPED_TRACE(n);
    fs::remove_all(directory);
    {
      add_messages(*writer(), n);
    }
    EXPECT_THAT(complaint(), testing::HasSubstr("not finished"));
    write_all();
    EXPECT_EQ(read_all(), messages);
  }
}

TEST_F(ArchiveDirectory, IsNotWrittenOverWhenItIsWhole) {
  write_all();
  const auto again = ArchiveDirectoryWriter::open(directory);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().detail, testing::HasSubstr("finished archive"));
}

TEST_F(ArchiveDirectory, IsNotMadeAmongOtherThings) {
  fs::create_directories(directory);
  put(directory / "letter.txt", "dear");
  EXPECT_FALSE(ArchiveDirectoryWriter::open(directory));
}

TEST_F(ArchiveDirectory, NamesTheLineAtWhichAByteChanged) {
  write_all();
  const fs::path path = directory / "messages-000001.jsonl";
  const std::string sound = content(path);
  for (std::size_t at = 0; at < sound.size(); at += 7) {
    std::string bytes = sound;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    put(path, bytes);
    const auto line =
        std::count(sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    EXPECT_THAT(complaint(),
                testing::StartsWith(path.string() + ':' + std::to_string(line + 1) + ": "))
        << at;
  }
}

TEST_F(ArchiveDirectory, NoticesLinesThatAreMissingRepeatedOrElsewhere) {
  write_all();
  const fs::path path = directory / "messages-000001.jsonl";
  const std::string sound = content(path);
  const std::size_t second = sound.find('\n') + 1;
  const std::size_t third = sound.find('\n', second) + 1;
  const std::string line = sound.substr(second, third - second);
  put(path, sound.substr(0, second) + sound.substr(third));
  EXPECT_THAT(complaint(), testing::HasSubstr("messages-000001.jsonl:2: "));
  put(path, sound.substr(0, third) + line + sound.substr(third));
  EXPECT_THAT(complaint(), testing::HasSubstr("messages-000001.jsonl:3: "));
  put(path, sound.substr(0, third));
  EXPECT_THAT(complaint(), testing::HasSubstr("ends too early"));
  put(path, sound + line);
  EXPECT_THAT(complaint(), testing::HasSubstr("goes on"));
}

TEST_F(ArchiveDirectory, NoticesAFileThatIsMissingOrOfAnotherArchive) {
  write_all();
  const fs::path path = directory / "messages-000002.jsonl";
  const std::string sound = content(path);
  fs::remove(path);
  EXPECT_THAT(complaint(), testing::HasSubstr("messages-000002.jsonl can't be read"));
  put(path, content(directory / "messages-000001.jsonl"));
  EXPECT_THAT(complaint(), testing::HasSubstr("not the file that belongs"));
  put(path, content(directory / "members-000001.jsonl"));
  EXPECT_THAT(complaint(), testing::HasSubstr("messages-000002.jsonl:1: "));
  put(path, sound);
  EXPECT_EQ(complaint(), "");
}

}  // namespace
}  // namespace tidings
