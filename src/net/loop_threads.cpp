#include "net/loop_threads.h"

namespace tidings {

LoopThreads::LoopThreads(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    loops_.push_back(owned_.emplace_back(std::make_unique<AsioLoop>()).get());
    threads_.emplace_back([loop = loops_.back()] { loop->run(); });
  }
}

LoopThreads::~LoopThreads() { stop(); }

void LoopThreads::stop() {
  for (AsioLoop* loop : loops_) {
    loop->stop();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace tidings
