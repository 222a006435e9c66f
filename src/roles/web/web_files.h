#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidings {

// One file as it is served.
struct WebFile {
  std::string_view content_type;
  std::string body;
  std::string gzip;  // the same, compressed; empty: only as it is
  std::string tag;   // of `body`, for ETag, without quotes
  // Its name changes with its bytes, so a client that has it need never ask again.
  bool is_immutable = false;
};

// The files of a built web app, held in memory. Nothing changes after `load`: safe from any thread.
class WebFiles {
 public:
  // Reads a directory with all its folders. `x.gz` beside `x` is the compressed form of `x`; what
  // lies under assets/ is immutable, because the build names it by its hash.
  //
  // Errors: InvalidRequest  it can't be read, or has no index.html; the detail is for the person
  //                         who started the program
  static Result<WebFiles> load(const std::filesystem::path& directory);

  // The file at a path as it stands in a URL ("/assets/index-4f2a.js"); null when there is none.
  const WebFile* find(std::string_view url_path) const;
  // The page of the app, whatever its address.
  const WebFile& page() const { return *find("/index.html"); }

 private:
  std::map<std::string, WebFile, std::less<>> files_;
};

}  // namespace tidings
