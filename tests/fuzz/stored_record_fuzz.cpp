// Records of the store as a damaged disk might give them: decoding answers, never crashes, and what
// decodes is written back as bytes that decode to the same.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/rocks/stored_key.h"
#include "adapters/rocks/stored_record.h"
#include "adapters/rocks/write_log.h"
#include "base/ensure.h"

namespace tidings::rocks {
namespace {

template <class Record>
void decode_and_back(std::string_view bytes) {
  Record record{};
  if (!decode(bytes, record)) return;
  Record again{};
  ensure(decode(encode(record), again), "what was decoded can be stored again");
  ensure(again == record, "and is the same");
}

void run(std::string_view bytes) {
  if (bytes.empty()) return;
  const char which = bytes.front();
  bytes.remove_prefix(1);
  switch (which % 12) {
    case 0:
      return decode_and_back<Message>(bytes);
    case 1:
      return decode_and_back<Amendment>(bytes);
    case 2:
      return decode_and_back<Head>(bytes);
    case 3:
      return decode_and_back<DigestSum>(bytes);
    case 4:
      return decode_and_back<Group>(bytes);
    case 5:
      return decode_and_back<Member>(bytes);
    case 6:
      return decode_and_back<Membership>(bytes);
    case 7:
      return decode_and_back<User>(bytes);
    case 8:
      return decode_and_back<Session>(bytes);
    case 9:
      return decode_and_back<ServiceKey>(bytes);
    case 10: {
      Cursor mark;
      decode_mark(bytes, GroupId{uuid_at(bytes, 3)}, mark);
      return;
    }
    default: {
      const LogState state = examine_log(bytes);
      ensure(state.good_bytes <= bytes.size(), "a log is as long as it is");
      return;
    }
  }
}

}  // namespace
}  // namespace tidings::rocks

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tidings::rocks::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
