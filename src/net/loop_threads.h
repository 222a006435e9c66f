#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "net/asio_loop.h"

namespace tidings {

// Loops, each on a thread of its own, from construction to `stop`.
class LoopThreads {
 public:
  explicit LoopThreads(std::size_t count);
  ~LoopThreads();  // stops
  LoopThreads(const LoopThreads&) = delete;
  LoopThreads& operator=(const LoopThreads&) = delete;

  const std::vector<AsioLoop*>& loops() const { return loops_; }

  // Ends the threads and waits for them. Whatever lives on the loops was ended before: what is
  // still posted is never resumed.
  void stop();

 private:
  std::vector<std::unique_ptr<AsioLoop>> owned_;
  std::vector<AsioLoop*> loops_;
  std::vector<std::thread> threads_;
};

}  // namespace tidings
