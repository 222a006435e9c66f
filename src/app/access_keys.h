#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/sodium/access_tokens.h"
#include "base/clock.h"
#include "base/result.h"

namespace tidings {

// The keys that sign access tokens, and the file `access-keys` in a data directory that keeps them:
// one a line, the one that signs first, as
//
//   <when it began to sign, RFC 3339> <its seed in hexadecimal>
//
// Readable by the owner alone and always replaced as a whole. A key signs for 30 days; then a new
// one does, and what the one before it signed is believed until the next change: far longer than
// an access token lives. When the file is lost, a new key is made and clients refresh their tokens
// by themselves. Safe from any thread.
class AccessKeys {
 public:
  // Errors: Internal   the file can't be read or made, is damaged, or others may read it; the
  //                    detail is a sentence for the person who started the program
  static Result<std::unique_ptr<AccessKeys>> open(const std::filesystem::path& data,
                                                  const Clock& clock);

  const AccessTokens& tokens() const { return tokens_; }

  // Signs with a new key from now on, once that is on disk, and no longer believes the key before
  // the last one. Twice in a row makes all tokens useless that were signed before.
  //
  // Errors: Internal (with a sentence for the administrator; the keys are as before)
  Result<void> rotate();
  // The same if the key that signs has done so for 30 days. True if it did. Errors: as above
  Result<bool> rotate_if_due();

 private:
  struct Line {
    Time since;
    std::string seed;
  };
  AccessKeys(std::filesystem::path file, const Clock& clock, std::vector<Line> lines);
  static Result<std::vector<Line>> read(const std::filesystem::path& file);
  static Result<void> write(const std::filesystem::path& file, const std::vector<Line>& lines);
  Result<void> rotate_locked();

  const std::filesystem::path file_;
  const Clock& clock_;
  std::mutex mutex_;
  std::vector<Line> lines_;  // one or two
  SodiumAccessTokens tokens_;
};

}  // namespace tidings
