#pragma once

#include <string>

#include "base/clock.h"

namespace tidings {

// A bar on standard error, if that is a terminal; else nothing is shown.
class ProgressBar {
 public:
  // `part` is 0 to 1, or less where nobody knows. Draws at most every 100 ms, so call it often.
  void show(double part, const std::string& text) { draw(part, text, /*is_due=*/false); }
  // Draws it once more and leaves the line.
  void end(double part, const std::string& text);

  // What a line that is printed over the bar begins with.
  static const char* over();

 private:
  void draw(double part, const std::string& text, bool is_due);

  Instant draw_at_;
};

}  // namespace tidings
