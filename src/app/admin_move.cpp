#include "app/admin_move.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>

#include "adapters/rocks/rocks_store.h"
#include "app/archive_directory.h"
#include "app/cluster_backend.h"
#include "app/progress_bar.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/run_loop.h"
#include "core/export_chat.h"
#include "core/import_chat.h"
#include "wire/archive_json.h"
#include "wire/json_writer.h"

namespace tidings {
namespace {

constexpr std::size_t kCacheBytes = std::size_t{64} << 20;

constexpr seconds kConnectFor{15};
constexpr milliseconds kTryEvery{500};

ExitCode complain(const Error& error) {
  std::fprintf(stderr, "%stidings: %s\n", ProgressBar::over(), error.detail.c_str());
  return error.code == ErrorCode::Unavailable ? ExitCode::Unreachable : ExitCode::Failed;
}

MoveProgress shown_on(ProgressBar& bar) {
  return [&bar](std::string_view what, std::size_t done, std::size_t of) {
    const double part = of == 0 ? -1 : static_cast<double>(done) / static_cast<double>(of);
    bar.show(part, std::string(what) + ", " + std::to_string(done));
  };
}

// `count` says how many records of a kind there are.
template <class Count>
std::string in_words(const Count& count) {
  return std::to_string(count(ArchiveKind::Messages)) + " messages of " +
         std::to_string(count(ArchiveKind::Groups)) + " groups and " +
         std::to_string(count(ArchiveKind::Accounts)) + " accounts";
}

template <class Count>
void append_counts(JsonWriter& json, const Count& count) {
  json.key("records").begin_object();
  for (std::size_t i = 0; i < kArchiveKinds; ++i) {
    const auto kind = static_cast<ArchiveKind>(i);
    json.key(name_of(kind)).number(count(kind));
  }
  json.end_object();
}

// `hint` is said when a server is using it.
Result<std::unique_ptr<RocksStore>> open_store(const std::string& data, std::string_view hint) {
  set_log_level(LogLevel::Warn);
  RocksOptions options;
  options.directory = data;
  options.cache_bytes = kCacheBytes;
  auto store = RocksStore::open(std::move(options));
  if (store || store.error().code != ErrorCode::Unavailable) return store;
  Error error = store.error();
  error.detail += hint;
  return std::unexpected(std::move(error));
}

MoveEnd end_of(RocksStore& store) {
  return {{store.messages(), store.groups(), store.users(), store.sessions(), store.read_marks()},
          [&store] { return store.renew_epoch(); }};
}

// A backend of our own on the stores of a cluster.
class Cluster {
 public:
  static Result<std::unique_ptr<Cluster>> open(const ConfigSources& sources) {
    set_log_level(LogLevel::Warn);
    auto config = load_config(sources, ServerRole::Api);
    if (!config) return forward(std::move(config));
    std::unique_ptr<Cluster> cluster(new Cluster(std::move(config->settings)));
    const Instant until = cluster->clock_.monotonic() + kConnectFor;
    while (const auto trouble = cluster->backend_.connect()) {
      if (trouble->is_final || cluster->clock_.monotonic() > until) {
        return fail(ErrorCode::Unavailable, trouble->which + ": " + trouble->reason);
      }
      std::this_thread::sleep_for(kTryEvery);
    }
    return cluster;
  }

  MoveEnd end() {
    const BackendPorts ports = backend_.ports();
    return {{ports.messages, ports.groups, ports.users, ports.sessions, ports.read_marks},
            [this] { return backend_.renew_epoch(); }};
  }

 private:
  explicit Cluster(Settings settings) : settings_(std::move(settings)) {}

