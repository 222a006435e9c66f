#pragma once

#include <string>
#include <vector>

#include "adapters/cassandra/bucket_registry.h"
#include "adapters/cassandra/statements.h"
#include "model/message.h"
#include "ports/message_store.h"

namespace tidings::cassandra {

// One copy of a row. There is one for each bucket to which workers that disagreed have written it.
struct RowCopy {
  Bucket bucket;
  Message message;
};

// Of two copies of one row, whether `other` is the one that readers are shown: an erased one, else
// the earlier received; of two received in one millisecond the greater bytes, as within a bucket.
bool beats(const Message& other, const Message& message);

// The tables of rows: writes into one bucket, and reads that merge all that are registered.
//
// Safe from any thread. Errors of every method: Unavailable; Internal, a row is damaged.
class MessageRows {
 public:
  MessageRows(CqlSession& session, BucketRegistry& registry, const Clock& clock)
      : session_(session), registry_(registry), clock_(clock) {}
  Result<void> prepare();

  // `record` is the encoded message; `written_at` its timestamp in µs.
  Task<Result<void>> insert(Bucket bucket, GroupId group, MessageId id, std::string record,
                            std::int64_t written_at, Instant deadline);

  Task<Result<std::vector<RowCopy>>> copies(GroupId group, std::vector<MessageId> ids,
                                            Instant deadline);
  // Row is Message or MessageId. At most `limit`, ascending, from the end that `take` says.
  template <class Row>
  Task<Result<std::vector<Row>>> read_range(GroupId group, IdRange range, Take take,
                                            std::size_t limit, Instant deadline);

 private:
  Task<Result<std::vector<RowCopy>>> copies_in(GroupId group, Bucket bucket,
                                               std::vector<MessageId> ids, Instant deadline);
  template <class Row>
  Task<Result<std::vector<Row>>> range_in(GroupId group, Bucket bucket, IdRange range, Take take,
                                          std::size_t limit, Instant deadline);

  CqlSession& session_;
  BucketRegistry& registry_;
  const Clock& clock_;
  CqlStatement insert_;
  CqlStatement select_by_id_;
  CqlStatement select_newest_;
  CqlStatement select_oldest_;
  CqlStatement select_newest_ids_;
  CqlStatement select_oldest_ids_;
};

extern template Task<Result<std::vector<Message>>> MessageRows::read_range<Message>(GroupId,
                                                                                    IdRange, Take,
                                                                                    std::size_t,
                                                                                    Instant);
extern template Task<Result<std::vector<MessageId>>> MessageRows::read_range<MessageId>(
    GroupId, IdRange, Take, std::size_t, Instant);

}  // namespace tidings::cassandra
