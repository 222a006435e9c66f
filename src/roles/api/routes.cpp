#include "roles/api/routes.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "roles/api/endpoints.h"
#include "roles/api/percent.h"

namespace tidings {
namespace {

constexpr std::size_t kSegmentsMax = 6;

constexpr std::array<std::string_view, 2> kListQuery = {"cursor", "limit"};
constexpr std::array<std::string_view, 4> kChangesQuery = {"cursor", "since", "limit", "fresh"};
constexpr std::array<std::string_view, 5> kHistoryQuery = {"before", "after", "around", "limit",
                                                           "ids"};
constexpr std::array<std::string_view, 1> kNameQuery = {"after"};
constexpr std::array<std::string_view, 3> kDigestQuery = {"from", "to", "last"};
constexpr std::array<std::string_view, 5> kStatusQuery = {"cursor", "since", "users", "with",
                                                          "limit"};

using enum HttpMethod;
using enum Access;
using enum Charge;

// The busiest first: the table is searched from its start. A path without parameters stands before
// one with them that fits it too.
constexpr Route kRoutes[] = {
    {Put, "/v1/messages/{id}", put_message, Caller, Nothing, true},
    {Get, "/v1/groups/{id}/changes", read_changes, Caller, Read, false, kChangesQuery},
    {Get, "/v1/groups/{id}/messages", read_messages, Caller, Read, false, kHistoryQuery},
    {Post, "/v1/pull", pull, Caller, Read, true},
    {Get, "/v1/status", read_status, Caller, Read, false, kStatusQuery},
    {Put, "/v1/groups/{id}/read", put_read_mark, Caller, Read, true},
    {Get, "/v1/groups/{id}/digest", read_digest, Caller, Read, false, kDigestQuery},
    {Get, "/v1/groups/{id}/messages/{message}", read_message, Caller, Read},
    {Post, "/v1/messages", post_message, Caller, Nothing, true},

    {Post, "/v1/accounts", sign_up, Anyone, Nothing, true},
    {Post, "/v1/sessions", sign_in, Anyone, Nothing, true},
    {Post, "/v1/sessions/refresh", refresh_session, Anyone, Nothing, true},
    {Get, "/v1/sessions", list_sessions, Caller, Read, false, kListQuery},
    {Delete, "/v1/sessions/{id}", end_session, Caller, Write},

    {Get, "/v1/me", read_me, Caller, Read},
    {Patch, "/v1/me", patch_me, Caller, Write, true},
    {Delete, "/v1/me", end_account, Caller, Write},
    {Put, "/v1/me/password", change_password, Caller, Write, true},
    {Put, "/v1/me/status", put_my_status, Caller, Write, true},
    {Put, "/v1/me/blocks/{name}", put_block, Caller, Write},
    {Delete, "/v1/me/blocks/{name}", remove_block, Caller, Write},
    {Get, "/v1/users/{name}", read_user, Caller, Read},

    {Post, "/v1/groups", create_group, Caller, Write, true},
    {Get, "/v1/groups", list_groups, Caller, Read, false, kListQuery},
    {Get, "/v1/groups/{id}", read_group, Caller, Read},
    {Patch, "/v1/groups/{id}", patch_group, Caller, Write, true},
    {Delete, "/v1/groups/{id}", remove_group, Caller, Write},
    {Get, "/v1/groups/{id}/members", list_members, Caller, Read, false, kListQuery},
    {Put, "/v1/groups/{id}/members/{name}", put_member, Caller, Write, true},
    {Delete, "/v1/groups/{id}/members/{name}", remove_member, Caller, Write},
    {Post, "/v1/groups/{id}/join", join_group, Caller, Write},

    {Get, "/v1/ops/figures", read_figures, Admin, Read},
    {Get, "/v1/ops/accounts", list_accounts, Admin, Read, false, kNameQuery},
    {Patch, "/v1/ops/accounts/{name}", patch_account, Admin, Write, true},
    {Get, "/v1/ops/services", list_services, Admin, Read, false, kNameQuery},
    {Post, "/v1/ops/services", create_key, Admin, Write, true},
    {Delete, "/v1/ops/services/{name}/keys/{key}", revoke_key, Admin, Write},

    {Get, "/v1/notifications", refuse_plain_notifications, Anyone, Nothing},
    {Get, "/v1/openapi.json", read_openapi, Anyone, Nothing},
    {Get, "/problems/{code}", read_problem_page, Anyone, Nothing},
};

struct Segments {
  std::array<std::string_view, kSegmentsMax> parts;
  std::size_t count = 0;  // more than kSegmentsMax: too many

  explicit Segments(std::string_view path) {
    while (path.starts_with('/') && count <= kSegmentsMax) {
      path.remove_prefix(1);
      const auto part = path.substr(0, path.find('/'));
      if (count < kSegmentsMax) parts[count] = part;
      ++count;
      path.remove_prefix(part.size());
    }
  }
};

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

bool matches(const Segments& wanted, const Segments& given) {
  if (wanted.count != given.count) return false;
  for (std::size_t i = 0; i < wanted.count; ++i) {
    if (is_parameter(wanted.parts[i]) ? given.parts[i].empty()
                                      : wanted.parts[i] != given.parts[i]) {
      return false;
    }
  }
  return true;
}

const std::vector<Segments>& templates() {
  static const std::vector<Segments> kTemplates = [] {
    std::vector<Segments> all;
    for (const Route& route : kRoutes) all.emplace_back(route.path);
    return all;
  }();
  return kTemplates;
}

void take_parameters(RouteMatch& match, const Segments& wanted, const Segments& given) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < wanted.count; ++i) {
    if (is_parameter(wanted.parts[i])) match.parameters.at(next++) = given.parts[i];
  }
}

void add_allowed(RouteMatch& match, HttpMethod method) {
  if (!match.allowed.empty()) match.allowed += ", ";
  match.allowed += method_name(method);
  if (method == Get) match.allowed += ", HEAD";
}

}  // namespace

std::span<const Route> route_table() { return kRoutes; }

std::string_view method_name(HttpMethod method) {
  static constexpr std::array<std::string_view, 8> kNames = {"GET",   "HEAD",   "POST",    "PUT",
                                                             "PATCH", "DELETE", "OPTIONS", "OTHER"};
  return kNames.at(static_cast<std::size_t>(method));
}
RouteMatch find_route(HttpMethod method, std::string_view encoded_path) {
  RouteMatch match;
  Segments given(encoded_path);
  if (given.count > kSegmentsMax) return match;
  // Each segment is decoded by itself, so that an encoded slash separates nothing.
  std::array<std::string, kSegmentsMax> decoded;
  for (std::size_t i = 0; i < given.count; ++i) {
    if (given.parts.at(i).find('%') == std::string_view::npos) continue;
    auto part = percent_decode(given.parts.at(i));
    if (!part) return match;
    decoded.at(i) = std::move(*part);
    given.parts.at(i) = decoded.at(i);
  }

  const HttpMethod wanted = method == Head ? Get : method;
  std::string_view fitting;
  for (std::size_t i = 0; i < std::size(kRoutes); ++i) {
    const Segments& path = templates()[i];
    if (!matches(path, given)) continue;
    // Nobody means another resource by the same address.
    if (fitting.empty()) fitting = kRoutes[i].path;
    if (kRoutes[i].path != fitting) continue;
    if (kRoutes[i].method != wanted) {
      add_allowed(match, kRoutes[i].method);
      continue;
    }
    match.route = &kRoutes[i];
    take_parameters(match, path, given);
    break;
  }
  return match;
}

}  // namespace tidings
