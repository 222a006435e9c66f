#include "app/demo.h"

#include <algorithm>
#include <string>
#include <utility>

#include "app/demo_script.h"
#include "base/log.h"

namespace tidings {
namespace {

constexpr milliseconds kOnTime{80};  // on its way, when it is not late
constexpr std::size_t kPage = 50;
// What is older was said while the bot was away, and nobody waits for an answer any more.
constexpr seconds kAnswerWithin{60};

Content text_of(std::string_view text) {
  Content content;
  content.text = text;
  return content;
}

Content reaction_to(MessageId target, std::string_view emoji) {
  Content content;
  content.kind = Kind::Reaction;
  content.target = target;
  content.emoji = emoji;
  return content;
}

}  // namespace

Caller Demo::guide_as_caller() const {
  Caller caller;
  caller.user = guide().id;
  caller.name = guide().name;
  caller.service = true;
  return caller;
}

Task<Result<void>> Demo::prepare() {
  for (const DemoRole& role : demo_roles()) {
    User user;
    user.id = UserId{Uuid::v4()};
    user.name = role.name;
    user.display_name = role.display_name;
    user.service = role.name == demo_roles().front().name;
    user.accepts_direct = false;  // they answer nowhere else
    user.created_at = chat_.clock.now();
    user.last_seen = user.created_at;
    auto creating = chat_.ports.users.create(user);
    auto before = co_await std::move(creating);
    if (!before) co_return forward(std::move(before));
    // Nobody can sign in as one of them, because they have no password.
    if (*before && (!(*before)->password_hash.empty() || (*before)->ended_at)) {
      co_return fail(ErrorCode::NameTaken,
                     "The demo can't be on: somebody is called " + std::string(role.name) + '.');
    }
    people_.push_back(*before ? std::move(**before) : std::move(user));
  }
  co_return {};
}

Task<void> Demo::welcome(User newcomer) {
  const std::string name = newcomer.name;
  auto making = make_group(std::move(newcomer));
  const auto made = co_await std::move(making);
  if (!made) log_warn("demo.no_group", {{"user", name}, {"reason", made.error().detail}});
}

// The messages come first and the newcomer last: whoever sees the group sees all of it.
Task<Result<void>> Demo::make_group(User newcomer) {
  const Time now = chat_.clock.now();
  Group group;
  group.id = keyed_group_id(guide().id, newcomer.id.value);
  group.name = "The lake on Saturday";
  group.description = "A group to try things out in. The bot Guide answers what you write.";
  group.created_at = now - demo_lines().front().ago;
  group.push_changed_at = group.created_at;
  group.created_by = guide().id;
  auto creating = chat_.ports.groups.create(group);
  const auto before = co_await std::move(creating);
  if (!before) co_return forward(before);
  if (*before) co_return {};

  auto saying = say_before(group.id, now);
  auto said = co_await std::move(saying);
  if (!said) co_return said;
  auto greeting =
      append(group.id, guide(), now, now + kOnTime, text_of(demo_greeting(newcomer.display_name)));
  auto greeted = co_await std::move(greeting);
  if (!greeted) co_return forward(greeted);

  std::vector<Member> members;
  for (const User& user : people_) {
    const Role role = user.id == guide().id ? Role::Owner : Role::Member;
    members.push_back({user.id, user.name, role, group.created_at, now});
  }
  members.push_back({newcomer.id, newcomer.name, Role::Owner, now, now});
  for (Member& member : members) {
    auto putting = chat_.ports.groups.compare_and_set_member(group.id, std::move(member));
    const auto put = co_await std::move(putting);
    if (!put) co_return forward(put);
  }
  auto telling = chat_.group_changes.member_changed(group.id, newcomer.id);
  co_return co_await std::move(telling);
}

Task<Result<void>> Demo::say_before(GroupId group, Time now) {
  std::vector<MessageId> ids;
  for (const DemoLine& line : demo_lines()) {
    Content content = text_of(line.text);
    if (line.reply_to) content.reply_to = ids.at(*line.reply_to);
    const Time sent_at = now - line.ago;
    auto saying = append(group, people_.at(line.role), sent_at, sent_at + line.on_its_way + kOnTime,
                         std::move(content));
    const auto said = co_await std::move(saying);
    if (!said) co_return forward(said);
    ids.push_back(*said);
    if (line.emoji.empty()) continue;
    const Time reacted_at = sent_at + seconds(40);
    auto reacting =
        append(group, guide(), reacted_at, reacted_at + kOnTime, reaction_to(*said, line.emoji));
    const auto reacted = co_await std::move(reacting);
    if (!reacted) co_return forward(reacted);
  }
  co_return {};
}

// Straight into the store: nobody else may say when a message was received.
Task<Result<MessageId>> Demo::append(GroupId group, const User& author, Time sent_at,
                                     Time received_at, Content content) {
  Message message;
  message.id = MessageId::mint(sent_at, author.id);
  message.group = group;
  message.author = author.id;
  message.author_name = author.name;
  message.received_at = received_at;
  message.content = std::move(content);
  const MessageId id = message.id;
  const bool late = message.is_late();
  auto appending = chat_.ports.messages.append(std::move(message), late);
  const auto appended = co_await std::move(appending);
  if (!appended) co_return forward(appended);
  co_return id;
}

Task<void> Demo::run() {
  auto opening = gateway_.open(guide_as_caller(), *this);
  auto opened = co_await std::move(opening);
  if (!opened) co_return;
  connection_ = *opened;
  gateway_.begin(connection_);
  co_await stopped_;
  auto closing = gateway_.close(std::move(*opened));
  co_await std::move(closing);
}

Task<void> Demo::changed(std::uint64_t n, Time, std::vector<GroupId> groups) {
  for (const GroupId group : groups) {
    auto answering = answer(group);
    co_await std::move(answering);
  }
  gateway_.acked(connection_, n);
}

// Answers when somebody else has the last word. Then the bot has it, so being told twice is
// harmless.
Task<void> Demo::answer(GroupId group) {
  HistoryRequest request;
  request.group = group;
  request.limit = kPage;
  auto reading = chat_.history.page(guide_as_caller(), request);
  const auto page = co_await std::move(reading);
  if (!page || page->messages.empty()) co_return;
  const Message& last = page->messages.back().message;
  const auto is_of_the_demo = [&](const Message& message) {
    return std::ranges::any_of(people_,
                               [&](const User& user) { return user.id == message.author; });
  };
  const Time now = chat_.clock.now();
  if (is_of_the_demo(last) || last.content.kind != Kind::Text ||
      now - last.sent_at() > kAnswerWithin)
    co_return;

  // The greeting is the first thing that it says.
  const auto spoken = std::ranges::count_if(page->messages, [&](const ShownMessage& shown) {
    return shown.message.author == guide().id;
  });
  SendRequest reply;
  reply.id = MessageId::mint(std::max(now, last.sent_at() + milliseconds(1)), guide().id);
  reply.to.push_back({group.to_string(), group});
  reply.content = text_of(demo_answer(spoken > 0 ? static_cast<std::size_t>(spoken) - 1 : 0));
  auto sending = chat_.send_message.run(guide_as_caller(), std::move(reply));
  const auto sent = co_await std::move(sending);
  if (!sent) log_warn("demo.no_answer", {{"reason", sent.error().detail}});
}

}  // namespace tidings
