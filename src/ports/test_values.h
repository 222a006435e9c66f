#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/run_loop.h"
#include "model/amendment.h"
#include "model/message.h"

// Values for the contract suites. Ids are random and nothing is assumed to be empty, so that a
// suite can run against a store that holds other things already.
namespace tidings::contract {

// Well in the past of every clock: a store may order writes by time and compare them with its own.
inline const Time kStart = from_ms(1'700'000'000'000);

inline GroupId new_group_id() { return {Uuid::v4()}; }
inline UserId new_user_id() { return {Uuid::v4()}; }

inline Message text_message(GroupId group, UserId author, Time sent_at, Time received_at,
                            std::string text) {
  Message message;
  message.id = MessageId::mint(sent_at, author);
  message.group = group;
  message.author = author;
  message.author_name = "alice";
  message.received_at = received_at;
  message.content.text = std::move(text);
  return message;
}

inline Message amendment_message(const Message& target, UserId author, Kind kind, Time sent_at) {
  Message message = text_message(target.group, author, sent_at, sent_at, "");
  message.content.kind = kind;
  message.content.target = target.id;
  return message;
}

inline Message edit_message(const Message& target, Time sent_at, std::string text) {
  Message message = amendment_message(target, target.author, Kind::Edit, sent_at);
  message.content.text = std::move(text);
  return message;
}

inline Message reaction_message(const Message& target, UserId author, Time sent_at,
                                std::string emoji, bool remove = false) {
  Message message = amendment_message(target, author, Kind::Reaction, sent_at);
  message.content.emoji = std::move(emoji);
  message.content.remove = remove;
  return message;
}

inline std::vector<MessageId> ids_of(const std::vector<Message>& messages) {
  std::vector<MessageId> ids;
  for (const Message& message : messages) ids.push_back(message.id);
  return ids;
}

inline std::vector<Message> by_id(std::vector<Message> messages) {
  std::ranges::sort(messages, {}, &Message::id);
  return messages;
}

// Runs `task` to its end and takes the value; a failure fails the test and gives an empty one.
template <class T>
T value_of(Task<Result<T>> task) {
  Result<T> result = block_on(std::move(task));
  EXPECT_TRUE(result.has_value()) << code_name(result.error().code);
  return result ? std::move(*result) : T{};
}
inline void succeed(Task<Result<void>> task) {
  const Result<void> result = block_on(std::move(task));
  EXPECT_TRUE(result.has_value()) << code_name(result.error().code);
}

}  // namespace tidings::contract
