#include "adapters/cassandra/slot_record.h"

#include "base/bytes.h"
#include "model/message_record.h"

namespace tidings::cassandra {

std::string encode_slot(const Amendment& amendment, Time received_at, bool erased) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.uuid(amendment.id.value);
  writer.u8(erased ? 1 : 0);
  writer.u64(~static_cast<std::uint64_t>(to_ms(received_at)));
  writer.raw(encode(amendment));
  return bytes;
}

bool decode_slot(std::string_view bytes, Amendment& amendment) {
  ByteReader reader(bytes);
  const MessageId id{reader.uuid()};
  reader.u8();
  reader.u64();
  return reader.ok() && decode(reader.raw(reader.left()), amendment) && amendment.id == id;
}

}  // namespace tidings::cassandra
