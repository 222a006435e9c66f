#include "base/random.h"

#include <sodium.h>

namespace tidings {

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

}  // namespace tidings
