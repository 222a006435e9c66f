#include "roles/api/answer.h"
#include "roles/api/endpoints.h"
#include "wire/user_json.h"

namespace tidings {

Task<Result<HttpResponse>> read_me(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto reading = core.profiles.me(std::move(call.caller));
  auto me = co_await std::move(reading);
  if (!me) co_return forward(std::move(me));
  co_return json_answer(200, encode_me(*me));
}

Task<Result<HttpResponse>> patch_me(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto patch = decode_profile_patch(call.request.body);
  if (!patch) co_return forward(std::move(patch));

  auto patching = core.profiles.patch(std::move(call.caller), std::move(*patch));
  auto me = co_await std::move(patching);
  if (!me) co_return forward(std::move(me));
  co_return json_answer(200, encode_me(*me));
}

Task<Result<HttpResponse>> put_my_status(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto change = decode_status_change(call.request.body);
  if (!change) co_return forward(std::move(change));

  auto putting =
      core.profiles.put_status(std::move(call.caller), change->status, std::move(change->text));
  auto me = co_await std::move(putting);
  if (!me) co_return forward(std::move(me));
  co_return json_answer(200, encode_me(*me));
}

Task<Result<HttpResponse>> read_user(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto name = name_parameter(call, 0);
  if (!name) co_return forward(std::move(name));

  auto finding = core.profiles.find(std::move(call.caller), std::move(*name));
  auto profile = co_await std::move(finding);
  if (!profile) co_return forward(std::move(profile));
  co_return json_answer(200, encode_profile(*profile));
}

}  // namespace tidings
