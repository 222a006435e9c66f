#include "app/access_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>

#include "adapters/sodium/access_tokens.h"
#include "base/bytes.h"
#include "base/log.h"

namespace tidings {
namespace {

constexpr const char* kFileName = "access-keys";
constexpr std::size_t kSeedBytes = 32;

std::unexpected<Error> fail_with_errno(const std::filesystem::path& path, std::string_view doing) {
  return fail(ErrorCode::Internal, "The signing keys in " + path.string() + " can't be " +
                                       std::string(doing) + ": " +
                                       std::system_category().message(errno) + '.');
}

// Written beside its place, synced and renamed: a crash leaves the whole file or none.
Result<void> write_new(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path made = path.string() + ".new";
  ::unlink(made.c_str());
  const int file = ::open(made.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return fail_with_errno(path, "made");
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  ::close(file);
  if (!written || ::rename(made.c_str(), path.c_str()) != 0) return fail_with_errno(path, "made");
  return {};
}

}  // namespace

Result<std::vector<std::string>> load_access_keys(const std::filesystem::path& data) {
  const std::filesystem::path path = data / kFileName;
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno != ENOENT) return fail_with_errno(path, "read");
    const std::string seed = SodiumAccessTokens::make_seed();
    if (auto written = write_new(path, to_hex(as_bytes_of(seed)) + '\n'); !written)
      return forward(std::move(written));
    log_info("serve.made_signing_key", {{"file", path.string()}});
    return std::vector<std::string>{seed};
  }
  if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(ErrorCode::Internal, "The signing keys in " + path.string() +
                                         " can be used by others: run chmod 600 on that file, or "
                                         "remove it to have a new key made.");
  std::ifstream file(path);
  std::vector<std::string> seeds;
  bool is_whole = true;
  for (std::string line; std::getline(file, line);) {
    auto seed = from_hex(line);
    is_whole = is_whole && seed && seed->size() == kSeedBytes;
    if (is_whole) seeds.push_back(std::move(*seed));
  }
  if (!is_whole || seeds.empty() || seeds.size() > 2)
    return fail(ErrorCode::Internal, "The signing keys in " + path.string() +
                                         " are damaged: remove that file to have a new key made. "
                                         "People stay signed in.");
  return seeds;
}

}  // namespace tidings
