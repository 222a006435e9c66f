#include "app/admin.h"

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

#include "adapters/rocks/rocks_store.h"
#include "app/admin_caller.h"
#include "app/admin_move.h"
#include "app/message_lines.h"
#include "app/terminal.h"
#include "base/log.h"
#include "wire/json_reader.h"
#include "wire/json_writer.h"

namespace tidings {
namespace {

ExitCode complain(const std::string& what, ExitCode code) {
  std::fprintf(stderr, "tidings: %s\n", what.c_str());
  return code;
}

ExitCode code_of(ErrorCode code) {
  return code == ErrorCode::Unavailable ? ExitCode::Unreachable : ExitCode::Failed;
}

std::string text_of(JsonValue object, std::string_view key) {
  const auto value = object.find(key);
  return value ? std::string(value->text()) : std::string();
}

bool is_true(JsonValue object, std::string_view key) {
  const auto value = object.find(key);
  return value && value->is(JsonType::True);
}

// One sentence of a problem, with the fields that it names.
std::string describe(JsonValue problem) {
  std::string out = text_of(problem, "detail");
  if (out.empty()) out = text_of(problem, "title");
  if (const auto errors = problem.find("errors")) {
    for (const JsonValue error : *errors)
      out += "\n  " + text_of(error, "field") + ": " + text_of(error, "message");
  }
  return out;
}

// "2026-11-23 16:04" in the local time zone of a time as the API writes it; "-" for never.
std::string short_time(const std::string& time) {
  if (time.starts_with("1970")) return "-";
  return local_time(time).substr(0, 16);
}

std::string size_in_words(double bytes) {
  const char* const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < std::size(units)) {
    bytes /= 1024;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
  return text;
}

// What one command asks, and how its answer is shown.
class AdminRun {
 public:
  explicit AdminRun(const AdminCommand& command) : command_(command), caller_(command) {}

  ExitCode operator()(const AccountCreate& create) {
    auto password = read_password("Password for @" + create.name + ": ", create.password_stdin,
                                  /*is_new=*/true);
    if (!password) return complain(password.error().detail, ExitCode::Usage);
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("name").text(create.name).key("password").text(*password);
    if (!create.display_name.empty()) json.key("display_name").text(create.display_name);
    json.end_object();
    return call("POST", "/accounts", body,
                [&](JsonValue) { std::printf("Made the account @%s.\n", create.name.c_str()); });
  }

  ExitCode operator()(const AccountList&) {
    const auto show_head = [] {
      std::printf("%-33s %-17s %-17s %s\n", "NAME", "CREATED", "LAST SEEN", "");
    };
    return list("/accounts", "accounts", show_head, [](JsonValue account) {
      std::string notes;
      if (is_true(account, "service")) notes += "service ";
      if (is_true(account, "admin")) notes += "admin ";
      if (is_true(account, "disabled")) notes += "disabled ";
      if (is_true(account, "ended")) notes += "ended ";
      std::printf("%-33s %-17s %-17s %s\n", ('@' + text_of(account, "name")).c_str(),
                  short_time(text_of(account, "created_at")).c_str(),
                  short_time(text_of(account, "last_seen")).c_str(), notes.c_str());
    });
  }

  ExitCode operator()(const AccountDisable& disable) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("name").text(disable.name);
    json.key("disabled").boolean(!disable.enable).end_object();
    return call("POST", "/accounts/disable", body, [&](JsonValue) {
      std::printf(disable.enable ? "@%s may sign in again.\n"
                                 : "@%s is signed out everywhere within 5 s and can't sign in.\n",
                  disable.name.c_str());
    });
  }

  ExitCode operator()(const AccountAdmin& role) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("name").text(role.name).key("admin").boolean(!role.off).end_object();
    return call("POST", "/accounts/admin", body, [&](JsonValue) {
      std::printf(role.off ? "@%s is no admin any more, within 5 s.\n"
                           : "@%s is an admin: the page /ops is open to them.\n",
                  role.name.c_str());
    });
  }

