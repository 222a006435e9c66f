#include "app/admin_handler.h"

#include <filesystem>
#include <string_view>

#include "base/log.h"
#include "wire/http_error.h"
#include "wire/json_fields.h"
#include "wire/json_writer.h"
#include "wire/operation_json.h"

namespace tidings {
namespace {

constexpr std::size_t kPage = 100;

HttpResponse json(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

// "after=NAME" of a query; names need no decoding.
std::string after_in(std::string_view query) {
  constexpr std::string_view kName = "after=";
  return query.starts_with(kName) ? std::string(query.substr(kName.size())) : std::string();
}

Task<Result<void>> rotate(AccessKeys& keys) { co_return keys.rotate(); }

// The same events as those of the API's operators. Nobody's account has this name.
void note(std::string_view event, std::string_view request_id, std::string_view account) {
  log_info(event, {{"request", request_id}, {"by", "(shell)"}, {"account", account}});
}

// An unknown user is said by name: the caller may be a script with many.
std::unexpected<Error> naming(Error error, std::string_view what, const std::string& name) {
  if (error.code == ErrorCode::UnknownUser && error.detail.empty())
    error.detail = "There is no " + std::string(what) + " @" + name + '.';
  return std::unexpected(std::move(error));
}

}  // namespace

AdminHandler::AdminHandler(Chat& chat, EmbeddedBackend& backend, std::function<Status()> status)
    : chat_(chat),
      embedded_(&backend),
      rotate_keys_([&backend] { return rotate(backend.access_keys()); }),
      status_(std::move(status)) {}

AdminHandler::AdminHandler(Chat& chat, RotateKeys rotate_keys, std::function<Status()> status)
    : chat_(chat),
      embedded_(nullptr),
      rotate_keys_(std::move(rotate_keys)),
      status_(std::move(status)) {}

Task<HttpResponse> AdminHandler::handle(HttpRequest request) {
  const std::string request_id = request.request_id;
  auto dispatching = dispatch(std::move(request));
  auto response = co_await std::move(dispatching);
  if (!response) co_return problem(response.error(), request_id);
  co_return std::move(*response);
}

HttpResponse AdminHandler::problem(const Error& error, std::string_view request_id) {
  return json(http_status(error.code),
              problem_json_for_operator(error, chat_.clock.now(), request_id));
}

Task<Result<HttpResponse>> AdminHandler::dispatch(HttpRequest request) {
  const bool get = request.method == HttpMethod::Get;
  const bool post = request.method == HttpMethod::Post;
  const std::string_view path = request.path;
  if (post && path == "/accounts") return create_account(std::move(request));
  if (get && path == "/accounts") return list_accounts(after_in(request.query));
  if (post && path == "/accounts/disable") return disable_account(std::move(request));
  if (post && path == "/accounts/admin") return set_admin(std::move(request));
  if (post && path == "/services") return create_service(std::move(request));
  if (get && path == "/services") return list_services(after_in(request.query));
  if (post && path == "/services/revoke") return revoke_service(std::move(request));
  if (post && path == "/backup" && embedded_) return back_up(std::move(request.body));
  if (post && path == "/rotate-keys") return rotate_keys();
  if (post && path == "/check" && embedded_) return check();
  if (get && path == "/status") return show_status();
  return refuse_unknown();
}

Task<Result<HttpResponse>> AdminHandler::create_account(HttpRequest request) {
  const auto document = JsonDocument::parse(request.body);
  if (!document) co_return forward(document);
  JsonFields fields(document->root());
  std::string name = fields.required_text("name");
  std::string password = fields.required_text("password");
  std::string display_name = fields.text("display_name").value_or("");
  if (auto done = fields.finish(); !done) co_return forward(std::move(done));
  auto creating =
      chat_.accounts.create(std::move(name), std::move(password), std::move(display_name));
  const auto user = co_await std::move(creating);
  if (!user) co_return forward(user);
  note("ops.account_made", request.request_id, user->name);
  co_return json(201, encode_account(*user));
}

Task<Result<HttpResponse>> AdminHandler::list_accounts(std::string after) {
  auto listing = chat_.accounts.list(std::move(after), kPage);
  const auto users = co_await std::move(listing);
  if (!users) co_return forward(users);
  std::optional<std::string> next;
  if (users->size() == kPage) next = users->back().name;
  co_return json(200, encode_accounts(*users, next));
}

Task<Result<HttpResponse>> AdminHandler::disable_account(HttpRequest request) {
  const auto document = JsonDocument::parse(request.body);
  if (!document) co_return forward(document);
  JsonFields fields(document->root());
  const std::string name = fields.required_text("name");
  const bool disabled = fields.boolean("disabled").value_or(true);
  if (auto done = fields.finish(); !done) co_return forward(std::move(done));
  auto setting = chat_.accounts.set_disabled(name, disabled);
  const auto user = co_await std::move(setting);
  if (!user) co_return naming(user.error(), "account", name);
  note(disabled ? "ops.account_disabled" : "ops.account_enabled", request.request_id, user->name);
  co_return json(200, encode_account(*user));
}

Task<Result<HttpResponse>> AdminHandler::set_admin(HttpRequest request) {
  const auto document = JsonDocument::parse(request.body);
  if (!document) co_return forward(document);
  JsonFields fields(document->root());
  const std::string name = fields.required_text("name");
  const bool admin = fields.boolean("admin").value_or(true);
  if (auto done = fields.finish(); !done) co_return forward(std::move(done));
  auto setting = chat_.accounts.set_admin(name, admin);
  const auto user = co_await std::move(setting);
  if (!user) co_return naming(user.error(), "account", name);
  note(admin ? "ops.admin_given" : "ops.admin_taken", request.request_id, user->name);
  co_return json(200, encode_account(*user));
}

Task<Result<HttpResponse>> AdminHandler::create_service(HttpRequest request) {
  auto wanted = decode_key_request(request.body);
  if (!wanted) co_return forward(std::move(wanted));
  auto creating = chat_.services.create(std::move(wanted->name), wanted->rules);
  const auto made = co_await std::move(creating);
  if (!made) co_return forward(made);
  note("ops.key_made", request.request_id, made->service.name);
  co_return json(201, encode_new_key(*made));
}

Task<Result<HttpResponse>> AdminHandler::list_services(std::string after) {
  auto listing = chat_.services.list(std::move(after), kPage);
  const auto services = co_await std::move(listing);
  if (!services) co_return forward(services);
  co_return json(200, encode_services(*services));
}

Task<Result<HttpResponse>> AdminHandler::revoke_service(HttpRequest request) {
  const auto document = JsonDocument::parse(request.body);
  if (!document) co_return forward(document);
  JsonFields fields(document->root());
  const std::string name = fields.required_text("name");
  const auto key_text = fields.text("key");
  const auto key = key_text ? KeyId::parse(*key_text) : std::nullopt;
  if (key_text && !key) fields.wrong("key", "This must be the id of a key: a UUID.");
  if (auto done = fields.finish(); !done) co_return forward(std::move(done));
  auto revoking = chat_.services.revoke(name, key);
  const auto revoked = co_await std::move(revoking);
  if (!revoked) co_return naming(revoked.error(), "service", name);
  note("ops.key_revoked", request.request_id, name);
  std::string answer;
  JsonWriter writer(answer);
  writer.begin_object().key("name").text(name).end_object();
  co_return json(200, std::move(answer));
}

Task<Result<HttpResponse>> AdminHandler::back_up(std::string body) {
  const auto document = JsonDocument::parse(body);
  if (!document) co_return forward(document);
  JsonFields fields(document->root());
  const std::filesystem::path directory = fields.required_text("directory");
  if (!directory.is_absolute()) fields.wrong("directory", "This must be an absolute path.");
  if (auto done = fields.finish(); !done) co_return forward(std::move(done));
  auto copying = embedded_->store().backup_to(directory);
  const auto copied = co_await std::move(copying);
  if (!copied) co_return forward(copied);
  co_return json(200, encode_copy(*copied));
}

Task<Result<HttpResponse>> AdminHandler::rotate_keys() {
  auto rotating = rotate_keys_();
  if (auto rotated = co_await std::move(rotating); !rotated) co_return forward(std::move(rotated));
  co_return json(200, "{}");
}

Task<Result<HttpResponse>> AdminHandler::check() {
  auto checking = embedded_->store().check();
  const auto report = co_await std::move(checking);
  if (!report) co_return forward(report);
  co_return json(200, encode_check(*report));
}

Task<Result<HttpResponse>> AdminHandler::show_status() {
  std::string body;
  JsonWriter writer(body);
  writer.begin_object();
  for (const auto& [key, value] : status_()) {
    writer.key(key);
    if (const auto* truth = std::get_if<bool>(&value)) writer.boolean(*truth);
    if (const auto* number = std::get_if<std::uint64_t>(&value)) writer.number(*number);
    if (const auto* text = std::get_if<std::string>(&value)) writer.text(*text);
  }
  writer.end_object();
  co_return json(200, std::move(body));
}

Task<Result<HttpResponse>> AdminHandler::refuse_unknown() {
  co_return fail(ErrorCode::UnknownRoute, "The server is of another version than this command.");
}

std::string encode_copy(const CopyReport& report) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("bytes").number(report.bytes).key("files").number(report.files);
  json.end_object();
  return body;
}

std::string encode_check(const CheckReport& report) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("sound").boolean(report.is_sound());
  json.key("groups").number(report.groups).key("messages").number(report.messages);
  json.key("arrivals").number(report.arrivals).key("late_arrivals").number(report.late_arrivals);
  json.key("amendments").number(report.amendments).key("sealed_sums").number(report.sealed_sums);
  json.key("members").number(report.members).key("users").number(report.users);
  json.key("sessions").number(report.sessions).key("problem_count").number(report.problem_count);
  json.key("problems").begin_array();
  for (const StoreProblem& problem : report.problems) {
    json.begin_object();
    if (problem.group) json.key("group").uuid(problem.group->value);
    json.key("what").text(problem.what).end_object();
  }
  json.end_array().end_object();
  return body;
}

}  // namespace tidings
