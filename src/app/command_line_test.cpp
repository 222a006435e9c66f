#include "app/command_line.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

std::expected<Command, CommandLineEnd> parse(std::vector<std::string> arguments,
                                             Environment environment = {}) {
  return parse_command_line(std::move(arguments), environment);
}

template <class What>
What admin(std::vector<std::string> arguments) {
  auto command = parse(std::move(arguments));
  EXPECT_TRUE(command.has_value()) << command.error().text;
  return std::get<What>(std::get<AdminCommand>(*command).what);
}

template <class What>
What client(std::vector<std::string> arguments) {
  auto command = parse(std::move(arguments));
  EXPECT_TRUE(command.has_value()) << command.error().text;
  return std::get<What>(std::get<ClientCommand>(*command).what);
}

TEST(CommandLine, EverySettingIsAFlagOfTheCommandsThatReadIt) {
  for (const char* name : {"serve", "api", "notify"}) {
    const auto role = std::get<ServeCommand>(*parse({name})).role;
    EXPECT_EQ(name_of(role), name);
    for (const Setting& setting : setting_table()) {
      const auto command = parse({name, "--" + std::string(setting.key), "value"});
      ASSERT_EQ(command.has_value(), setting.is_of(role) && !setting.is_secret) << setting.key;
      if (!command) continue;
      const auto& flags = std::get<ServeCommand>(*command).sources.flags;
      ASSERT_EQ(flags.size(), 1u);
      EXPECT_EQ(flags[0].first, setting.key);
      EXPECT_EQ(flags[0].second, "value");
    }
  }
}

TEST(CommandLine, MigrateReadsWhatIsSaidOfCassandra) {
  const auto command =
      parse({"admin", "migrate", "--cassandra", "a:9042,b:9042", "--replication-factor", "1"},
            {{"TIDINGS_CASSANDRA_PASSWORD", "hush"}});
  ASSERT_TRUE(command.has_value()) << command.error().text;
  const auto config = load_config(std::get<MigrateCommand>(*command).sources, ServerRole::Migrate);
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->settings.cassandra, (std::vector<std::string>{"a:9042", "b:9042"}));
  EXPECT_EQ(config->settings.replication_factor, 1u);
  EXPECT_EQ(config->settings.cassandra_password, "hush");
  EXPECT_FALSE(parse({"admin", "migrate", "--redis", "a:6379"}).has_value());
}

TEST(CommandLine, TheConfigFlagBeatsItsVariable) {
  const Environment environment = {{"TIDINGS_CONFIG", "a.toml"}};
  const auto from_variable = parse({"serve"}, environment);
  EXPECT_EQ(std::get<ServeCommand>(*from_variable).sources.file, "a.toml");
  const auto from_flag = parse({"serve", "--config", "b.toml"}, environment);
  EXPECT_EQ(std::get<ServeCommand>(*from_flag).sources.file, "b.toml");
}

TEST(CommandLine, AdminCommandsTakeADataDirectoryOrAClusterAndNotBoth) {
  const auto command = parse({"admin", "service", "list", "--cluster", "tidings.toml"});
  ASSERT_TRUE(command.has_value()) << command.error().text;
  const auto& admin = std::get<AdminCommand>(*command);
  ASSERT_TRUE(admin.cluster.has_value());
  EXPECT_EQ(admin.cluster->file, "tidings.toml");
  EXPECT_FALSE(parse({"admin", "service", "list", "--cluster", "x", "--data", "y"}).has_value());
}

TEST(CommandLine, AClusterIsOfferedWhereItIsTakenOnly) {
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"backup", "x"}, {"restore", "x"}, {"check"}}) {
    std::vector<std::string> arguments = {"admin"};
    arguments.insert(arguments.end(), command.begin(), command.end());
    EXPECT_FALSE(parse({"admin", command[0], "--help"}).error().text.contains("--cluster"));
    EXPECT_TRUE(parse(arguments).has_value());
    arguments.insert(arguments.end(), {"--cluster", "tidings.toml"});
    EXPECT_FALSE(parse(arguments).has_value());
  }
}

TEST(CommandLine, CommandsThatNeedTheServerStoppedDoNotSayThatARunningOneDoesTheWork) {
  for (const char* name : {"restore", "export", "import"})
    EXPECT_FALSE(parse({"admin", name, "--help"}).error().text.contains("A running server does"));
  EXPECT_TRUE(parse({"admin", "backup", "--help"}).error().text.contains("A running server does"));
}

TEST(CommandLine, AdminCommandsTakeTheDataDirectoryAtTheEnd) {
  const auto command = parse({"admin", "service", "create", "weather", "--rate", "100/10",
                              "--scope", "import", "--data", "elsewhere"});
  ASSERT_TRUE(command.has_value()) << command.error().text;
  const auto& admin = std::get<AdminCommand>(*command);
  EXPECT_EQ(admin.data, "elsewhere");
  const auto& create = std::get<ServiceCreate>(admin.what);
  EXPECT_EQ(create.name, "weather");
  EXPECT_EQ(create.rate, (Rate{100, 10}));
  EXPECT_TRUE(create.may_import);
}

TEST(CommandLine, AccountsAreDisabledAndEnabled) {
  EXPECT_FALSE(admin<AccountDisable>({"admin", "account", "disable", "bob"}).enable);
  EXPECT_TRUE(admin<AccountDisable>({"admin", "account", "enable", "bob"}).enable);
}

