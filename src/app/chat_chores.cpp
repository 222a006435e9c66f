#include "app/chat_chores.h"

#include <utility>

#include "base/log.h"

namespace tidings {
namespace {

Task<void> refresh_revocations(Chat& chat) {
  auto refreshing = chat.sessions.refresh_revocations();
  const auto refreshed = co_await std::move(refreshing);
  if (!refreshed) log_warn("serve.revocations_unknown", {{"reason", refreshed.error().detail}});
}

Task<void> forget_ended_sessions(Chat& chat) {
  auto forgetting = chat.sessions.forget_ended();
  const auto forgotten = co_await std::move(forgetting);
  if (!forgotten) log_warn("serve.sessions_kept", {{"reason", forgotten.error().detail}});
}

Task<void> erase_accounts(Chat& chat) {
  auto erasing = chat.end_account.run_due();
  const std::size_t erased = co_await std::move(erasing);
  if (erased > 0) log_info("serve.accounts_erased", {{"accounts", erased}});
}

std::string clock_problem(const Chat& chat) {
  if (chat.clock_guard.in()) return {};
  return chat.ports.store_clocks == nullptr
             ? "it was stepped; wait 10 s"
             : "it was stepped, or differs from the store's by more than 0.5 s";
}

}  // namespace

void add_chat_chores(Chores& chores, Chat& chat) {
  chores.add("clock", seconds(1), [&chat] { return chat.clock_guard.check(); });
  chores.add("store", milliseconds(500), [&chat] { return chat.store_watch.look(); });
  chores.add("revocations", seconds(2), [&chat] { return refresh_revocations(chat); });
}

void add_request_chores(Chores& chores, Chat& chat) {
  chores.add("ended sessions", seconds(60), [&chat] { return forget_ended_sessions(chat); });
  chores.add("erasures", seconds(1), [&chat] { return erase_accounts(chat); });
}

std::vector<ReadyCheck> check_chat(const Chat& chat) {
  return {
      {"store", chat.store_watch.answers() ? "" : "it does not answer"},
      {"clock", clock_problem(chat)},
      {"revocations", chat.sessions.knows_revocations() ? "" : "they could not be read for 30 s"}};
}

}  // namespace tidings
