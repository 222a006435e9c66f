#include "app/embedded_backend.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "app/made_of_settings.h"

namespace tidings {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

RocksOptions rocks_options(const Settings& settings) {
  RocksOptions options;
  options.directory = settings.data;
  options.durability = settings.durability == "os" ? Durability::Os : Durability::Fsync;
  options.cache_bytes = settings.block_cache_mib * kMiB;
  options.write_buffer_bytes = settings.write_buffer_mib * kMiB;
  return options;
}

// What is in there is nobody else's business. A directory that was there keeps its rights.
Result<void> make_directory(const std::filesystem::path& data) {
  std::error_code error;
  if (std::filesystem::is_directory(data, error)) return {};
  std::filesystem::create_directories(data, error);
  if (error)
    return fail(ErrorCode::InvalidRequest,
                "The data directory " + data.string() + " can't be made: " + error.message() + '.');
  ::chmod(data.c_str(), S_IRWXU);
  return {};
}

}  // namespace

Result<std::unique_ptr<EmbeddedBackend>> EmbeddedBackend::open(const Settings& settings,
                                                               const Clock& clock) {
  if (auto made = make_directory(settings.data); !made) return forward(std::move(made));
  auto store = RocksStore::open(rocks_options(settings));
  if (!store) return forward(std::move(store));
  auto keys = AccessKeys::open(settings.data, clock);
  if (!keys) return forward(std::move(keys));
  return std::make_unique<EmbeddedBackend>(settings, clock, std::move(*store), std::move(*keys));
}

EmbeddedBackend::EmbeddedBackend(const Settings& settings, const Clock& clock,
                                 std::unique_ptr<RocksStore> store,
                                 std::unique_ptr<AccessKeys> access_keys)
    : store_(std::move(store)),
      queue_(clock),
      presence_(clock),
      throttle_(clock),
      hasher_(password_cost(settings)),
      access_keys_(std::move(access_keys)) {}

BackendPorts EmbeddedBackend::ports() {
  return {.messages = store_->messages(),
          .arrivals = &store_->arrivals(),
          .groups = store_->groups(),
          .users = store_->users(),
          .sessions = store_->sessions(),
          .read_marks = store_->read_marks(),
          .store_clocks = nullptr,
          .queue = queue_,
          .marks_kept_max = 0,
          .presence = presence_,
          .throttle = throttle_,
          .hasher = hasher_,
          .access_tokens = access_keys_->tokens()};
}

}  // namespace tidings
