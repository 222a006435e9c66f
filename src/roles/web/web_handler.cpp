#include "roles/web/web_handler.h"

#include <algorithm>
#include <string>
#include <utility>

namespace tidings {
namespace {

// A page may run our own scripts and talk to us, and nothing else: no script or style in the text
// of the page, no frame, no plug-in, no other site; strings become code only through the one policy
// that the app makes for its service worker. Then even a message that found its way into the page
// as markup could do nothing.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; media-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types tidings";

// Whether an Accept-Encoding names gzip. One with a weight ("gzip;q=0") is taken for a no: no
// browser sends it, and the plain form is always right.
bool takes_gzip(std::string_view accepted) {
  while (!accepted.empty()) {
    const auto end = std::min(accepted.find(','), accepted.size());
    std::string_view item = accepted.substr(0, end);
    accepted.remove_prefix(std::min(end + 1, accepted.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    if (item == "gzip") return true;
  }
  return false;
}

bool is_of_the_api(std::string_view path) {
  return path.starts_with("/v1/") || path.starts_with("/problems/");
}

HttpResponse answer_with(const WebFile& file, const HttpRequest& request) {
  const bool compressed = !file.gzip.empty() && takes_gzip(request.header("accept-encoding"));
  const std::string tag = '"' + file.tag + (compressed ? "-gzip\"" : "\"");
  HttpResponse answer;
  answer.content_type = file.content_type;
  answer.headers = {
      {"ETag", tag},
      {"Cache-Control", file.is_immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Content-Security-Policy", std::string(kContentSecurityPolicy)},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
  };
  if (!file.gzip.empty()) answer.headers.emplace_back("Vary", "Accept-Encoding");
  if (request.header("if-none-match").find(tag) != std::string_view::npos) {
    answer.status = 304;
    return answer;
  }
  if (compressed) answer.headers.emplace_back("Content-Encoding", "gzip");
  answer.body = compressed ? file.gzip : file.body;
  return answer;
}

}  // namespace

const WebFile* WebHandler::find(const HttpRequest& request) const {
  if (request.method != HttpMethod::Get && request.method != HttpMethod::Head) return nullptr;
  if (is_of_the_api(request.path)) return nullptr;
  if (const WebFile* const file = files_.find(request.path)) return file;
  const bool opens_a_page = request.header("accept").find("text/html") != std::string_view::npos;
  return opens_a_page || request.path == "/" ? &files_.page() : nullptr;
}

Task<HttpResponse> WebHandler::handle(HttpRequest request) {
  if (const WebFile* const file = find(request)) co_return answer_with(*file, request);
  auto handling = inside_.handle(std::move(request));
  co_return co_await std::move(handling);
}

HttpResponse WebHandler::problem(const Error& error, std::string_view request_id) {
  return inside_.problem(error, request_id);
}

}  // namespace tidings