  const Settings settings_;
  const SystemClock clock_;
  ClusterBackend backend_{settings_, clock_};
};

}  // namespace

ExitCode export_chat(const MoveEnd& from, const std::string& directory, bool json) {
  auto archive = ArchiveDirectoryWriter::open(directory);
  if (!archive) return complain(archive.error());
  ProgressBar bar;
  ExportChat exporting(from.stores, shown_on(bar));
  auto done = block_on(exporting.run(**archive));
  if (done) done = (*archive)->close();
  if (!done) {
    const ExitCode code = complain(done.error());
    std::fprintf(stderr, "Run this again: it goes on where it was.\n");
    return code;
  }
  const auto count = [&](ArchiveKind kind) { return (*archive)->count(kind); };
  bar.end(1, in_words(count));
  if (!json) {
    std::printf("The archive in %s holds %s. It holds hashes of passwords: keep it to yourself.\n",
                directory.c_str(), in_words(count).c_str());
    return ExitCode::Done;
  }
  std::string text;
  JsonWriter writer(text);
  writer.begin_object();
  append_counts(writer, count);
  writer.end_object();
  std::printf("%s\n", text.c_str());
  return ExitCode::Done;
}

ExitCode import_chat(const MoveEnd& into, const std::string& directory, bool json) {
  auto archive = ArchiveDirectoryReader::open(directory);
  if (!archive) return complain(archive.error());
  ProgressBar bar;
  ImportChat importing(into.stores, into.renew_epoch, encode_record, shown_on(bar));
  const auto report = block_on(importing.run(**archive));
  if (!report) {
    const ExitCode code = complain(report.error());
    if (code == ExitCode::Unreachable) {
      std::fprintf(stderr, "Run this again: it goes on where it was.\n");
    }
    return code;
  }
  const auto count = [&](ArchiveKind kind) { return report->archive.count(kind); };
  bar.end(1, in_words(count));
  const bool is_same = report->differences.empty();
  if (json) {
    std::string text;
    JsonWriter writer(text);
    writer.begin_object();
    append_counts(writer, count);
    writer.key("written").number(report->written);
    writer.key("differences").begin_array();
    for (const std::string& difference : report->differences) writer.text(difference);
    writer.end_array().end_object();
    std::printf("%s\n", text.c_str());
  } else if (is_same) {
    std::printf(
        "Brought in %s; %zu records were new. Archive and store hold the same: every "
        "digest agrees.\n",
        in_words(count).c_str(), report->written);
  }
  for (const std::string& difference : report->differences) {
    std::fprintf(stderr, "tidings: archive and store differ: %s\n", difference.c_str());
  }
  return is_same ? ExitCode::Done : ExitCode::Failed;
}

ExitCode export_data(const std::string& data, const std::string& directory, bool json) {
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::path(data) / "FORMAT", error)) {
    return complain(Error{
        ErrorCode::Unavailable, "There is no store in " + data + ": name it with --data.", {}});
  }
  const auto store =
      open_store(data,
                 " Stop it first. To export beside a running server, make a backup (tidings admin "
                 "backup), restore it into a new directory and export that.");
  if (!store) return complain(store.error());
  return export_chat(end_of(**store), directory, json);
}

ExitCode import_data(const std::string& data, const std::string& directory, bool json) {
  // An archive that can't be read leaves no data directory behind.
  if (auto archive = ArchiveDirectoryReader::open(directory); !archive) {
    return complain(archive.error());
  }
  const auto store = open_store(data, " Stop it first, or import into a new directory.");
  if (!store) return complain(store.error());
  return import_chat(end_of(**store), directory, json);
}

ExitCode export_cluster(const ConfigSources& cluster, const std::string& directory, bool json) {
  const auto opened = Cluster::open(cluster);
  if (!opened) return complain(opened.error());
  return export_chat((*opened)->end(), directory, json);
}

ExitCode import_cluster(const ConfigSources& cluster, const std::string& directory, bool json) {
  const auto opened = Cluster::open(cluster);
  if (!opened) return complain(opened.error());
  return import_chat((*opened)->end(), directory, json);
}

}  // namespace tidings
