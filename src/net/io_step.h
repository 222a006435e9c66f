#pragma once

#include <cstddef>
#include <cstdint>

namespace tidings {

// What came of one attempt to move bytes without blocking.
struct IoStep {
  enum class Next : std::uint8_t {
    GoOn,         // it moved `bytes`
    WaitToRead,   // nothing moved: try again when the socket can be read
    WaitToWrite,  // nothing moved: try again when the socket can be written
    Gone,         // the peer ended the stream, or it broke
  };
  std::size_t bytes = 0;
  Next next = Next::GoOn;
};

}  // namespace tidings