  ExitCode operator()(const ServiceCreate& create) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("name").text(create.name).key("import").boolean(create.may_import);
    if (create.rate) {
      json.key("rate_count").number(create.rate->count);
      json.key("rate_seconds").number(create.rate->seconds);
    }
    json.end_object();
    return call("POST", "/services", body, [&](JsonValue made) {
      // The token alone on standard output, so that a script can take it.
      std::fprintf(stderr, "The service @%s has a new key, %s. It is shown this once:\n",
                   create.name.c_str(), text_of(made, "key").c_str());
      std::printf("%s\n", text_of(made, "token").c_str());
    });
  }

  ExitCode operator()(const ServiceList&) {
    const auto show_head = [] {
      std::printf("%-33s %-37s %-17s %s\n", "NAME", "KEY", "CREATED", "");
    };
    return list("/services", "services", show_head, [](JsonValue service) {
      const std::string name = '@' + text_of(service, "name");
      const auto keys = service.find("keys");
      if (!keys || keys->size() == 0) {
        std::printf("%-33s %-37s\n", name.c_str(), "no key");
        return;
      }
      for (const JsonValue key : *keys) {
        std::string notes;
        if (key.find("rate")) notes += "rate " + text_of(key, "rate") + ' ';
        if (is_true(key, "import")) notes += "import ";
        if (key.find("revoked_at")) notes += "revoked " + short_time(text_of(key, "revoked_at"));
        std::printf("%-33s %-37s %-17s %s\n", name.c_str(), text_of(key, "id").c_str(),
                    short_time(text_of(key, "created_at")).c_str(), notes.c_str());
      }
    });
  }

  ExitCode operator()(const ServiceRevoke& revoke) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("name").text(revoke.name);
    if (!revoke.key.empty()) json.key("key").text(revoke.key);
    json.end_object();
    return call("POST", "/services/revoke", body, [&](JsonValue) {
      std::printf("%s of @%s stops working within 5 s.\n",
                  revoke.key.empty() ? "Every key" : "The key", revoke.name.c_str());
    });
  }

  ExitCode operator()(const AdminStatus&) {
    return show(caller_.call("GET", "/status"), [this](JsonValue status) {
      if (!command_.json) {
        for (const JsonValue member : status) print_status(member);
      }
      const bool is_of_a_server = status.find("running").has_value();
      return is_of_a_server && !is_true(status, "running") ? ExitCode::Unreachable : ExitCode::Done;
    });
  }

  ExitCode operator()(const AdminBackup& backup) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("directory");
    json.text(std::filesystem::absolute(backup.directory).lexically_normal().string());
    json.end_object();
    return call("POST", "/backup", body, [&](JsonValue copied) {
      std::printf("The backup in %s holds %s in %s files.\n", backup.directory.c_str(),
                  size_in_words(std::stod(text_of(copied, "bytes"))).c_str(),
                  text_of(copied, "files").c_str());
    });
  }

  ExitCode operator()(const AdminRestore& restore) {
    const auto copied = RocksStore::restore(restore.from, command_.data);
    if (!copied) return complain(copied.error().detail, code_of(copied.error().code));
    if (command_.json) {
      std::printf("%s\n", encode_copy(*copied).c_str());
      return ExitCode::Done;
    }
    std::printf("Restored %s into %s. Start it: tidings serve --data %s\n",
                size_in_words(static_cast<double>(copied->bytes)).c_str(), command_.data.c_str(),
                command_.data.c_str());
    return ExitCode::Done;
  }

  ExitCode operator()(const AdminExport& wanted) {
    if (command_.cluster) return export_cluster(*command_.cluster, wanted.directory, command_.json);
    return export_data(command_.data, wanted.directory, command_.json);
  }

  ExitCode operator()(const AdminImport& wanted) {
    if (command_.cluster) return import_cluster(*command_.cluster, wanted.directory, command_.json);
    return import_data(command_.data, wanted.directory, command_.json);
  }

  ExitCode operator()(const AdminRotateKeys&) {
    return call("POST", "/rotate-keys", {}, [](JsonValue) {
      std::printf("A new key signs from now on; what the one before it signed stays good.\n");
    });
  }

  // A damaged store can't be opened to be asked: it is looked at from outside.
  ExitCode operator()(const AdminCheck&) {
    const auto reply = call_admin_socket(command_.data, "POST", "/check", "");
    if (reply || reply.error().code != ErrorCode::UnknownRoute) return show_check(reply);
    set_log_level(LogLevel::Warn);
    RocksOptions options;
    options.directory = command_.data;
    const auto report = RocksStore::check(options);
    if (!report) return complain(report.error().detail, code_of(report.error().code));
    return show_check(AdminReply{200, encode_check(*report)});
  }

 private:
  static void print_status(JsonValue member) {
    const std::string_view key = member.key();
    const std::string value(member.text());
    const bool yes = member.is(JsonType::True);
    const auto line = [](std::string_view name, const std::string& words) {
      std::printf("%-22.*s %s\n", static_cast<int>(name.size()), name.data(), words.c_str());
    };
    if (key == "running") return line("server", yes ? "running" : "not running");
    if (key == "cluster") return line("server", "a cluster; its workers tell on /readyz");
    if (key == "up_seconds") return line("up", value + " s");
    if (key == "listen") return line("API", value);
    if (key == "admin_listen") return line("health and metrics", value);
    if (key == "takes_writes") return line("store", yes ? "takes writes" : "takes no writes");
    if (key == "store_trouble") return line("", value);
    if (key == "clock_in_order") return line("clock", yes ? "runs evenly" : "was stepped");
    if (key == "messages_estimated") return line("messages", "about " + value);
    if (key == "disk_bytes") return line("on the disk", size_in_words(std::stod(value)));
    if (key == "damage_met") return line("damage met", value == "0" ? "none" : value + " times");
    if (key == "accounts_to_erase") return line("accounts to erase", value);
    line(key, member.is_boolean() ? (yes ? "yes" : "no") : value);
  }

  ExitCode show_check(Result<AdminReply> reply) {
    return show(std::move(reply), [this](JsonValue report) {
      if (!command_.json) print_check(report);
      return is_true(report, "sound") ? ExitCode::Done : ExitCode::Failed;
    });
  }

  static void print_check(JsonValue report) {
    std::printf("Read %s messages of %s groups, %s members and %s accounts.\n",
                text_of(report, "messages").c_str(), text_of(report, "groups").c_str(),
                text_of(report, "members").c_str(), text_of(report, "users").c_str());
    if (is_true(report, "sound")) {
      std::printf("Checksums, records and digests agree: the store is sound.\n");
      return;
    }
    const std::string count = text_of(report, "problem_count");
    std::printf("Found %s %s:\n", count.c_str(), count == "1" ? "problem" : "problems");
    if (const auto problems = report.find("problems")) {
      for (const JsonValue problem : *problems) {
        const std::string group = text_of(problem, "group");
        std::printf("  %s: %s\n", group.empty() ? "store" : ("group " + group).c_str(),
                    text_of(problem, "what").c_str());
      }
    }
    std::printf("Restore a backup into a new directory: tidings admin restore FROM --data NEW\n");
  }

  // An answer that is no error. Its document looks at its bytes, which therefore never move.
  struct Answer {
    std::unique_ptr<AdminReply> reply;
    JsonDocument document;
  };

  static std::expected<Answer, ExitCode> judge(Result<AdminReply> reply) {
    if (!reply) return std::unexpected(complain(reply.error().detail, code_of(reply.error().code)));
    auto kept = std::make_unique<AdminReply>(std::move(*reply));
    auto document = JsonDocument::parse(kept->body);
    if (!document)
      return std::unexpected(complain("the server's answer can't be read", ExitCode::Failed));
    if (kept->status >= 400)
      return std::unexpected(complain(describe(document->root()), kept->status == 503
                                                                      ? ExitCode::Unreachable
                                                                      : ExitCode::Failed));
    return Answer{std::move(kept), std::move(*document)};
  }

  template <class Show>
  ExitCode show(Result<AdminReply> reply, Show show_answer) {
    const auto answer = judge(std::move(reply));
    if (!answer) return answer.error();
    if (command_.json) std::printf("%s\n", answer->reply->body.c_str());
    return show_answer(answer->document.root());
  }

  template <class Show>
  ExitCode call(std::string_view method, std::string_view target, const std::string& body,
                Show show_answer) {
    return show(caller_.call(method, target, body), [&](JsonValue root) {
      if (!command_.json) show_answer(root);
      return ExitCode::Done;
    });
  }

  // All pages below a head; as JSON, one page a line.
  template <class ShowHead, class Show>
  ExitCode list(const std::string& target, std::string_view key, ShowHead show_head,
                Show show_item) {
    std::string after;
    bool more = true;
    ExitCode code = ExitCode::Done;
    while (more && code == ExitCode::Done) {
      code = show(caller_.call("GET", target + "?after=" + after), [&](JsonValue page) {
        if (after.empty() && !command_.json) show_head();
        after = text_of(page, "next");
        more = !after.empty();
        const auto items = page.find(key);
        if (!items || command_.json) return ExitCode::Done;
        for (const JsonValue item : *items) show_item(item);
        return ExitCode::Done;
      });
    }
    return code;
  }

  const AdminCommand& command_;
  AdminCaller caller_;
};

}  // namespace

ExitCode run_admin(const AdminCommand& command) {
  AdminRun run(command);
  return std::visit(run, command.what);
}

}  // namespace tidings
