#include "roles/api/answer.h"
#include "roles/api/endpoints.h"
#include "wire/group_json.h"

namespace tidings {

Task<Result<HttpResponse>> list_members(const ApiCore& core, Call call) {
  auto request = call.query.list_request();
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  const auto group = group_parameter(call, 0);
  if (!group) co_return forward(group);

  auto listing = core.members.list(std::move(call.caller), *group, std::move(request));
  auto page = co_await std::move(listing);
  if (!page) co_return forward(std::move(page));
  co_return json_answer(200, encode_members(*page));
}

Task<Result<HttpResponse>> put_member(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  const auto group = group_parameter(call, 0);
  if (!group) co_return forward(group);
  const auto role = decode_role(call.request.body);
  if (!role) co_return forward(role);
  // A name that nobody can have is unknown to members only: the core judges it after them.
  auto name = name_parameter(call, 1).value_or("");

  auto putting = core.members.put(std::move(call.caller), *group, std::move(name), *role);
  auto member = co_await std::move(putting);
  if (!member) co_return forward(std::move(member));
  co_return json_answer(200, encode_member(*member));
}

Task<Result<HttpResponse>> remove_member(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  const auto group = group_parameter(call, 0);
  if (!group) co_return forward(group);
  auto name = name_parameter(call, 1).value_or("");  // as above

  auto removing = core.members.remove(std::move(call.caller), *group, std::move(name));
  auto removed = co_await std::move(removing);
  if (!removed) co_return forward(std::move(removed));
  co_return empty_answer(204);
}

Task<Result<HttpResponse>> join_group(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  const auto group = group_parameter(call, 0);
  if (!group) co_return forward(group);

  auto joining = core.members.join(std::move(call.caller), *group);
  auto member = co_await std::move(joining);
  if (!member) co_return forward(std::move(member));
  co_return json_answer(200, encode_member(*member));
}

}  // namespace tidings
