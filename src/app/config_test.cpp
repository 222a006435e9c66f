#include "app/config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace tidings {
namespace {

// A settings file that is removed at the end.
class File {
 public:
  explicit File(const std::string& text) {
    path_ = testing::TempDir() + "tidings_config_test_" + std::to_string(::getpid()) + ".toml";
    std::ofstream(path_) << text;
  }
  ~File() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string error_of(const std::string& toml) {
  Settings settings;
  const auto applied = apply_toml(settings, toml, "tidings.toml");
  return applied ? "none" : applied.error().detail;
}

TEST(Config, WithoutSourcesIsTheDefaults) {
  const auto config = load_config({});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->settings, Settings{});
}

TEST(Config, AFlagBeatsAVariableWhichBeatsTheFile) {
  const File file(
      "threads = 1\nlog-level = \"warn\"\nlisten = \"127.0.0.1:1\"\n"
      "person-sends = \"5/10\"\n");
  const auto config =
      load_config({.file = file.path(),
                   .environment = {{"TIDINGS_THREADS", "2"}, {"TIDINGS_LISTEN", "127.0.0.1:2"}},
                   .flags = {{"threads", "3"}}});
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->settings.threads, 3u);
  EXPECT_EQ(config->settings.listen, "127.0.0.1:2");
  EXPECT_EQ(config->settings.log_level, "warn");
  EXPECT_EQ(config->settings.person_sends, (Rate{5, 10}));
  EXPECT_EQ(config->settings.admin_listen, Settings{}.admin_listen);
}

TEST(Config, AnUnknownKeyNamesFileLineAndKey) {
  EXPECT_EQ(error_of("threads = 1\n\nlisten_ = \"x\"\n"),
            "tidings.toml:3: unknown key \"listen_\"; did you mean \"listen\"?");
  EXPECT_EQ(error_of("quite-another = 1\n"), "tidings.toml:1: unknown key \"quite-another\"");
  EXPECT_EQ(error_of("[server]\nlisten = \"127.0.0.1:1\"\n"),
            "tidings.toml:1: unknown key \"server\"");
}

TEST(Config, ABadValueNamesFileLineAndKey) {
  EXPECT_EQ(error_of("\nthreads = 257\n"), "tidings.toml:2: threads: must be 0 to 256, not 257");
  EXPECT_EQ(error_of("threads = \"4\"\n"),
            "tidings.toml:1: threads: must be a number without quotes");
  EXPECT_EQ(error_of("threads = 4.0\n"), "tidings.toml:1: threads: must be a whole number");
  EXPECT_EQ(error_of("demo = true\n"), "tidings.toml:1: demo: must be \"on\" or \"off\"");
  EXPECT_EQ(error_of("data = true\n"), "tidings.toml:1: data: must be a text in quotes");
  EXPECT_EQ(error_of("person-sends = 1.5\n"),
            "tidings.toml:1: person-sends: must be COUNT/SECONDS in quotes, such as \"10/10\"");
  EXPECT_EQ(error_of("trusted-proxies = true\n"),
            "tidings.toml:1: trusted-proxies: must be a list of texts in quotes");
  EXPECT_EQ(error_of("durability = \"maybe\"\n"),
            "tidings.toml:1: durability: must be fsync or os, not \"maybe\"");
  EXPECT_EQ(error_of("listen = \"7400\"\n"),
            "tidings.toml:1: listen: must be HOST:PORT such as \"127.0.0.1:7400\" or "
            "\"[::1]:7400\", not \"7400\"");
  EXPECT_EQ(error_of("allowed-origins = [1]\n"),
            "tidings.toml:1: allowed-origins: must be a list of texts in quotes");
}

TEST(Config, BrokenTomlNamesFileAndLine) {
  EXPECT_TRUE(error_of("threads = 1\nlisten = \n").starts_with("tidings.toml:2: not TOML: "));
  EXPECT_TRUE(error_of("threads = 1\nthreads = 2\n").starts_with("tidings.toml:2: not TOML: "));
}

TEST(Config, BadVariablesAndFlagsAreNamed) {
  const auto variable = load_config({.environment = {{"TIDINGS_THREADS", "many"}}});
  ASSERT_FALSE(variable.has_value());
  EXPECT_EQ(variable.error().detail,
            "TIDINGS_THREADS (a variable): must be a whole number, not \"many\"");
  const auto flag = load_config({.flags = {{"threads", "many"}}});
  ASSERT_FALSE(flag.has_value());
  EXPECT_EQ(flag.error().detail, "--threads: must be a whole number, not \"many\"");
}

TEST(Config, AnUnknownVariableIsAWarning) {
  const auto config = load_config({.environment = {{"TIDINGS_THREAD", "2"}}});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(
      config->warnings,
      (std::vector<std::string>{"the variable TIDINGS_THREAD is no setting and was ignored"}));
}

TEST(Config, AFileThatIsNotThereIsAnError) {
  const auto config = load_config({.file = "/nowhere/tidings.toml"});
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().detail, "/nowhere/tidings.toml: this settings file can't be read");
}

TEST(Config, ADirectoryInPlaceOfAFileIsAnError) {
  const auto config = load_config({.file = testing::TempDir()});
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().detail, testing::TempDir() + ": this settings file can't be read");
}

TEST(Config, AnEmptyFileSetsNothing) {
  const File file("");
  const auto config = load_config({.file = file.path()});
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->settings, Settings{});
}

TEST(Config, HalfOfTlsIsAnError) {
  const auto config = load_config({.flags = {{"tls-key", "k.pem"}}});
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().detail, "tls-key is set, but tls-cert is not: set both");
}

TEST(Config, WhatPrintConfigWritesReadsAsTheSameSettings) {
  Settings settings;
  settings.data = "a \"quoted\"\\ path\twith a tab";
  settings.listen = "[::1]:9000";
  settings.allowed_origins = {"https://a.example", "http://b:8080"};
  settings.threads = 7;
  settings.durability = "os";
  settings.per_ip_rate = {0, 1};
  settings.log_level = "debug";
  Settings read;
  const auto applied = apply_toml(read, to_toml(settings), "printed");
  ASSERT_TRUE(applied.has_value()) << applied.error().detail;
  EXPECT_EQ(read, settings);
}

}  // namespace
}  // namespace tidings
