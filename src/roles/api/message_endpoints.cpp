#include "roles/api/answer.h"
#include "roles/api/endpoints.h"
#include "wire/send_json.h"

namespace tidings {
namespace {

Task<Result<HttpResponse>> send(const ApiCore& core, Call call, MessageId id) {
  auto request = decode_send(id, call.request.body);
  if (!request) co_return forward(std::move(request));

  auto sending = core.send_message.run(call.caller, std::move(*request), call.bucket);
  auto receipt = co_await std::move(sending);
  if (!receipt) co_return forward(std::move(receipt));
  co_return json_answer(receipt->any_new ? 201 : 200, encode_receipt(*receipt, core.clock.now()));
}

}  // namespace

Task<Result<HttpResponse>> put_message(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  const auto id = message_parameter(call, 0);
  if (!id) co_return fail_field("id", "The id of a message is a UUIDv7, minted by its sender.");
  auto sending = send(core, std::move(call), *id);
  co_return co_await std::move(sending);
}

Task<Result<HttpResponse>> post_message(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  const auto id = MessageId::mint(core.clock.now(), call.caller.user);
  auto sending = send(core, std::move(call), id);
  co_return co_await std::move(sending);
}

}  // namespace tidings
