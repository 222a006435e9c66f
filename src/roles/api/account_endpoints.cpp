#include "roles/api/answer.h"
#include "roles/api/endpoints.h"
#include "wire/session_json.h"
#include "wire/user_json.h"

namespace tidings {

Task<Result<HttpResponse>> sign_up(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto request = decode_sign_up(call.request.body);
  if (!request) co_return forward(std::move(request));
  request->ip = call.request.remote_ip;

  auto signing_up = core.accounts.sign_up(std::move(*request));
  auto signed_up = co_await std::move(signing_up);
  if (!signed_up) co_return forward(std::move(signed_up));
  co_return json_answer(signed_up->created ? 201 : 200,
                        encode_signed_in(signed_up->user, signed_up->session, core.clock.now()));
}

Task<Result<HttpResponse>> change_password(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto change = decode_password_change(call.request.body);
  if (!change) co_return forward(std::move(change));

  auto changing = core.accounts.change_password(
      std::move(call.caller), std::move(change->old_password), std::move(change->new_password));
  auto changed = co_await std::move(changing);
  if (!changed) co_return forward(std::move(changed));
  co_return empty_answer(204);
}

Task<Result<HttpResponse>> end_account(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto ending = core.end_account.end(std::move(call.caller));
  auto ended = co_await std::move(ending);
  if (!ended) co_return forward(std::move(ended));
  co_return empty_answer(202);
}

}  // namespace tidings
