#pragma once

#include <vector>

#include "app/chat.h"
#include "base/completion.h"
#include "core/gateway.h"
#include "core/subscriber.h"
#include "model/message.h"
#include "model/user.h"

namespace tidings {

// What whoever signs up finds when the setting `demo` is on: a group with some history, in which a
// bot answers. The bot is connected like any client, is told like any client, and pulls.
class Demo final : public Subscriber {
 public:
  Demo(Chat& chat, Gateway& gateway) : chat_(chat), gateway_(gateway) {}

  // Makes the accounts of those who speak, unless they are there. Called once, before anything
  // else.
  //
  // Errors: NameTaken  somebody else has one of their names
  //         Unavailable
  Task<Result<void>> prepare();

  // Makes the group of somebody new. Repeating it makes nothing twice. What fails is logged: nobody
  // is refused an account for want of a demo. Safe from any thread.
  Task<void> welcome(User newcomer);

  // Lets the bot answer until `request_stop`. On a loop of the gateway.
  Task<void> run();
  // Called once, from any thread.
  void request_stop() { stopped_.set(true); }

  // As a subscriber.
  Task<void> changed(std::uint64_t n, Time time, std::vector<GroupId> groups) override;
  Task<void> recheck() override { co_return; }
  Task<void> session_ended() override { co_return; }

 private:
  const User& guide() const { return people_.front(); }
  Caller guide_as_caller() const;
  Task<Result<void>> make_group(User newcomer);
  Task<Result<void>> say_before(GroupId group, Time now);
  Task<Result<MessageId>> append(GroupId group, const User& author, Time sent_at, Time received_at,
                                 Content content);
  Task<void> answer(GroupId group);

  Chat& chat_;
  Gateway& gateway_;
  std::vector<User> people_;  // as demo_roles()
  Gateway::ConnectionRef connection_;
  Completion<bool> stopped_;
};

}  // namespace tidings
