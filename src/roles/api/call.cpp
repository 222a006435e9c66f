#include "roles/api/call.h"

#include "model/name.h"

namespace tidings {

Result<GroupId> group_parameter(const Call& call, std::size_t index) {
  const auto id = GroupId::parse(call.parameters.at(index));
  if (!id) return fail(ErrorCode::UnknownGroup);
  return *id;
}

Result<MessageId> message_parameter(const Call& call, std::size_t index) {
  const auto id = MessageId::parse(call.parameters.at(index));
  if (!id) return fail(ErrorCode::UnknownMessage);
  return *id;
}

Result<SessionId> session_parameter(const Call& call, std::size_t index) {
  const auto id = SessionId::parse(call.parameters.at(index));
  if (!id) return fail(ErrorCode::UnknownSession);
  return *id;
}

Result<std::string> name_parameter(const Call& call, std::size_t index) {
  const auto name = name_of_reference(call.parameters.at(index));
  if (name.empty()) {
    return fail(ErrorCode::UnknownUser, "Write a person as @name; in a path, %40name is the same.");
  }
  return std::string(name);
}

}  // namespace tidings
