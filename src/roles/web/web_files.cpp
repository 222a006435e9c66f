#include "roles/web/web_files.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"

namespace tidings {
namespace {

constexpr std::string_view kAssets = "/assets/";
constexpr std::string_view kCompressed = ".gz";

struct Type {
  std::string_view extension;
  std::string_view name;
};
constexpr Type kTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".mp3", "audio/mpeg"},
    {".wav", "audio/wav"},
    {".txt", "text/plain; charset=utf-8"},
};

std::string_view type_of(std::string_view path) {
  const auto* const found = std::ranges::find_if(
      kTypes, [&](const Type& type) { return path.ends_with(type.extension); });
  return found == std::end(kTypes) ? "application/octet-stream" : found->name;
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::string tag_of(std::string_view body) {
  const Sha256 hash = sha256(body);
  return to_hex(std::span(hash).first<8>());
}

}  // namespace

Result<WebFiles> WebFiles::load(const std::filesystem::path& directory) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::InvalidRequest,
                "The web app in " + directory.string() + " can't be served: " + why);
  };
  std::error_code error;
  std::filesystem::recursive_directory_iterator entries(directory, error);
  if (error) return refuse(error.message() + '.');

  WebFiles loaded;
  std::vector<std::pair<std::string, std::string>> compressed;
  for (; entries != std::filesystem::recursive_directory_iterator(); entries.increment(error)) {
    if (error) return refuse(error.message() + '.');
    if (!entries->is_regular_file(error)) continue;
    auto body = read_file(entries->path());
    if (!body) return refuse(entries->path().string() + " can't be read.");
    std::string path = '/' + entries->path().lexically_relative(directory).generic_string();
    if (path.ends_with(kCompressed)) {
      path.resize(path.size() - kCompressed.size());
      compressed.emplace_back(std::move(path), std::move(*body));
      continue;
    }
    WebFile file{type_of(path), std::move(*body), {}, {}, path.starts_with(kAssets)};
    file.tag = tag_of(file.body);
    loaded.files_.emplace(std::move(path), std::move(file));
  }
  for (auto& [path, body] : compressed) {
    const auto original = loaded.files_.find(path);
    if (original != loaded.files_.end()) original->second.gzip = std::move(body);
  }
  if (loaded.find("/index.html") == nullptr)
    return refuse("it has no index.html. `make build` puts the app into build/web.");
  return loaded;
}

const WebFile* WebFiles::find(std::string_view url_path) const {
  const auto found = files_.find(url_path);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace tidings
