#include <optional>
#include <utility>

#include "base/log.h"
#include "model/name.h"
#include "roles/api/answer.h"
#include "roles/api/endpoints.h"
#include "wire/operation_json.h"

namespace tidings {
namespace {

constexpr std::size_t kPage = 100;

// A secret must not lie in a cache on the way.
HttpResponse uncached(HttpResponse answer) {
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

// Where a page begins: after this name.
Result<std::string> take_start(Query& query) {
  auto after = query.text("after").value_or("");
  if (query.has("after") && !is_valid_name(after))
    query.wrong("after", "This must be a name, as `next` of the page before says it.");
  if (auto checked = query.finish(); !checked) return forward(std::move(checked));
  return after;
}

// Who did it is asked later.
void note(std::string_view event, const Call& call, std::string_view account) {
  log_info(event,
           {{"request", call.request.request_id}, {"by", call.caller.name}, {"account", account}});
}

}  // namespace

Task<Result<HttpResponse>> read_figures(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto reading = core.figures();
  const ServerFigures figures = co_await std::move(reading);
  co_return uncached(json_answer(200, encode_figures(figures, core.clock.now())));
}

Task<Result<HttpResponse>> list_accounts(const ApiCore& core, Call call) {
  auto after = take_start(call.query);
  if (!after) co_return forward(std::move(after));
  auto listing = core.accounts.list(std::move(*after), kPage);
  const auto users = co_await std::move(listing);
  if (!users) co_return forward(users);
  std::optional<std::string> next;
  if (users->size() == kPage) next = users->back().name;
  co_return json_answer(200, encode_accounts(*users, next));
}

Task<Result<HttpResponse>> patch_account(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto name = name_parameter(call, 0);
  if (!name) co_return forward(std::move(name));
  const auto disabled = decode_disabled(call.request.body);
  if (!disabled) co_return forward(disabled);
  auto setting = core.accounts.set_disabled(std::move(*name), *disabled, call.caller.user);
  const auto user = co_await std::move(setting);
  if (!user) co_return forward(user);
  note(*disabled ? "ops.account_disabled" : "ops.account_enabled", call, user->name);
  co_return json_answer(200, encode_account(*user));
}

Task<Result<HttpResponse>> list_services(const ApiCore& core, Call call) {
  auto after = take_start(call.query);
  if (!after) co_return forward(std::move(after));
  auto listing = core.services.list(std::move(*after), kPage);
  const auto page = co_await std::move(listing);
  if (!page) co_return forward(page);
  co_return json_answer(200, encode_services(*page));
}

Task<Result<HttpResponse>> create_key(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto request = decode_key_request(call.request.body);
  if (!request) co_return forward(std::move(request));
  auto creating = core.services.create(std::move(request->name), request->rules);
  const auto made = co_await std::move(creating);
  if (!made) co_return forward(made);
  note("ops.key_made", call, made->service.name);
  co_return uncached(json_answer(201, encode_new_key(*made)));
}

Task<Result<HttpResponse>> revoke_key(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto name = name_parameter(call, 0);
  if (!name) co_return forward(std::move(name));
  const auto key = KeyId::parse(call.parameters.at(1));
  if (!key) co_return fail(ErrorCode::UnknownUser, "This service has no such key.");
  auto revoking = core.services.revoke(*name, key);
  auto revoked = co_await std::move(revoking);
  if (!revoked) co_return forward(std::move(revoked));
  note("ops.key_revoked", call, *name);
  co_return empty_answer(204);
}

}  // namespace tidings
