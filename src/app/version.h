#pragma once

namespace tidings {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace tidings
