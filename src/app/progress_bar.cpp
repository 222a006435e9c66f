#include "app/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace tidings {
namespace {

constexpr int kColumns = 40;

bool is_shown() { return ::isatty(STDERR_FILENO) == 1; }

}  // namespace

void ProgressBar::end(double part, const std::string& text) {
  draw(part, text, /*is_due=*/true);
  if (is_shown()) std::fprintf(stderr, "\n");
}

const char* ProgressBar::over() { return is_shown() ? "\r\x1b[K" : ""; }

void ProgressBar::draw(double part, const std::string& text, bool is_due) {
  const Instant now = std::chrono::steady_clock::now();
  if (!is_due && now < draw_at_) return;
  draw_at_ = now + milliseconds(100);
  if (!is_shown()) return;
  const int filled = static_cast<int>(std::clamp(part, 0.0, 1.0) * kColumns);
  const std::string bar = std::string(static_cast<std::size_t>(filled), '#') +
                          std::string(static_cast<std::size_t>(kColumns - filled), '.');
  char percent[8] = "    ";
  if (part >= 0) std::snprintf(percent, sizeof percent, "%3.0f %%", std::min(part, 1.0) * 100);
  std::fprintf(stderr, "\r[%s] %s  %s\x1b[K", bar.c_str(), percent, text.c_str());
}

}  // namespace tidings
