#include "core/common_passwords.h"

#include <algorithm>
#include <string>
#include <vector>

namespace tidings {
namespace {

constexpr std::string_view kSpace = " \n";

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = text.find_first_not_of(kSpace); at != std::string_view::npos;
       at = text.find_first_not_of(kSpace, at)) {
    const std::size_t end = std::min(text.find_first_of(kSpace, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

}  // namespace

bool is_common_password(std::string_view password) {
  static const std::vector<std::string_view> kList = split(common_passwords());
  std::string lower(password);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return std::ranges::binary_search(kList, std::string_view(lower));
}

}  // namespace tidings
