#include "app/admin_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>

#include "base/log.h"
#include "base/run_loop.h"
#include "base/uuid.h"

namespace tidings {
namespace {

constexpr std::string_view kSocketName = "admin.sock";
constexpr std::size_t kHeadBytesMax = 16 * 1024;
constexpr std::size_t kBodyBytesMax = 64 * 1024 * 1024;
constexpr int kTransferMs = 10'000;
constexpr int kAnswerMs = -1;  // a check or a backup takes as long as it takes

// Closes its descriptor.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

std::string last_error() { return std::system_category().message(errno); }

// The address of the socket through an open descriptor of its directory: a path of any length
// fits.
sockaddr_un address_through(int directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path =
      "/proc/self/fd/" + std::to_string(directory) + '/' + std::string(kSocketName);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

bool wait_for(int descriptor, short events, int timeout_ms) {
  pollfd poll{descriptor, events, 0};
  int ready = 0;
  do {
    ready = ::poll(&poll, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    if (!wait_for(descriptor, POLLOUT, kTransferMs)) return false;
    const ssize_t written = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// A request or an answer: its first line and its body. Other headers mean nothing here.
struct Message {
  std::string first_line;
  std::string body;
};

// The value of Content-Length; 0 without one, nothing when it is not a number.
std::optional<std::size_t> length_in(std::string_view head) {
  std::string lower(head);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::string_view kName = "\r\ncontent-length:";
  auto at = lower.find(kName);
  if (at == std::string::npos) return 0;
  at += kName.size();
  while (at < lower.size() && lower[at] == ' ') ++at;
  std::size_t length = 0;
  const auto read = std::from_chars(lower.data() + at, lower.data() + lower.size(), length);
  if (read.ec != std::errc()) return std::nullopt;
  return length;
}

std::optional<Message> read_message(int descriptor, int first_wait_ms) {
  std::string bytes;
  std::size_t head_end = std::string::npos;
  std::size_t wanted = 0;
  int wait_ms = first_wait_ms;
  while (head_end == std::string::npos || bytes.size() < wanted) {
    if (!wait_for(descriptor, POLLIN, wait_ms)) return std::nullopt;
    wait_ms = kTransferMs;
    char part[16 * 1024];
    const ssize_t size = ::recv(descriptor, part, sizeof part, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return std::nullopt;
    bytes.append(part, static_cast<std::size_t>(size));
    if (head_end != std::string::npos) continue;
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string::npos) {
      if (bytes.size() > kHeadBytesMax) return std::nullopt;
      continue;
    }
    head_end = end + 4;
    const auto length = length_in(std::string_view(bytes).substr(0, end));
    if (!length || *length > kBodyBytesMax) return std::nullopt;
    wanted = head_end + *length;
  }
  return Message{bytes.substr(0, bytes.find("\r\n")), bytes.substr(head_end, wanted - head_end)};
}

HttpMethod method_of(std::string_view name) {
  if (name == "GET") return HttpMethod::Get;
  if (name == "POST") return HttpMethod::Post;
  return HttpMethod::Other;
}

HttpRequest request_of(Message message) {
  HttpRequest request;
  const std::string_view line = message.first_line;
  const auto method_end = std::min(line.find(' '), line.size());
  request.method = method_of(line.substr(0, method_end));
  std::string_view target = line.substr(std::min(method_end + 1, line.size()));
  target = target.substr(0, target.find(' '));
  request.target = std::string(target);
  const auto query = std::min(target.find('?'), target.size());
  request.path = std::string(target.substr(0, query));
  request.query = std::string(target.substr(std::min(query + 1, target.size())));
  request.body = std::move(message.body);
  request.remote_ip = "127.0.0.1";
  request.request_id = Uuid::v4().to_string();
  request.received = SystemClock().monotonic();
  return request;
}

}  // namespace

AdminSocket::AdminSocket(std::filesystem::path data, HttpHandler& handler)
    : data_(std::move(data)), handler_(handler) {}

AdminSocket::~AdminSocket() { stop(); }

Result<void> AdminSocket::start() {
  const auto cannot = [&](const char* what) {
    return fail(ErrorCode::Internal, std::string("The admin socket in ") + data_.string() +
                                         " can't be made (" + what + ": " + last_error() + ").");
  };
  const Descriptor directory(::open(data_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return cannot("open");
  ::unlinkat(directory.get(), std::string(kSocketName).c_str(), 0);
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0) return cannot("socket");
  // Nobody else can slip in between bind and chmod: nothing is accepted before listen.
  const sockaddr_un address = address_through(directory.get());
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return cannot("bind");
  if (::fchmodat(directory.get(), std::string(kSocketName).c_str(), S_IRUSR | S_IWUSR, 0) != 0)
    return cannot("chmod");
  if (::listen(listener_, 16) != 0) return cannot("listen");
  thread_ = std::thread([this] { serve(); });
  return {};
}

void AdminSocket::stop() {
  if (listener_ < 0) return;
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);  // wakes accept
  if (thread_.joinable()) thread_.join();
  ::close(listener_);
  listener_ = -1;
  std::error_code ignored;
  std::filesystem::remove(data_ / kSocketName, ignored);
}

void AdminSocket::serve() {
  while (!stopping_) {
    const Descriptor connection(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.get() >= 0) {
      answer(connection.get());
    } else if (errno != EINTR && errno != ECONNABORTED && !stopping_) {
      log_error("admin.accept_failed", {{"reason", last_error()}});
      // Out of descriptors, most likely; it passes.
      wait_for(listener_, 0, 1'000);
    }
  }
}

void AdminSocket::answer(int connection) {
  auto message = read_message(connection, kTransferMs);
  if (!message) return;
  const HttpRequest request = request_of(std::move(*message));
  const HttpResponse response = block_on(handler_.handle(request));
  log_info("admin.answered",
           {{"request", request.request_id}, {"path", request.path}, {"status", response.status}});
  const std::string head = "HTTP/1.1 " + std::to_string(response.status) +
                           " -\r\nContent-Type: " + std::string(response.content_type) +
                           "\r\nContent-Length: " + std::to_string(response.body.size()) +
                           "\r\nConnection: close\r\n\r\n";
  write_all(connection, head + response.body);
}

Result<AdminReply> call_admin_socket(const std::filesystem::path& data, std::string_view method,
                                     std::string_view target, std::string_view body) {
  const auto nobody = [&] {
    return fail(ErrorCode::UnknownRoute, "No server runs on " + data.string() + '.');
  };
  const Descriptor directory(::open(data.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return nobody();
  const Descriptor connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = address_through(directory.get());
  if (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
      0) {
    if (errno == EACCES || errno == EPERM)
      return fail(ErrorCode::Forbidden, "The server on " + data.string() +
                                            " belongs to another user of this machine: run this "
                                            "command as that user.");
    return nobody();
  }
  std::string request(method);
  request += ' ';
  request += target;
  request += " HTTP/1.1\r\nHost: admin\r\nContent-Type: application/json\r\nContent-Length: " +
             std::to_string(body.size()) + "\r\n\r\n";
  request += body;
  if (!write_all(connection.get(), request))
    return fail(ErrorCode::Unavailable, "The server on " + data.string() + " does not listen.");
  auto message = read_message(connection.get(), kAnswerMs);
  AdminReply reply;
  if (message && message->first_line.size() > 12) {
    const std::string_view digits = std::string_view(message->first_line).substr(9, 3);
    std::from_chars(digits.data(), digits.data() + digits.size(), reply.status);
  }
  if (reply.status == 0)
    return fail(ErrorCode::Unavailable,
                "The server on " + data.string() + " ended before it answered.");
  reply.body = std::move(message->body);
  return reply;
}

}  // namespace tidings
