#include "app/client_state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

#include "wire/json_fields.h"
#include "wire/json_writer.h"

namespace tidings {
namespace {

std::filesystem::path default_path() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state != 0)
    return std::filesystem::path(state) / "tidings/session.json";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : ".") / ".local/state/tidings/session.json";
}

Time time_of(const std::string& text) { return parse_time(text).value_or(Time()); }

}  // namespace

ClientStateFile::ClientStateFile(std::filesystem::path path)
    : path_(path.empty() ? default_path() : std::move(path)) {}

Result<ClientState> ClientStateFile::load() const {
  std::ifstream file(path_, std::ios::binary);
  if (!file)
    return fail(ErrorCode::UnknownSession, "Nobody is signed in here (there is no " +
                                               path_.string() +
                                               "). Sign in first: tidings client login NAME");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string bytes = text.str();
  const auto unreadable = [&] {
    return fail(ErrorCode::InvalidRequest,
                path_.string() + " can't be read. Sign in again: tidings client login NAME");
  };
  const auto document = JsonDocument::parse(bytes);
  if (!document) return unreadable();
  JsonFields fields(document->root());
  ClientState state;
  state.server = fields.required_text("server");
  state.name = fields.required_text("name");
  state.user = fields.required_text("user");
  state.access_token = fields.required_text("access_token");
  state.expires_at = time_of(fields.required_text("expires_at"));
  state.refresh_token = fields.required_text("refresh_token");
  state.last_sent_at = time_of(fields.required_text("last_sent_at"));
  const std::string offset = fields.required_text("clock_offset_ms");
  std::int64_t offset_ms = 0;
  std::from_chars(offset.data(), offset.data() + offset.size(), offset_ms);
  state.clock_offset = milliseconds(offset_ms);
  if (!fields.finish()) return unreadable();
  return state;
}

Result<void> ClientStateFile::save(const ClientState& state) const {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("server").text(state.server).key("name").text(state.name).key("user").text(state.user);
  json.key("access_token").text(state.access_token).key("expires_at").time(state.expires_at);
  json.key("refresh_token").text(state.refresh_token);
  json.key("last_sent_at").time(state.last_sent_at);
  json.key("clock_offset_ms").text(std::to_string(state.clock_offset.count()));
  json.end_object();
  body += '\n';
  const auto failed = [&] {
    return fail(ErrorCode::InvalidRequest,
                path_.string() + " can't be written: " + std::system_category().message(errno) +
                    ". Name another file with --state");
  };
  const std::string made = path_.string() + ".new";
  ::unlink(made.c_str());
  const int file = ::open(made.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return failed();
  const bool written = ::write(file, body.data(), body.size()) == static_cast<ssize_t>(body.size());
  ::close(file);
  if (!written || ::rename(made.c_str(), path_.c_str()) != 0) return failed();
  return {};
}

Result<void> ClientStateFile::forget() const {
  std::error_code error;
  std::filesystem::remove(path_, error);
  if (!error) return {};
  return fail(ErrorCode::InvalidRequest, path_.string() + " can't be removed: " + error.message());
}

ClientStateFile::Lock::Lock(const ClientStateFile& file) {
  std::error_code ignored;
  if (file.path().has_parent_path())
    std::filesystem::create_directories(file.path().parent_path(), ignored);
  descriptor_ = ::open((file.path().string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC,
                       S_IRUSR | S_IWUSR);
  if (descriptor_ >= 0) ::flock(descriptor_, LOCK_EX);
}

ClientStateFile::Lock::~Lock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace tidings
