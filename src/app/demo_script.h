#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tidings {

// Who speaks in the demo group. Their names hold a dot, so that few people will want them.
struct DemoRole {
  std::string_view name;
  std::string_view display_name;
};

// One thing that is said there before the newcomer comes.
struct DemoLine {
  std::size_t role;                    // index into demo_roles()
  std::chrono::minutes ago;            // before the newcomer came
  std::chrono::minutes on_its_way{0};  // longer than 5 s: it arrived late
  std::string_view text;
  std::optional<std::size_t> reply_to{};  // index of an earlier line
  std::string_view emoji{};               // a reaction of the guide's
};

// The first is the guide, who answers.
std::span<const DemoRole> demo_roles();
// In the order in which they are said.
std::span<const DemoLine> demo_lines();

// What the guide says first.
std::string demo_greeting(std::string_view display_name);
// What it answers after it has answered `answered` times.
std::string_view demo_answer(std::size_t answered);

}  // namespace tidings
