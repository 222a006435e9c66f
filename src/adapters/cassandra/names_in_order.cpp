#include "adapters/cassandra/names_in_order.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tidings::cassandra {
namespace {

constexpr std::size_t kPrefixBytes = 4;
// Names begin with a letter.
constexpr char kFirstLetter = 'a';
constexpr char kLastLetter = 'z';
constexpr std::int32_t kPrefixesPerRead = 1'000;
constexpr std::size_t kKnownMax = 100'000;

std::string prefix_of(std::string_view name) { return std::string(name.substr(0, kPrefixBytes)); }

}  // namespace

Result<void> NamesInOrder::prepare() {
  return session_.prepare(
      {{put_name_, "INSERT INTO names_by_prefix (prefix, name) VALUES (?, ?)", kWrite},
       {put_prefix_, "INSERT INTO name_prefixes (letter, prefix) VALUES (?, ?)", kWrite},
       {list_names_, "SELECT name FROM names_by_prefix WHERE prefix = ? AND name > ? LIMIT ?",
        kListRead},
       {list_prefixes_, "SELECT prefix FROM name_prefixes WHERE letter = ? AND prefix >= ? LIMIT ?",
        kListRead}});
}

Task<Result<void>> NamesInOrder::put(std::string name) {
  std::string prefix = prefix_of(name);
  if (!is_known(prefix)) {
    const auto registered = co_await session_.write(
        put_prefix_, CqlValues().text(std::string_view(name).substr(0, 1)).text(prefix));
    if (!registered) co_return forward(registered);
    know(prefix);
  }
  co_return co_await session_.write(put_name_, CqlValues().text(prefix).text(name));
}

Task<Result<std::vector<std::string>>> NamesInOrder::page(std::string after, std::size_t limit) {
  std::vector<std::string> names;
  const char first = after.empty() ? kFirstLetter : std::max(kFirstLetter, after.front());
  for (char letter = first; letter <= kLastLetter; ++letter) {
    std::string from = prefix_of(after);
    for (;;) {
      const auto used = co_await prefixes(letter, from);
      if (!used) co_return forward(used);
      for (const std::string& prefix : *used) {
        const auto wanted = static_cast<std::int32_t>(limit - names.size());
        const auto rows =
            co_await session_.run(list_names_, CqlValues().text(prefix).text(after).int32(wanted));
        if (!rows) co_return forward(rows);
        for (std::size_t i = 0; i < rows->size(); ++i) names.emplace_back((*rows)[i].text(0));
        if (names.size() >= limit) co_return names;
      }
      if (used->size() < static_cast<std::size_t>(kPrefixesPerRead)) break;
      from = used->back() + '\0';
    }
  }
  co_return names;
}

Task<Result<std::vector<std::string>>> NamesInOrder::prefixes(char letter, std::string from) {
  std::vector<std::string> prefixes;
  const auto rows = co_await session_.run(
      list_prefixes_,
      CqlValues().text(std::string_view(&letter, 1)).text(from).int32(kPrefixesPerRead));
  if (!rows) co_return forward(rows);
  prefixes.reserve(rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i) prefixes.emplace_back((*rows)[i].text(0));
  co_return prefixes;
}

bool NamesInOrder::is_known(const std::string& prefix) {
  const std::scoped_lock lock(mutex_);
  return known_.contains(prefix);
}

void NamesInOrder::know(std::string prefix) {
  const std::scoped_lock lock(mutex_);
  if (known_.size() >= kKnownMax) known_.clear();
  known_.insert(std::move(prefix));
}

}  // namespace tidings::cassandra
