#pragma once

#include <memory>

#include "adapters/memory/memory_group_queue.h"
#include "adapters/memory/memory_presence.h"
#include "adapters/memory/memory_throttle.h"
#include "adapters/rocks/rocks_store.h"
#include "adapters/sodium/password_hasher.h"
#include "app/access_keys.h"
#include "app/backend_ports.h"
#include "app/settings.h"
#include "base/clock.h"
#include "base/result.h"

namespace tidings {

// What keeps everything of `tidings serve`: a data directory, and for the rest the memory of this
// process. Safe from any thread.
class EmbeddedBackend {
 public:
  // Opens the data directory, making it when it is missing.
  //
  // Errors: InvalidRequest  the directory can't be written, or holds something else
  //         Unavailable     another process uses it
  //         Internal        it is damaged
  // The detail is for the person who started the program.
  static Result<std::unique_ptr<EmbeddedBackend>> open(const Settings& settings,
                                                       const Clock& clock);

  EmbeddedBackend(const Settings& settings, const Clock& clock, std::unique_ptr<RocksStore> store,
                  std::unique_ptr<AccessKeys> access_keys);

  BackendPorts ports();

  RocksStore& store() { return *store_; }
  AccessKeys& access_keys() { return *access_keys_; }
  const MemoryThrottle& throttle() const { return throttle_; }

 private:
  std::unique_ptr<RocksStore> store_;
  MemoryGroupQueue queue_;
  MemoryPresence presence_;
  MemoryThrottle throttle_;
  SodiumPasswordHasher hasher_;
  std::unique_ptr<AccessKeys> access_keys_;
};

}  // namespace tidings