TEST(CommandLine, ANameMayBeWrittenAsItIsShown) {
  EXPECT_EQ(admin<AccountAdmin>({"admin", "account", "admin", "@bob"}).name, "bob");
  EXPECT_EQ(admin<AccountDisable>({"admin", "account", "disable", "@bob"}).name, "bob");
  EXPECT_EQ(admin<AccountCreate>({"admin", "account", "create", "@bob"}).name, "bob");
  EXPECT_EQ(admin<ServiceCreate>({"admin", "service", "create", "@weather"}).name, "weather");
  EXPECT_EQ(admin<ServiceRevoke>({"admin", "service", "revoke", "@weather"}).name, "weather");
  EXPECT_EQ(client<ClientLogin>({"client", "login", "@@bob"}).name, "@bob");
}

TEST(CommandLine, TheAdminRoleIsGivenAndTaken) {
  EXPECT_FALSE(admin<AccountAdmin>({"admin", "account", "admin", "bob"}).off);
  EXPECT_TRUE(admin<AccountAdmin>({"admin", "account", "admin", "bob", "--off"}).off);
}

TEST(CommandLine, ASendMayNameSeveralTargets) {
  const auto send = client<ClientSend>({"client", "send", "@bob,@carol", "hello there"});
  EXPECT_EQ(send.to, (std::vector<std::string>{"@bob", "@carol"}));
  EXPECT_EQ(send.text, "hello there");
  EXPECT_EQ(client<ClientSend>({"client", "send", "@bob", "-"}).text, "-");
}

TEST(CommandLine, MistakesExitWithTwoAndSayWhatToDo) {
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {},
           {"sevre"},
           {"serve", "--liste", "x"},
           {"admin"},
           {"admin", "service", "create"},
           {"admin", "service", "create", "weather", "--rate", "fast"},
           {"admin", "service", "create", "weather", "--rate", "0/1"},
           {"admin", "service", "create", "weather", "--scope", "everything"},
           {"client", "tail", "--last", "201"},
           {"client", "send", "@bob"}}) {
    const auto command = parse(wrong);
    ASSERT_FALSE(command.has_value());
    EXPECT_EQ(command.error().code, ExitCode::Usage);
    EXPECT_TRUE(command.error().text.contains("--help")) << command.error().text;
  }
}

TEST(CommandLine, AnUnknownCommandIsNamedWithTheOneThatWasMeant) {
  const auto said_of = [](std::vector<std::string> arguments) {
    const auto command = parse(std::move(arguments));
    EXPECT_EQ(command.error().code, ExitCode::Usage);
    return command.error().text;
  };
  EXPECT_EQ(said_of({"foo"}),
            "tidings: unknown command \"foo\"\nThe commands are listed by: tidings --help\n");
  EXPECT_EQ(said_of({"admin", "backp", "to", "--data", "d"}),
            "tidings: unknown command \"backp\"; did you mean \"backup\"?\n"
            "The commands are listed by: tidings admin --help\n");
  EXPECT_TRUE(said_of({"admin", "account", "lst"}).contains("did you mean \"list\"?"));
  EXPECT_TRUE(said_of({"client", "bogus", "--help"}).contains("unknown command \"bogus\""));
}

TEST(CommandLine, HelpOfEveryCommandShowsAnExample) {
  for (const std::vector<std::string>& path :
       std::vector<std::vector<std::string>>{{"serve"},
                                             {"admin", "account", "create"},
                                             {"admin", "account", "list"},
                                             {"admin", "account", "disable"},
                                             {"admin", "account", "enable"},
                                             {"admin", "account", "admin"},
                                             {"admin", "service", "create"},
                                             {"admin", "service", "list"},
                                             {"admin", "service", "revoke"},
                                             {"admin", "status"},
                                             {"admin", "backup"},
                                             {"admin", "restore"},
                                             {"admin", "rotate-keys"},
                                             {"admin", "check"},
                                             {"client"},
                                             {"client", "login"},
                                             {"client", "logout"},
                                             {"client", "send"},
                                             {"client", "tail"},
                                             {"client", "status"},
                                             {"client", "history"},
                                             {"client", "import"}}) {
    std::vector<std::string> arguments = path;
    arguments.emplace_back("--help");
    const auto command = parse(arguments);
    ASSERT_FALSE(command.has_value());
    EXPECT_EQ(command.error().code, ExitCode::Done);
    EXPECT_TRUE(command.error().text.contains("Examples:\n  tidings ")) << command.error().text;
  }
}

TEST(CommandLine, HelpSaysWhatKindOfValueAFlagTakesAndWhatItIsWithout) {
  const std::string tail = parse({"client", "tail", "--help"}).error().text;
  EXPECT_TRUE(tail.contains("  --last N  ")) << tail;
  EXPECT_TRUE(tail.contains("1 to 200. Default: 10")) << tail;
  const std::string status = parse({"admin", "status", "--help"}).error().text;
  EXPECT_TRUE(status.contains("  --data DIR  ")) << status;
  EXPECT_TRUE(status.contains("Default: data\n")) << status;
}

TEST(CommandLine, ListsOfCommandsShowTheFirstSentenceOfEach) {
  const std::string client = parse({"client", "--help"}).error().text;
  EXPECT_TRUE(client.contains("Store old messages, one JSON object a line.\n")) << client;
  EXPECT_FALSE(client.contains("sent_at")) << client;
}

TEST(CommandLine, TheVersionIsToldOnStandardOutput) {
  const auto command = parse({"--version"});
  ASSERT_FALSE(command.has_value());
  EXPECT_EQ(command.error().code, ExitCode::Done);
  EXPECT_TRUE(command.error().text.starts_with("tidings "));
}

}  // namespace
}  // namespace tidings
