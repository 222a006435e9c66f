#include "roles/api/answer.h"
#include "roles/api/endpoints.h"
#include "wire/group_json.h"

namespace tidings {

Task<Result<HttpResponse>> create_group(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto wanted = decode_new_group(call.request.body);
  if (!wanted) co_return forward(std::move(wanted));

  auto creating = core.groups.create(std::move(call.caller), std::move(*wanted));
  auto made = co_await std::move(creating);
  if (!made) co_return forward(std::move(made));
  co_return json_answer(made->created ? 201 : 200, encode_group(made->view));
}

Task<Result<HttpResponse>> list_groups(const ApiCore& core, Call call) {
  auto request = call.query.list_request();
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));

  auto listing = core.groups.list(std::move(call.caller), std::move(request));
  auto page = co_await std::move(listing);
  if (!page) co_return forward(std::move(page));
  co_return json_answer(200, encode_groups(*page));
}

Task<Result<HttpResponse>> read_group(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  const auto group = group_parameter(call, 0);
  if (!group) co_return forward(group);

  auto finding = core.groups.find(std::move(call.caller), *group);
  auto view = co_await std::move(finding);
  if (!view) co_return forward(std::move(view));
  co_return json_answer(200, encode_group(*view));
}

Task<Result<HttpResponse>> patch_group(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  const auto group = group_parameter(call, 0);
  if (!group) co_return forward(group);
  auto patch = decode_group_patch(call.request.body);
  if (!patch) co_return forward(std::move(patch));

  auto patching = core.groups.patch(std::move(call.caller), *group, std::move(*patch));
  auto view = co_await std::move(patching);
  if (!view) co_return forward(std::move(view));
  co_return json_answer(200, encode_group(*view));
}

Task<Result<HttpResponse>> remove_group(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  const auto group = group_parameter(call, 0);
  if (!group) co_return forward(group);

  auto removing = core.groups.remove(std::move(call.caller), *group);
  auto removed = co_await std::move(removing);
  if (!removed) co_return forward(std::move(removed));
  co_return empty_answer(204);
}

}  // namespace tidings
