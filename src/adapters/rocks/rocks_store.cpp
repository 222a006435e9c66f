#include "adapters/rocks/rocks_store.h"

#include <utility>

#include "adapters/rocks/commit_batcher.h"
#include "adapters/rocks/database.h"
#include "adapters/rocks/group_store.h"
#include "adapters/rocks/message_store.h"
#include "adapters/rocks/read_mark_store.h"
#include "adapters/rocks/reader.h"
#include "adapters/rocks/session_store.h"
#include "adapters/rocks/user_store.h"

namespace tidings {

// In the order in which they need each other; destroyed the other way round.
struct RocksStore::Parts {
  explicit Parts(std::unique_ptr<rocks::Database> opened)
      : database(std::move(opened)), reader(*database), batcher(*database) {}

  std::unique_ptr<rocks::Database> database;
  rocks::Reader reader;
  rocks::CommitBatcher batcher;
  rocks::RocksMessageStore messages{*database, batcher, reader};
  rocks::RocksGroupStore groups{*database, batcher, reader};
  rocks::RocksUserStore users{*database, batcher, reader};
  rocks::RocksSessionStore sessions{*database, batcher, reader};
  rocks::RocksReadMarkStore read_marks{*database, batcher, reader};
};

RocksStore::RocksStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RocksStore::~RocksStore() = default;

Result<std::unique_ptr<RocksStore>> RocksStore::open(RocksOptions options) {
  auto database = rocks::Database::open(options);
  if (!database) return forward(std::move(database));
  auto parts = std::make_unique<Parts>(std::move(*database));
  return std::unique_ptr<RocksStore>(new RocksStore(std::move(parts)));
}

MessageStore& RocksStore::messages() { return parts_->messages; }
ArrivalLog& RocksStore::arrivals() { return parts_->messages; }
GroupStore& RocksStore::groups() { return parts_->groups; }
UserStore& RocksStore::users() { return parts_->users; }
SessionStore& RocksStore::sessions() { return parts_->sessions; }
ReadMarkStore& RocksStore::read_marks() { return parts_->read_marks; }

Result<void> RocksStore::healthy() const { return parts_->batcher.healthy(); }

}  // namespace tidings
