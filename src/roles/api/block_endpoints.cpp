#include "roles/api/answer.h"
#include "roles/api/endpoints.h"

namespace tidings {

Task<Result<HttpResponse>> put_block(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto name = name_parameter(call, 0);
  if (!name) co_return forward(std::move(name));

  auto putting = core.blocks.put(std::move(call.caller), std::move(*name));
  auto put = co_await std::move(putting);
  if (!put) co_return forward(std::move(put));
  co_return empty_answer(204);
}

Task<Result<HttpResponse>> remove_block(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto name = name_parameter(call, 0);
  if (!name) co_return forward(std::move(name));

  auto removing = core.blocks.remove(std::move(call.caller), std::move(*name));
  auto removed = co_await std::move(removing);
  if (!removed) co_return forward(std::move(removed));
  co_return empty_answer(204);
}

}  // namespace tidings
