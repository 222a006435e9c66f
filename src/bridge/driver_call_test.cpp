#include "bridge/driver_call.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/run_loop.h"

namespace tidings {
namespace {

Task<DriverAnswer> wait_for(Completion<DriverAnswer>& answer) { co_return co_await answer; }

TEST(DriverCall, IsAnsweredWhenTheDriverLosesIt) {
  const auto window = std::make_shared<CallWindow>(1);
  Completion<DriverAnswer> answer;
  auto call = begin_call(window, answer);
  ASSERT_NE(call, nullptr);
  std::thread driver([&call] { call.reset(); });
  const DriverAnswer got = block_on(wait_for(answer));
  driver.join();
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, ErrorCode::Unavailable);
  EXPECT_EQ(window->failed(), 1u);
}

TEST(DriverCall, HandsOverWhatTheDriverFound) {
  const auto window = std::make_shared<CallWindow>(1);
  Completion<DriverAnswer> answer;
  auto call = begin_call(window, answer);
  std::thread driver([&call] {
    call->add_part(as_slice("cells"), 2, 3, as_slice("page"));
    call->succeed();
    call.reset();
  });
  const DriverAnswer got = block_on(wait_for(answer));
  driver.join();
  ASSERT_TRUE(got.has_value());
  ASSERT_EQ(got->size(), 1u);
  const DriverPart& part = got->front();
  EXPECT_EQ(std::string(part.cells.begin(), part.cells.end()), "cells");
  EXPECT_EQ(part.width, 2u);
  EXPECT_EQ(part.rows, 3u);
  EXPECT_EQ(part.next_page, "page");
}

TEST(CallWindow, RefusesOneMoreThanItHoldsAndMakesRoomBeforeItAnswers) {
  const auto window = std::make_shared<CallWindow>(1);
  Completion<DriverAnswer> first;
  Completion<DriverAnswer> second;
  auto call = begin_call(window, first);
  EXPECT_EQ(begin_call(window, second), nullptr);
  EXPECT_EQ(window->refused(), 1u);
  call->succeed();
  // The first is answered, though its object still lives.
  auto next = begin_call(window, second);
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(window->answered(), 1u);
  next->succeed();
  EXPECT_EQ(window->answered(), 2u);
  EXPECT_EQ(window->in_flight(), 0u);
  EXPECT_EQ(window->executed(), 2u);
}

TEST(CallWindow, IsIdleOnlyWhenNobodyWillTouchAnAnswer) {
  const auto window = std::make_shared<CallWindow>(2);
  Completion<DriverAnswer> answer;
  auto call = begin_call(window, answer);
  std::atomic<bool> is_gone{false};
  std::thread driver([&] {
    call->succeed();
    is_gone = true;
    call.reset();
  });
  window->wait_until_idle();
  EXPECT_TRUE(is_gone);
  driver.join();
}

TEST(DriverListening, HearsNothingOnceItWasStopped) {
  int heard = 0;
  const auto listening = std::make_shared<DriverListening>([&heard](std::string_view) { ++heard; });
  const DriverListener listener(listening);
  listener.heard(as_slice("a"));
  listening->stop();
  listener.heard(as_slice("a"));
  EXPECT_EQ(heard, 1);
}

}  // namespace
}  // namespace tidings
