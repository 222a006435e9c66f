#include "adapters/memory/store_faults.h"

#include "base/ensure.h"

namespace tidings {
namespace {

std::set<StoreMethod> methods_where(bool (*chosen)(StoreMethod)) {
  std::set<StoreMethod> methods;
  for (int i = 0; i <= static_cast<int>(StoreMethod::Newest); ++i) {
    const auto method = static_cast<StoreMethod>(i);
    if (chosen(method)) methods.insert(method);
  }
  return methods;
}

bool take_one(int& count) {
  if (count == 0) return false;
  --count;
  return true;
}

}  // namespace

bool HeldCall::step() {
  if (next_ == steps_.size()) return false;
  steps_[next_++]();
  return true;
}

void HeldCall::answer() {
  ensure(!is_answered_, "a held call is answered once");
  while (step()) {
  }
  is_answered_ = true;
  outcome_.set(Result<void>());
}

void HeldCall::time_out() {
  ensure(!is_answered_, "a held call is answered once");
  is_answered_ = true;
  outcome_.set(fail(ErrorCode::Unavailable, "The store did not answer in time."));
}

void StoreFaults::hold_reads() {
  hold(methods_where([](StoreMethod method) { return !is_write(method); }));
}
void StoreFaults::hold_writes() { hold(methods_where(is_write)); }
void StoreFaults::hold_all() {
  hold(methods_where([](StoreMethod) { return true; }));
}

void StoreFaults::release() {
  holding_.clear();
  for (const auto& call : held()) call->answer();
}

std::vector<std::shared_ptr<HeldCall>> StoreFaults::held() const {
  std::vector<std::shared_ptr<HeldCall>> found;
  for (const auto& call : calls_) {
    if (!call->is_answered()) found.push_back(call);
  }
  return found;
}

std::vector<std::shared_ptr<HeldCall>> StoreFaults::lost() const {
  std::vector<std::shared_ptr<HeldCall>> found;
  for (const auto& call : calls_) {
    if (call->is_answered() && is_write(call->method) && call->steps_left() > 0) {
      found.push_back(call);
    }
  }
  return found;
}

bool StoreFaults::stir(std::mt19937& random, unsigned time_out_percent) {
  auto open = held();
  const auto lost_writes = lost();
  open.insert(open.end(), lost_writes.begin(), lost_writes.end());
  if (open.empty()) return false;
  const auto call = open[random() % open.size()];
  if (call->is_answered()) {
    call->step();
  } else if (random() % 100 < time_out_percent) {
    call->time_out();
  } else if (!call->step()) {
    call->answer();
  }
  return true;
}

Task<Result<void>> StoreFaults::pass(StoreMethod method, HeldCall::Steps steps) {
  const bool writes = is_write(method);
  if (is_down || take_one(writes ? fail_writes_before : fail_reads)) {
    co_return fail(ErrorCode::Unavailable, "The store is down.");
  }
  const auto call = std::make_shared<HeldCall>(method, std::move(steps));
  if (!holding_.contains(method)) {
    while (call->step()) {
    }
    if (writes && take_one(fail_writes_after)) {
      co_return fail(ErrorCode::Unavailable, "The answer of the store was lost.");
    }
    co_return {};
  }
  std::erase_if(calls_, [](const auto& other) {
    return other->is_answered() && (!is_write(other->method) || other->steps_left() == 0);
  });
  calls_.push_back(call);
  co_return co_await call->outcome_;
}

}  // namespace tidings
