#pragma once

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace tidings {

// Who is signed in where, as the command-line client keeps it between two runs.
struct ClientState {
  std::string server;  // "https://chat.example"
  std::string name;    // bare
  std::string user;    // id
  std::string access_token;
  Time expires_at;
  std::string refresh_token;
  Time last_sent_at;             // of the newest message that was sent from here
  milliseconds clock_offset{0};  // how far the server's clock is ahead of ours

  bool operator==(const ClientState&) const = default;
};

// A file that only its owner can read. Several runs at a time may use it: each locks it while it
// changes something.
class ClientStateFile {
 public:
  // An empty path means ~/.local/state/tidings/session.json (or below XDG_STATE_HOME).
  explicit ClientStateFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }

  // Errors: UnknownSession   there is none: nobody signed in
  //         InvalidRequest   it can't be read
  Result<ClientState> load() const;
  // Errors: InvalidRequest   it can't be written
  Result<void> save(const ClientState& state) const;
  // From here on nobody is signed in. Errors: InvalidRequest   it can't be removed
  Result<void> forget() const;

  // Held by one run at a time, for as long as it lives.
  class Lock {
   public:
    explicit Lock(const ClientStateFile& file);
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    int descriptor_;
  };

 private:
  std::filesystem::path path_;
};

}  // namespace tidings
