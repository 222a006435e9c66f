#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bridge/redis_client.h"

namespace tidings {

// What crosses to and from the driver of Redis; the bytes are drawn in driver/src/redis_words.rs.

void append_words(std::string& out, std::span<const std::string> words);
RedisReply read_reply(std::string_view bytes);

}  // namespace tidings
