#include "roles/api/answer.h"
#include "roles/api/endpoints.h"
#include "roles/api/openapi_document.h"
#include "roles/api/problem_pages.h"
#include "wire/http_error.h"

namespace tidings {

Task<Result<HttpResponse>> read_openapi(const ApiCore&, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  co_return json_answer(200, std::string(openapi_document()));
}

Task<Result<HttpResponse>> read_problem_page(const ApiCore&, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  const auto code = code_of_name(call.parameters[0]);
  if (!code) co_return fail(ErrorCode::UnknownRoute, "There is no such problem.");
  HttpResponse answer = json_answer(200, problem_page(*code));
  answer.content_type = "text/html; charset=utf-8";
  co_return answer;
}

// A WebSocket handshake never comes here: the server takes it before.
Task<Result<HttpResponse>> refuse_plain_notifications(const ApiCore&, Call) {
  co_return fail(ErrorCode::UpgradeRequired, "Connect with a WebSocket client.");
}

}  // namespace tidings
