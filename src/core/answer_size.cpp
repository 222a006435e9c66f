#include "core/answer_size.h"

namespace tidings {
namespace {

constexpr std::size_t kEnvelopeBytes = 360;  // ids, times and the names of fields
constexpr std::size_t kItemBytes = 4;        // quotes, comma, at-sign

// JSON writes some characters with a backslash, and control characters with six bytes.
std::size_t quoted_bytes(std::string_view text) {
  // Without branches: this looks at every character of a page.
  std::size_t escaped = 0;
  std::size_t controls = 0;
  for (const char c : text) {
    escaped += static_cast<std::size_t>((c == '"') | (c == '\\'));
    controls += static_cast<std::size_t>(static_cast<unsigned char>(c) < 0x20);
  }
  return text.size() + escaped + 5 * controls;
}

}  // namespace

std::size_t answer_bytes(const Message& message) {
  const Content& content = message.content;
  std::size_t bytes = kEnvelopeBytes + message.author_name.size() + quoted_bytes(content.text) +
                      content.metadata.size() + quoted_bytes(content.emoji) +
                      content.ciphertext.size() / 3 * 4 + quoted_bytes(content.scheme);
  for (const auto& link : content.links) bytes += kItemBytes + quoted_bytes(link);
  for (const auto& name : content.mentions) bytes += kItemBytes + name.size();
  return bytes;
}

bool AnswerRoom::take(const Message& message) {
  const std::size_t needed = answer_bytes(message);
  if (messages == 0 || (!is_empty && needed > bytes)) return false;
  --messages;
  bytes -= needed < bytes ? needed : bytes;
  is_empty = false;
  return true;
}

}  // namespace tidings
