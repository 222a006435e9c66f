#pragma once

#include "roles/api/call.h"

// Every call of the API, one function each; `routes.cpp` says under which path.
namespace tidings {

// account_endpoints.cpp
Task<Result<HttpResponse>> sign_up(const ApiCore& core, Call call);
Task<Result<HttpResponse>> change_password(const ApiCore& core, Call call);
Task<Result<HttpResponse>> end_account(const ApiCore& core, Call call);

// session_endpoints.cpp
Task<Result<HttpResponse>> sign_in(const ApiCore& core, Call call);
Task<Result<HttpResponse>> refresh_session(const ApiCore& core, Call call);
Task<Result<HttpResponse>> list_sessions(const ApiCore& core, Call call);
Task<Result<HttpResponse>> end_session(const ApiCore& core, Call call);

// profile_endpoints.cpp
Task<Result<HttpResponse>> read_me(const ApiCore& core, Call call);
Task<Result<HttpResponse>> patch_me(const ApiCore& core, Call call);
Task<Result<HttpResponse>> put_my_status(const ApiCore& core, Call call);
Task<Result<HttpResponse>> read_user(const ApiCore& core, Call call);

// block_endpoints.cpp
Task<Result<HttpResponse>> put_block(const ApiCore& core, Call call);
Task<Result<HttpResponse>> remove_block(const ApiCore& core, Call call);

// group_endpoints.cpp
Task<Result<HttpResponse>> create_group(const ApiCore& core, Call call);
Task<Result<HttpResponse>> list_groups(const ApiCore& core, Call call);
Task<Result<HttpResponse>> read_group(const ApiCore& core, Call call);
Task<Result<HttpResponse>> patch_group(const ApiCore& core, Call call);
Task<Result<HttpResponse>> remove_group(const ApiCore& core, Call call);

// member_endpoints.cpp
Task<Result<HttpResponse>> list_members(const ApiCore& core, Call call);
Task<Result<HttpResponse>> put_member(const ApiCore& core, Call call);
Task<Result<HttpResponse>> remove_member(const ApiCore& core, Call call);
Task<Result<HttpResponse>> join_group(const ApiCore& core, Call call);

// message_endpoints.cpp
Task<Result<HttpResponse>> put_message(const ApiCore& core, Call call);
Task<Result<HttpResponse>> post_message(const ApiCore& core, Call call);

// sync_endpoints.cpp
Task<Result<HttpResponse>> read_changes(const ApiCore& core, Call call);
Task<Result<HttpResponse>> pull(const ApiCore& core, Call call);
Task<Result<HttpResponse>> read_digest(const ApiCore& core, Call call);
Task<Result<HttpResponse>> put_read_mark(const ApiCore& core, Call call);
Task<Result<HttpResponse>> read_status(const ApiCore& core, Call call);

// history_endpoints.cpp
Task<Result<HttpResponse>> read_messages(const ApiCore& core, Call call);
Task<Result<HttpResponse>> read_message(const ApiCore& core, Call call);

// ops_endpoints.cpp
Task<Result<HttpResponse>> read_figures(const ApiCore& core, Call call);
Task<Result<HttpResponse>> list_accounts(const ApiCore& core, Call call);
Task<Result<HttpResponse>> patch_account(const ApiCore& core, Call call);
Task<Result<HttpResponse>> list_services(const ApiCore& core, Call call);
Task<Result<HttpResponse>> create_key(const ApiCore& core, Call call);
Task<Result<HttpResponse>> revoke_key(const ApiCore& core, Call call);

// document_endpoints.cpp
Task<Result<HttpResponse>> read_openapi(const ApiCore& core, Call call);
Task<Result<HttpResponse>> read_problem_page(const ApiCore& core, Call call);
Task<Result<HttpResponse>> refuse_plain_notifications(const ApiCore& core, Call call);

}  // namespace tidings
