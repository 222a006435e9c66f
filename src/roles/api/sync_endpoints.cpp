#include "model/limits.h"
#include "model/name.h"
#include "roles/api/answer.h"
#include "roles/api/endpoints.h"
#include "wire/digest_json.h"
#include "wire/read_mark_json.h"
#include "wire/status_json.h"
#include "wire/sync_json.h"

namespace tidings {
namespace {

ChangesRequest take_changes_request(Query& query, GroupId group) {
  if (query.has("cursor") && query.has("since")) {
    query.wrong("since", "Send a cursor or a time, not both.");
  }
  return {group, query.text("cursor"), query.time("since"), query.limit(), query.flag("fresh")};
}

std::vector<std::string> take_users(Query& query) {
  auto users = query.list("users");
  if (users.size() > kStatusUsersMax) query.wrong("users", "At most 100 users.");
  for (auto& user : users) {
    const auto name = name_of_reference(user);
    if (name.empty()) query.wrong("users", "Each must be a name such as @alice.");
    user = std::string(name);
  }
  return users;
}

StatusRequest take_status_request(Query& query) {
  if (query.has("cursor") && query.has("since")) {
    query.wrong("since", "Send a cursor or a time, not both.");
  }
  StatusRequest request;
  request.cursor = query.text("cursor");
  request.since = query.time("since");
  request.users = take_users(query);
  for (const auto& with : query.list("with")) {
    if (with == "unread") {
      request.with_unread = true;
    } else if (with == "last") {
      request.with_last = true;
    } else {
      query.wrong("with", "This may name unread and last.");
    }
  }
  request.limit = query.limit();
  return request;
}

}  // namespace

Task<Result<HttpResponse>> read_changes(const ApiCore& core, Call call) {
  const auto group = group_parameter(call, 0);
  if (!group) co_return forward(group);
  auto request = take_changes_request(call.query, *group);
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));

  auto reading = core.sync.changes(std::move(call.caller), std::move(request));
  auto changes = co_await std::move(reading);
  if (!changes) co_return forward(std::move(changes));
  co_return json_answer(200, encode_changes(*changes, core.clock.now()));
}

Task<Result<HttpResponse>> pull(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  auto request = decode_pull(call.request.body);
  if (!request) co_return forward(std::move(request));

  auto pulling = core.sync.pull(std::move(call.caller), std::move(*request));
  auto results = co_await std::move(pulling);
  if (!results) co_return forward(std::move(results));
  co_return json_answer(200, encode_pull(*results, core.clock.now()));
}

Task<Result<HttpResponse>> read_digest(const ApiCore& core, Call call) {
  const auto group = group_parameter(call, 0);
  if (!group) co_return forward(group);
  const auto last = call.query.number("last", 1, kDigestRowsMax);
  const auto from = call.query.bound("from");
  const auto to = call.query.bound("to");
  if (call.query.has("last") && (call.query.has("from") || call.query.has("to"))) {
    call.query.wrong("last", "Send a range or how many of the last, not both.");
  }
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));

  auto reading = last ? core.digest_check.last(std::move(call.caller), *group, *last)
                      : core.digest_check.range(
                            std::move(call.caller), *group,
                            IdRange{from.value_or(kFirstMessageId), to.value_or(kLastMessageId)});
  auto digest = co_await std::move(reading);
  if (!digest) co_return forward(std::move(digest));
  co_return json_answer(200, encode_digest(*digest));
}

Task<Result<HttpResponse>> put_read_mark(const ApiCore& core, Call call) {
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));
  const auto group = group_parameter(call, 0);
  if (!group) co_return forward(group);
  auto cursor = decode_read_mark(call.request.body);
  if (!cursor) co_return forward(std::move(cursor));

  auto putting = core.read_marks.put(std::move(call.caller), *group, std::move(*cursor));
  auto put = co_await std::move(putting);
  if (!put) co_return forward(std::move(put));
  co_return empty_answer(204);
}

Task<Result<HttpResponse>> read_status(const ApiCore& core, Call call) {
  auto request = take_status_request(call.query);
  if (auto checked = call.query.finish(); !checked) co_return forward(std::move(checked));

  auto reading = core.status_feed.run(std::move(call.caller), std::move(request));
  auto status = co_await std::move(reading);
  if (!status) co_return forward(std::move(status));
  co_return json_answer(200, encode_status(*status, core.clock.now()));
}

}  // namespace tidings
