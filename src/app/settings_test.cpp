#include "app/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

namespace tidings {
namespace {

TEST(Settings, EveryKeyIsOnceInTheTableAndSaysWhatItMeans) {
  std::set<std::string_view> keys;
  for (const Setting& setting : setting_table()) {
    EXPECT_TRUE(keys.insert(setting.key).second) << setting.key;
    EXPECT_FALSE(setting.unit.empty()) << setting.key;
    EXPECT_TRUE(setting.meaning.ends_with('.')) << setting.key;
    EXPECT_NE(setting.roles, 0) << setting.key;
  }
}

TEST(Settings, DefaultsPassTheirOwnChecks) {
  EXPECT_TRUE(check(Settings{}).has_value());
  for (const Setting& setting : setting_table()) {
    Settings settings;
    std::string value = toml_value(settings, setting);
    if (value.starts_with('[')) continue;
    std::erase(value, '"');
    EXPECT_TRUE(set_from_text(settings, setting, value).has_value()) << setting.key;
    EXPECT_EQ(settings, Settings{}) << setting.key;
  }
}

TEST(Settings, ARateIsACountAndSeconds) {
  EXPECT_EQ(parse_rate("10/60"), (Rate{10, 60}));
  EXPECT_EQ(parse_rate("1000000/3600"), (Rate{1'000'000, 3'600}));
  EXPECT_EQ(format_rate({10, 60}), "10/60");
  EXPECT_EQ(parse_rate("0"), Rate{});
  EXPECT_EQ(format_rate({0, 60}), "0");
  for (const char* wrong : {"", "10", "10/", "/10", "10/0", "-1/10", "10/60s", "1.5/10",
                            "1000001/10", "10/3601", "99999999999/1"}) {
    EXPECT_FALSE(parse_rate(wrong).has_value()) << wrong;
  }
}

TEST(Settings, ANumberIsRefusedOneBeyondItsRange) {
  Settings settings;
  const Setting& threads = *find_setting("threads");
  EXPECT_TRUE(set_from_text(settings, threads, "256").has_value());
  EXPECT_FALSE(set_from_text(settings, threads, "257").has_value());
  EXPECT_FALSE(set_from_text(settings, threads, "-1").has_value());
  EXPECT_FALSE(set_from_text(settings, threads, "4 ").has_value());
  EXPECT_EQ(settings.threads, 256u);
}

TEST(Settings, AnOriginWithAPathIsRefused) {
  Settings settings;
  const Setting& origins = *find_setting("allowed-origins");
  EXPECT_TRUE(set_from_text(settings, origins, "https://a.example,http://b:8080").has_value());
  EXPECT_EQ(settings.allowed_origins,
            (std::vector<std::string>{"https://a.example", "http://b:8080"}));
  EXPECT_FALSE(set_from_text(settings, origins, "https://a.example/").has_value());
  EXPECT_FALSE(set_from_text(settings, origins, "a.example").has_value());
}

TEST(Settings, AServerOfAClusterIsAHostAndAPortThatIsNotZero) {
  Settings settings;
  const Setting& cassandra = *find_setting("cassandra");
  EXPECT_TRUE(set_from_text(settings, cassandra, "10.0.0.1:9042,cassandra-2:9042").has_value());
  EXPECT_EQ(settings.cassandra, (std::vector<std::string>{"10.0.0.1:9042", "cassandra-2:9042"}));
  EXPECT_FALSE(set_from_text(settings, cassandra, "10.0.0.1").has_value());
  EXPECT_FALSE(set_from_text(settings, cassandra, "10.0.0.1:0").has_value());
  EXPECT_FALSE(set_from_text(settings, *find_setting("cassandra-keyspace"), "a b").has_value());
  EXPECT_FALSE(set_from_text(settings, *find_setting("trusted-proxies"), "haproxy").has_value());
}

TEST(Settings, EachRoleMissesWhatItNeeds) {
  Settings settings;
  EXPECT_TRUE(check(settings, ServerRole::Api).has_value());
  EXPECT_TRUE(check(settings, ServerRole::Migrate).has_value());
  EXPECT_FALSE(check(settings, ServerRole::Notify).has_value());  // no secret
  settings.internal_secret = std::string(31, 'x');
  EXPECT_FALSE(check(settings, ServerRole::Notify).has_value());
  settings.internal_secret += 'x';
  EXPECT_TRUE(check(settings, ServerRole::Notify).has_value());
  settings.internal_listen = "0.0.0.0:7402";
  EXPECT_FALSE(check(settings, ServerRole::Notify).has_value());  // reached how?
  settings.internal_address = "10.0.0.1:7402";
  EXPECT_TRUE(check(settings, ServerRole::Notify).has_value());
  settings.redis.clear();
  EXPECT_FALSE(check(settings, ServerRole::Api).has_value());
  EXPECT_TRUE(check(settings, ServerRole::Serve).has_value());
}

TEST(Settings, SecretsAreNeverPrinted) {
  Settings settings;
  settings.internal_secret = "correct horse battery staple, twice";
  settings.cassandra_password = "hunter2hunter2";
  settings.redis_password = "swordfish";
  const std::string printed = to_toml(settings, ServerRole::Notify);
  for (const std::string& secret :
       {settings.internal_secret, settings.cassandra_password, settings.redis_password}) {
    EXPECT_FALSE(printed.contains(secret)) << printed;
  }
  EXPECT_TRUE(printed.contains("internal-secret is set, and not shown.")) << printed;
  EXPECT_FALSE(printed.contains("block-cache-mib")) << printed;
}

std::optional<std::filesystem::path> find_operations_page() {
  for (auto folder = std::filesystem::current_path(); folder != folder.root_path();
       folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / "docs/operations.md"))
      return folder / "docs/operations.md";
  }
  return std::nullopt;
}

// Set TIDINGS_UPDATE_DOCS to have the page written instead of compared.
TEST(Settings, TheOperationsPageShowsEverySettingAsItIs) {
  const auto page = find_operations_page();
  if (!page) GTEST_SKIP() << "not run inside the source tree";
  std::ostringstream read;
  read << std::ifstream(*page).rdbuf();
  std::string text = read.str();
  const std::string begin = "<!-- settings: made from src/app/settings.cpp -->\n";
  const std::string end = "<!-- end of settings -->\n";
  const auto from = text.find(begin);
  const auto to = text.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  const std::string wanted = "\n" + settings_as_markdown() + "\n";
  const auto start = from + begin.size();
  if (std::getenv("TIDINGS_UPDATE_DOCS") != nullptr) {
    text.replace(start, to - start, wanted);
    std::ofstream(*page) << text;
    return;
  }
  EXPECT_EQ(text.substr(start, to - start), wanted)
      << "run TIDINGS_UPDATE_DOCS=1 app_test in the build folder";
}

}  // namespace
}  // namespace tidings
