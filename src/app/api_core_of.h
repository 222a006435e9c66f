#pragma once

#include <functional>
#include <utility>

#include "app/chat.h"
#include "roles/api/api_core.h"

namespace tidings {

// What the API answers from. `figures` are those of the process.
inline ApiCore api_core_of(Chat& chat, std::function<Task<ServerFigures>()> figures) {
  return {chat.sessions,    chat.accounts, chat.profiles,      chat.blocks,
          chat.end_account, chat.groups,   chat.members,       chat.send_message,
          chat.sync,        chat.history,  chat.digest_check,  chat.read_marks,
          chat.status_feed, chat.services, std::move(figures), chat.ports.throttle,
          chat.clock};
}

}  // namespace tidings
