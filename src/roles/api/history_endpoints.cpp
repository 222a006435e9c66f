#include "wire/history_json.h"

#include "model/limits.h"
#include "roles/api/answer.h"
#include "roles/api/endpoints.h"

namespace tidings {
namespace {

HistoryRequest take_history_request(Query& query, GroupId group) {
  if (query.has("around") && (query.has("before") || query.has("after"))) {
    query.wrong("around", "This stands alone.");
  }
  return {group, query.bound("before"), query.bound("after"), query.bound("around"), query.limit()};
}

std::vector<MessageId> take_ids(Query& query) {
  for (const auto* other : {"before", "after", "around", "limit"}) {
    if (query.has(other)) query.wrong(other, "This does not go with ids.");
  }
  const auto texts = query.list("ids");
  if (texts.size() > kIdsPerReadMax) query.wrong("ids", "At most 100 ids.");
  std::vector<MessageId> ids;
  ids.reserve(texts.size());
  for (const auto& text : texts) {
    const auto id = MessageId::parse(text);
    if (!id) {
      query.wrong("ids", "Each must be the id of a message, a UUIDv7.");
      break;
    }
    ids.push_back(*id);
  }
  return ids;
}

Task<Result<HttpResponse>> read_page(const ApiCore& core, Call call, GroupId group) {
  auto request = take_history_request(call.query, group);
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));

  auto reading = core.history.page(std::move(call.caller), request);
  auto page = co_await std::move(reading);
  if (!page) co_return forward(std::move(page));
  co_return cached_answer(json_answer(200, encode_history(*page)),
                          call.request.header("if-none-match"));
}

Task<Result<HttpResponse>> read_rows(const ApiCore& core, Call call, GroupId group) {
  auto ids = take_ids(call.query);
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));

  auto reading = core.history.by_ids(std::move(call.caller), group, std::move(ids));
  auto rows = co_await std::move(reading);
  if (!rows) co_return forward(std::move(rows));
  co_return json_answer(200, encode_rows(*rows));
}

}  // namespace

Task<Result<HttpResponse>> read_messages(const ApiCore& core, Call call) {
  const auto group = group_parameter(call, 0);
  if (!group) co_return forward(group);
  auto reading = call.query.has("ids") ? read_rows(core, std::move(call), *group)
                                       : read_page(core, std::move(call), *group);
  co_return co_await std::move(reading);
}

Task<Result<HttpResponse>> read_message(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  const auto group = group_parameter(call, 0);
  if (!group) co_return forward(group);
  const auto id = message_parameter(call, 1);

  // An id that no message can have is looked for too, so that outsiders learn nothing of the group.
  auto reading = core.history.one(std::move(call.caller), *group, id.value_or(kFirstMessageId));
  auto shown = co_await std::move(reading);
  if (!shown) co_return forward(std::move(shown));
  co_return json_answer(200, encode_message(*shown));
}

}  // namespace tidings
