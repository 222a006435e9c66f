#include "app/terminal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <iterator>
#include <tuple>

namespace tidings {
namespace {

// Hides what is typed for as long as it lives.
class Silence {
 public:
  explicit Silence(int terminal) : terminal_(terminal) {
    ::tcgetattr(terminal_, &before_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(terminal_, TCSAFLUSH, &silent);
  }
  ~Silence() { ::tcsetattr(terminal_, TCSAFLUSH, &before_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  int terminal_;
  termios before_{};
};

std::string ask(int terminal, std::string_view prompt) {
  const Silence silence(terminal);
  std::string typed;
  const ssize_t asked = ::write(terminal, prompt.data(), prompt.size());
  for (char c = 0; asked > 0 && ::read(terminal, &c, 1) == 1 && c != '\n';) typed += c;
  std::ignore = ::write(terminal, "\n", 1);
  return typed;
}

}  // namespace

Result<std::string> read_password(std::string_view prompt, bool from_stdin, bool is_new) {
  std::string password;
  if (from_stdin) {
    std::getline(std::cin, password);
    if (password.empty()) return fail(ErrorCode::InvalidRequest, "standard input was empty");
    return password;
  }
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0)
    return fail(ErrorCode::InvalidRequest,
                "there is no terminal to ask for the password on; use --password-stdin");
  password = ask(terminal, prompt);
  const bool same = !is_new || ask(terminal, "Once more: ") == password;
  ::close(terminal);
  if (!same) return fail(ErrorCode::InvalidRequest, "the two passwords differ");
  if (password.empty()) return fail(ErrorCode::InvalidRequest, "no password was typed");
  return password;
}

Result<std::string> read_stdin(std::size_t bytes_max) {
  std::string text;
  char part[4096];
  while (std::cin.read(part, sizeof part) || std::cin.gcount() > 0) {
    text.append(part, static_cast<std::size_t>(std::cin.gcount()));
    if (text.size() > bytes_max)
      return fail(ErrorCode::InvalidRequest, "standard input is too long for one message");
  }
  return text;
}

std::string printable(std::string_view text, bool lines) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_break = byte == '\n' && lines;
    // C1 controls are two bytes in UTF-8: 0xC2 and 0x80 to 0x9F.
    const bool is_c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if ((byte < ' ' && byte != '\t' && !is_break) || byte == 0x7F || is_c1) {
      const auto code = is_c1 ? static_cast<unsigned char>(text[++i]) : byte;
      out += "\\x";
      out += kHex[code >> 4];
      out += kHex[code & 15];
    } else {
      out += text[i];
    }
  }
  return out;
}

bool is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

}  // namespace tidings
