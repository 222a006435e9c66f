#pragma once

#include <algorithm>
#include <functional>
#include <vector>

namespace tidings {

// Sorts a few hundred values at most, equals in the order in which they stand. Instead of
// std::stable_sort, which in our library still asks for memory by a function that C++17 deprecated.
template <class T, class Key>
void sort_few(std::vector<T>& values, Key key) {
  for (auto at = values.begin(); at != values.end(); ++at) {
    const auto place = std::ranges::upper_bound(values.begin(), at, std::invoke(key, *at), {}, key);
    std::rotate(place, at, at + 1);
  }
}

}  // namespace tidings
