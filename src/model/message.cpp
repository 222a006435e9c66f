#include "model/message.h"

#include <array>

#include "base/bytes.h"
#include "model/limits.h"

namespace tidings {
namespace {

constexpr std::array<std::string_view, 5> kKindNames = {"text", "edit", "delete", "reaction",
                                                        "opaque"};

// A field that this kind has no use for must be absent, so that nothing a sender says is dropped in
// silence.
Result<void> check_absent(bool absent, const char* field, Kind kind) {
  if (absent) return {};
  return fail_field(field,
                    "A message of kind " + std::string(kind_name(kind)) + " has no " + field + ".");
}

bool is_allowed_link(std::string_view link) {
  return link.starts_with("https://") || link.starts_with("http://") || link.starts_with("media:");
}

Result<void> check_text(const std::string& text) {
  if (text.empty()) return fail_field("text", "A message needs at least one character.");
  const auto code_points = utf8_length(text);
  if (!code_points) return fail_field("text", "The text is not valid UTF-8.");
  if (*code_points > kTextCodePointsMax || text.size() > kTextBytesMax) {
    return fail(
        ErrorCode::TextTooLong,
        "A text has at most 10,000 characters and 40,000 bytes. Split it into several messages.");
  }
  return {};
}

Result<void> check_links(const std::vector<std::string>& links) {
  if (links.size() > kLinksMax) return fail_field("links", "At most 20 links.");
  for (std::size_t i = 0; i < links.size(); ++i) {
    const auto field = "links[" + std::to_string(i) + "]";
    if (!is_allowed_link(links[i]))
      return fail_field(field, "A link starts with http://, https:// or media:.");
    if (utf8_length(links[i]).value_or(kLinkCharactersMax + 1) > kLinkCharactersMax) {
      return fail_field(field, "A link has at most 2,048 characters.");
    }
  }
  return {};
}

Result<void> check_opaque(const Content& content) {
  if (content.ciphertext.empty())
    return fail_field("ciphertext", "An opaque message needs a ciphertext.");
  if (content.ciphertext.size() > kCiphertextBytesMax) {
    return fail_field("ciphertext", "A ciphertext has at most 64 KiB.");
  }
  if (content.scheme.empty()) return fail_field("scheme", "An opaque message names its scheme.");
  if (utf8_length(content.scheme).value_or(kSchemeCharactersMax + 1) > kSchemeCharactersMax) {
    return fail_field("scheme", "A scheme has at most 64 characters.");
  }
  return {};
}

Result<void> check_emoji(const std::string& emoji) {
  if (emoji.empty()) return fail_field("emoji", "A reaction needs an emoji.");
  if (emoji.size() > kEmojiBytesMax) return fail_field("emoji", "An emoji has at most 32 bytes.");
  return {};
}

}  // namespace

std::string_view kind_name(Kind kind) { return kKindNames.at(static_cast<std::size_t>(kind) - 1); }

std::optional<Kind> kind_of_name(std::string_view name) {
  for (std::size_t i = 0; i < kKindNames.size(); ++i) {
    if (kKindNames[i] == name) return static_cast<Kind>(i + 1);
  }
  return std::nullopt;
}

Result<void> check(const Content& content) {
  const Kind kind = content.kind;
  const bool has_text = kind == Kind::Text || kind == Kind::Edit;
  const bool is_said = kind == Kind::Text || kind == Kind::Opaque;
  for (const auto& checked : {
           has_text ? check_text(content.text) : check_absent(content.text.empty(), "text", kind),
           kind == Kind::Text ? check_links(content.links)
                              : check_absent(content.links.empty(), "links", kind),
           check_absent(is_said || content.metadata.empty(), "metadata", kind),
           check_absent(is_said || content.mentions.empty(), "mentions", kind),
           check_absent(is_said || !content.reply_to, "reply_to", kind),
           kind == Kind::Reaction ? check_emoji(content.emoji)
                                  : check_absent(content.emoji.empty(), "emoji", kind),
           check_absent(kind == Kind::Reaction || !content.remove, "remove", kind),
           kind == Kind::Opaque ? check_opaque(content)
                                : check_absent(content.ciphertext.empty(), "ciphertext", kind),
           check_absent(kind == Kind::Opaque || content.scheme.empty(), "scheme", kind),
       }) {
    if (!checked) return checked;
  }
  if (is_amendment(kind) && !content.target) {
    return fail_field("target", "Name the message that this one changes.");
  }
  if (auto absent = check_absent(is_amendment(kind) || !content.target, "target", kind); !absent) {
    return absent;
  }
  if (content.metadata.size() > kMetadataBytesMax) {
    return fail_field("metadata", "Metadata has at most 4 KiB as compact JSON.");
  }
  if (content.mentions.size() > kMentionsMax) return fail_field("mentions", "At most 20 mentions.");
  return {};
}

bool is_late(MessageId id, Time received_at) { return received_at - id.sent_at() > kLateAfter; }

bool Message::is_late() const { return tidings::is_late(id, received_at); }

}  // namespace tidings
