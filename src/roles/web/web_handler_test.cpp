#include "roles/web/web_handler.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "base/random.h"
#include "base/run_loop.h"

namespace tidings {
namespace {

// Stands for the API: says which requests came through.
class Inside final : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    co_return HttpResponse{404, "application/problem+json", {}, "inside " + request.path};
  }
  HttpResponse problem(const Error&, std::string_view) override { return {500, {}, {}, "problem"}; }
};

class Web : public testing::Test {
 protected:
  Web() {
    write("index.html", "<!doctype html>the app");
    write("assets/app-1a2b.js", "script");
    write("assets/app-1a2b.js.gz", "compressed script");
    write("sw.js", "worker");
    write("icon.png", "picture");
  }
  ~Web() override { std::filesystem::remove_all(directory_); }

  void write(const std::string& name, const std::string& body) {
    const auto path = directory_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << body;
  }

  HttpResponse ask(HttpMethod method, std::string path,
                   std::vector<std::pair<std::string, std::string>> headers = {}) {
    auto files = WebFiles::load(directory_);
    EXPECT_TRUE(files.has_value());
    WebHandler web(std::move(*files), inside_);
    HttpRequest request;
    request.method = method;
    request.path = std::move(path);
    request.headers = std::move(headers);
    return block_on(web.handle(std::move(request)));
  }
  HttpResponse get(std::string path,
                   std::vector<std::pair<std::string, std::string>> headers = {}) {
    return ask(HttpMethod::Get, std::move(path), std::move(headers));
  }
  static std::string header(const HttpResponse& answer, std::string_view name) {
    for (const auto& [key, value] : answer.headers) {
      if (key == name) return value;
    }
    return {};
  }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("tidings_web_" + to_base64url(random_bytes(9)));
  Inside inside_;
};

const std::pair<std::string, std::string> kBrowserOpens{"accept", "text/html,*/*;q=0.8"};

TEST_F(Web, OpensOntoThePageOfTheApp) {
  const auto answer = get("/");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(answer.body, "<!doctype html>the app");
  EXPECT_EQ(header(answer, "Cache-Control"), "no-cache");
}

TEST_F(Web, LetsNoPageRunWhatIsNotOurs) {
  const auto policy = header(get("/"), "Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self';"));
  EXPECT_NE(policy.find("require-trusted-types-for 'script'"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(header(get("/sw.js"), "Content-Security-Policy"), policy);
  EXPECT_EQ(header(get("/sw.js"), "X-Content-Type-Options"), "nosniff");
}

TEST_F(Web, KeepsForEverWhatIsNamedByItsHash) {
  const auto asset = get("/assets/app-1a2b.js");
  EXPECT_EQ(asset.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(header(asset, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(header(get("/sw.js"), "Cache-Control"), "no-cache");
}

TEST_F(Web, AnswersAKnownTagWithoutABody) {
  const auto tag = header(get("/"), "ETag");
  ASSERT_FALSE(tag.empty());
  const auto again = get("/", {{"if-none-match", tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(header(again, "ETag"), tag);

  write("index.html", "<!doctype html>another build");
  EXPECT_EQ(get("/", {{"if-none-match", tag}}).status, 200);
}

TEST_F(Web, SendsTheCompressedFormToWhomItSuits) {
  const auto plain = get("/assets/app-1a2b.js");
  const auto small = get("/assets/app-1a2b.js", {{"accept-encoding", "br, gzip"}});
  EXPECT_EQ(plain.body, "script");
  EXPECT_EQ(header(plain, "Content-Encoding"), "");
  EXPECT_EQ(small.body, "compressed script");
  EXPECT_EQ(header(small, "Content-Encoding"), "gzip");
  EXPECT_NE(header(small, "ETag"), header(plain, "ETag"));
  EXPECT_EQ(header(plain, "Vary"), "Accept-Encoding");
  EXPECT_EQ(get("/assets/app-1a2b.js", {{"accept-encoding", "gzip;q=0"}}).body, "script");
  EXPECT_EQ(get("/icon.png", {{"accept-encoding", "gzip"}}).body, "picture");
}

TEST_F(Web, AnswersAHeadLikeAGet) {
  const auto head = ask(HttpMethod::Head, "/assets/app-1a2b.js");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "script");  // of which the server sends the length
}

TEST_F(Web, OpensAnyAddressOfItsOwnInABrowser) {
  EXPECT_EQ(get("/g/0193", {kBrowserOpens}).body, "<!doctype html>the app");
  EXPECT_EQ(get("/ops", {kBrowserOpens}).body, "<!doctype html>the app");
  EXPECT_EQ(get("/g/0193").body, "inside /g/0193");  // curl has asked for no page
}

TEST_F(Web, LeavesTheRestToTheApi) {
  EXPECT_EQ(get("/v1/me", {kBrowserOpens}).body, "inside /v1/me");
  EXPECT_EQ(get("/problems/forbidden", {kBrowserOpens}).body, "inside /problems/forbidden");
  EXPECT_EQ(ask(HttpMethod::Post, "/", {kBrowserOpens}).body, "inside /");
  EXPECT_EQ(get("/assets/gone-0000.js").body, "inside /assets/gone-0000.js");
}

TEST_F(Web, FindsNothingOutsideItsDirectory) {
  write("../" + directory_.filename().string() + ".secret", "secret");
  const auto secret = directory_.string() + ".secret";
  for (const std::string& path :
       {"/../" + directory_.filename().string() + ".secret", std::string("/assets/../sw.js"),
        "//" + secret, std::string("/%2e%2e/etc/passwd"), std::string("/assets/%2e%2e/sw.js"),
        std::string("/index.html\0.js", 15), std::string("assets/app-1a2b.js"), std::string()}) {
    EXPECT_EQ(get(path).body, "inside " + path);
  }
  std::filesystem::remove(secret);
}

TEST_F(Web, RefusesADirectoryThatHoldsNoApp) {
  EXPECT_EQ(WebFiles::load(directory_ / "missing").error().code, ErrorCode::InvalidRequest);
  std::filesystem::remove(directory_ / "index.html");
  const auto loaded = WebFiles::load(directory_);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_NE(loaded.error().detail.find("index.html"), std::string::npos);
}

}  // namespace
}  // namespace tidings
