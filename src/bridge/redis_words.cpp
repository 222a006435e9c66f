#include "bridge/redis_words.h"

#include <utility>

#include "base/bytes.h"
#include "base/ensure.h"

namespace tidings {

namespace {

RedisReply read_one(ByteReader& reader) {
  RedisReply reply;
  switch (reader.u8()) {
    case 'i':
      reply.kind = RedisReply::Kind::Integer;
      reply.integer = static_cast<std::int64_t>(reader.u64());
      break;
    case 't':
      reply.kind = RedisReply::Kind::Text;
      reply.text = reader.raw(reader.u32());
      break;
    case 'l': {
      reply.kind = RedisReply::Kind::List;
      const std::uint32_t count = reader.u32();
      for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        reply.list.push_back(read_one(reader));
      }
      break;
    }
    default:
      break;
  }
  return reply;
}

}  // namespace

void append_words(std::string& out, std::span<const std::string> words) {
  ByteWriter writer(out);
  writer.u32(static_cast<std::uint32_t>(words.size()));
  for (const std::string& word : words) {
    writer.u32(static_cast<std::uint32_t>(word.size()));
    writer.raw(word);
  }
}

RedisReply read_reply(std::string_view bytes) {
  ByteReader reader(bytes);
  RedisReply reply = read_one(reader);
  ensure(reader.at_end(), "a reply as the driver writes it");
  return reply;
}

}  // namespace tidings
