#include "app/access_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "base/log.h"

namespace tidings {
namespace {

constexpr const char* kFileName = "access-keys";
constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kKeysMax = 2;
constexpr milliseconds kSignsFor = std::chrono::days(30);

std::unexpected<Error> fail_with_errno(const std::filesystem::path& path, std::string_view doing) {
  return fail(ErrorCode::Internal, "The signing keys in " + path.string() + " can't be " +
                                       std::string(doing) + ": " +
                                       std::system_category().message(errno) + '.');
}

// A rename is on disk when the directory is.
bool sync_directory(const std::filesystem::path& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return false;
  const bool synced = ::fsync(directory) == 0;
  ::close(directory);
  return synced;
}

std::vector<std::string> seeds_of(const auto& lines) {
  std::vector<std::string> seeds;
  seeds.reserve(lines.size());
  for (const auto& line : lines) seeds.push_back(line.seed);
  return seeds;
}

}  // namespace

Result<std::unique_ptr<AccessKeys>> AccessKeys::open(const std::filesystem::path& data,
                                                     const Clock& clock) {
  const std::filesystem::path file = data / kFileName;
  auto lines = read(file);
  if (!lines) return forward(std::move(lines));
  if (lines->empty()) {
    lines->push_back({clock.now(), SodiumAccessTokens::make_seed()});
    if (auto written = write(file, *lines); !written) return forward(std::move(written));
    log_info("serve.made_signing_key", {{"file", file.string()}});
  }
  return std::unique_ptr<AccessKeys>(new AccessKeys(file, clock, std::move(*lines)));
}

AccessKeys::AccessKeys(std::filesystem::path file, const Clock& clock, std::vector<Line> lines)
    : file_(std::move(file)), clock_(clock), lines_(std::move(lines)), tokens_(seeds_of(lines_)) {}

Result<void> AccessKeys::rotate() {
  const std::scoped_lock lock(mutex_);
  return rotate_locked();
}

Result<bool> AccessKeys::rotate_if_due() {
  const std::scoped_lock lock(mutex_);
  if (clock_.now() - lines_.front().since < kSignsFor) return false;
  if (auto rotated = rotate_locked(); !rotated) return forward(std::move(rotated));
  return true;
}

// The file first: a key that signed must be known after a restart.
Result<void> AccessKeys::rotate_locked() {
  std::vector<Line> lines{{clock_.now(), SodiumAccessTokens::make_seed()}, lines_.front()};
  if (auto written = write(file_, lines); !written) return written;
  tokens_.rotate(lines.front().seed);
  lines_ = std::move(lines);
  log_info("serve.rotated_signing_key", {{"file", file_.string()}});
  return {};
}

// Nothing when there is no file.
Result<std::vector<AccessKeys::Line>> AccessKeys::read(const std::filesystem::path& file) {
  std::vector<Line> lines;
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) {
    if (errno != ENOENT) return fail_with_errno(file, "read");
    return lines;
  }
  if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(ErrorCode::Internal, "The signing keys in " + file.string() +
                                         " can be used by others: run chmod 600 on that file, or "
                                         "remove it to have a new key made.");
  std::ifstream text(file);
  bool is_whole = true;
  for (std::string line; std::getline(text, line);) {
    const auto space = line.find(' ');
    const auto since = parse_time(std::string_view(line).substr(0, space));
    auto seed = from_hex(space == std::string::npos ? "" : line.substr(space + 1));
    is_whole = is_whole && since && seed && seed->size() == kSeedBytes;
    if (is_whole) lines.push_back({*since, std::move(*seed)});
  }
  if (!is_whole || lines.empty() || lines.size() > kKeysMax)
    return fail(ErrorCode::Internal, "The signing keys in " + file.string() +
                                         " are damaged: remove that file to have a new key made. "
                                         "People stay signed in.");
  return lines;
}

// Written beside its place, synced and renamed: a crash leaves the whole file or the one before.
Result<void> AccessKeys::write(const std::filesystem::path& file, const std::vector<Line>& lines) {
  std::string text;
  for (const Line& line : lines) {
    text += format_time(line.since) + ' ' + to_hex(as_bytes_of(line.seed)) + '\n';
  }
  const std::filesystem::path made = file.string() + ".new";
  ::unlink(made.c_str());
  const int descriptor =
      ::open(made.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return fail_with_errno(file, "made");
  const bool written =
      ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!written || ::rename(made.c_str(), file.c_str()) != 0 || !sync_directory(file.parent_path()))
    return fail_with_errno(file, "made");
  return {};
}

}  // namespace tidings
