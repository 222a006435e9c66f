#pragma once

#include <vector>

#include "app/chat.h"
#include "app/chores.h"
#include "app/health_handler.h"

namespace tidings {

// What every process that holds the chat must do again and again: look at the clock and the store,
// and learn which sessions ended elsewhere.
void add_chat_chores(Chores& chores, Chat& chat);

// What those do beside it that answer requests: forget ended sessions, erase ended accounts.
void add_request_chores(Chores& chores, Chat& chat);

// Whether the store answers, the clock may stamp and the ended sessions are known.
std::vector<ReadyCheck> check_chat(const Chat& chat);

}  // namespace tidings
