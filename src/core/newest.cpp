#include "core/newest.h"

namespace tidings {

Task<Result<NewestRows>> read_newest(MessageStore& store, SyncReader reader, AnswerRoom room) {
  const IdRange visible{reader.visible_from, kLastMessageId};
  const std::size_t wanted = room.messages + 1;
  auto rows = co_await store.read_range(reader.group(), visible, Take::Newest, wanted);
  if (!rows) co_return forward(rows);
  std::size_t fitting = 0;
  while (fitting < rows->size() && room.take((*rows)[rows->size() - 1 - fitting])) ++fitting;

  NewestRows newest;
  newest.is_cut = fitting < rows->size();
  rows->erase(rows->begin(), rows->end() - static_cast<std::ptrdiff_t>(fitting));
  newest.messages = std::move(*rows);
  co_return newest;
}

}  // namespace tidings
