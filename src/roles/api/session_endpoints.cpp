#include "roles/api/answer.h"
#include "roles/api/endpoints.h"
#include "wire/session_json.h"

namespace tidings {

Task<Result<HttpResponse>> sign_in(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto request = decode_sign_in(call.request.body);
  if (!request) co_return forward(std::move(request));

  auto signing_in =
      core.sessions.sign_in(std::move(request->name), std::move(request->password),
                            std::move(request->device), std::move(call.request.remote_ip));
  auto signed_in = co_await std::move(signing_in);
  if (!signed_in) co_return forward(std::move(signed_in));
  co_return json_answer(201,
                        encode_signed_in(signed_in->user, signed_in->session, core.clock.now()));
}

Task<Result<HttpResponse>> refresh_session(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto token = decode_refresh(call.request.body);
  if (!token) co_return forward(std::move(token));

  auto refreshing = core.sessions.refresh(std::move(*token));
  auto refreshed = co_await std::move(refreshing);
  if (!refreshed) co_return forward(std::move(refreshed));
  co_return json_answer(201, encode_refreshed(*refreshed, core.clock.now()));
}

Task<Result<HttpResponse>> list_sessions(const ApiCore& core, Call call) {
  auto request = call.query.list_request();
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));

  auto listing = core.sessions.list(std::move(call.caller), std::move(request));
  auto page = co_await std::move(listing);
  if (!page) co_return forward(std::move(page));
  co_return json_answer(200, encode_sessions(*page));
}

Task<Result<HttpResponse>> end_session(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  const auto session = session_parameter(call, 0);
  if (!session) co_return forward(session);

  auto ending = core.sessions.end(std::move(call.caller), *session);
  auto ended = co_await std::move(ending);
  if (!ended) co_return forward(std::move(ended));
  co_return empty_answer(204);
}

}  // namespace tidings
