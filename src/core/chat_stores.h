#pragma once

#include "ports/group_store.h"
#include "ports/message_store.h"
#include "ports/read_mark_store.h"
#include "ports/session_store.h"
#include "ports/user_store.h"

namespace tidings {

// The stores that together hold one chat.
struct ChatStores {
  MessageStore& messages;
  GroupStore& groups;
  UserStore& users;
  SessionStore& sessions;
  ReadMarkStore& read_marks;
};

}  // namespace tidings
