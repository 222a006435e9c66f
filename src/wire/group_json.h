#pragma once

#include <string>
#include <string_view>

#include "core/groups.h"
#include "core/list_page.h"
#include "model/group.h"

namespace tidings {

// Bodies of calls. Errors of each: InvalidRequest naming each field that is wrong
Result<NewGroup> decode_new_group(std::string_view body);
Result<GroupPatch> decode_group_patch(std::string_view body);
Result<Role> decode_role(std::string_view body);

std::string encode_group(const GroupView& view);
std::string encode_groups(const ListPage<GroupView>& page);
std::string encode_member(const Member& member);
std::string encode_members(const ListPage<Member>& page);

}  // namespace tidings
