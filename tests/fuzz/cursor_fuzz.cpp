// Cursors from strangers: decoding answers, never crashes, and what decodes is written back as text
// that decodes to the same. Whatever a forged one says, a round can be planned behind it.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/ensure.h"
#include "core/round.h"
#include "model/cursor.h"
#include "model/limits.h"

using namespace tidings;

namespace {

const GroupId kGroup{};

void plan_behind(const Cursor& cursor) {
  RoundRead read;
  read.begin = from_ms(1'795'000'000'000);
  read.start = start_of(cursor, RoundRules{});
  for (int i = 0; i < 8; ++i) {
    const MessageId id = MessageId::floor(read.begin - milliseconds(100 * (8 - i)));
    read.sent.push_back(id);
    read.late.push_back({read.begin - milliseconds(10 * (8 - i)), id});
  }
  const RoundPage page = plan_page(read, cursor, kFirstMessageId, 3, RoundRules{});
  ensure(page.sent.size() + page.late.size() <= 3, "a page keeps its limit");
  ensure(encode(page.next).size() <= kCursorCharactersMax, "every cursor of ours fits");
}

void decode_and_back(std::string_view text) {
  if (const auto cursor = decode_cursor(text, kGroup)) {
    const auto again = decode_cursor(encode(*cursor), kGroup);
    ensure(again.has_value(), "what was decoded can be sent again");
    plan_behind(*cursor);
  }
  if (const auto cursor = decode_status_cursor(text)) {
    const auto again = decode_status_cursor(encode(*cursor));
    ensure(again && *again == *cursor, "a status cursor survives being written");
  }
  if (const auto last = decode_list_cursor(text)) {
    const auto again = decode_list_cursor(encode_list_cursor(*last));
    ensure(again && *again == *last, "a list cursor survives being written");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  decode_and_back(bytes);
  // Most texts are no base64: let the bytes themselves be reached too.
  decode_and_back(to_base64url(bytes));
  return 0;
}
