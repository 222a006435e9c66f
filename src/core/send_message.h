#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/busy_groups.h"
#include "core/clock_guard.h"
#include "core/directory.h"
#include "core/marker.h"
#include "model/group.h"
#include "model/message.h"
#include "model/user.h"
#include "ports/group_store.h"
#include "ports/message_store.h"
#include "ports/throttle.h"

namespace tidings {

// Where a message goes: a group, or a person (then the direct group with them).
struct SendTarget {
  std::string to;                // as the sender wrote it: "@bob", or the id of a group
  std::optional<GroupId> group;  // absent: `to` names a person
};

struct SendRequest {
  MessageId id;  // as the client minted it; the author's tag need not be right yet
  std::vector<SendTarget> to;
  Content content;
};

enum class Stored { New, Already };

// What became of one target.
struct SentTo {
  std::string to;                // as the sender wrote it
  std::optional<GroupId> group;  // absent: it names nobody
  std::string group_name;        // empty for direct groups, and where it was refused
  Result<Stored> outcome;
};

struct SendReceipt {
  MessageId id;  // final, with the author's tag
  Time sent_at;
  Time received_at;  // of the first target that holds it
  bool late = false;
  bool any_new = false;         // stored for at least one target by this very call
  std::vector<SentTo> targets;  // in the order asked
};

// Stores what somebody says, once for each target, and lets its group's members be told.
//
// Safe from any thread. Must be stopped before it is destroyed.
class SendMessage {
 public:
  SendMessage(MessageStore& messages, GroupStore& groups, Directory& directory, Throttle& throttle,
              Marker& marker, const ClockGuard& clock_guard, const Clock& clock);
  ~SendMessage();

  // On success the message is durable for every target whose outcome says so. May be repeated with
  // the same id and content, to any worker: a message is stored once a target, and where it is, no
  // rule that has changed since refuses it.
  //
  // It is refused as a whole, with the first target's error, only if no target holds it:
  //   InvalidRequest, TextTooLong    what model/message.h checks; not 1 to 10 different targets,
  //                                  or more than there will ever be tokens for;
  //                                  a mention of somebody who is not a member
  //   ClockAhead, TooOld             sent more than 10 s ahead, or 30 days ago
  //   UnknownUser, UnknownGroup, UnknownMessage (the target of an amendment)
  //   NotAccepted                    the person takes no direct messages from this sender
  //   Forbidden                      the sender may only read, or not change that message
  //   NotHere, TooManyReactions      reactions: only where members are told, at most 20 emoji
  //   IdConflict                     the id is stored with other content; nothing was written
  //   TooManyRequests                Error::retry_after says when to return
  //   Unavailable                    unknown whether it was stored: repeat the same id. Also where
  //                                  other content came first under the id, and nobody knows yet
  //                                  whether that is stored
  // What the bucket holds that paid, or refused to, is left in `bucket`, on failure too.
  Task<Result<SendReceipt>> run(Caller caller, SendRequest request,
                                std::optional<Allowance>* bucket = nullptr);

  // Messages that were stored, and where. Safe from any thread.
  BusyGroups& busy_groups();

  // Waits for the repairs that follow failed writes; ends them.
  Task<void> stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
