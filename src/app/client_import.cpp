#include "app/client_import.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <unordered_map>

#include "app/progress_bar.h"
#include "base/bytes.h"
#include "base/task_group.h"
#include "wire/json_fields.h"
#include "wire/json_writer.h"

namespace tidings {
namespace {

constexpr int kAtATime = 16;
constexpr seconds kGiveUpAfter{60};
constexpr std::size_t kNthMax = 0xFFF;
constexpr std::size_t kFailuresShown = 20;

Instant now() { return std::chrono::steady_clock::now(); }

std::string send_body(const OldMessage& message) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("to").begin_array().text(message.to).end_array();
  json.key("text").text(message.text);
  if (!message.links.empty()) {
    json.key("links").begin_array();
    for (const std::string& link : message.links) json.text(link);
    json.end_array();
  }
  json.end_object();
  return body;
}

class Import {
 public:
  Import(ApiClient& client, const ClientImport& options, std::istream& lines, double bytes)
      : client_(client), options_(options), lines_(lines), bytes_(bytes) {}

  Task<ExitCode> run() {
    auto asking = client_.user();
    const auto self = co_await std::move(asking);
    if (!self) {
      std::fprintf(stderr, "tidings: %s\n", self.error().detail.c_str());
      co_return self.error().code == ErrorCode::Unavailable ? ExitCode::Unreachable
                                                            : ExitCode::Failed;
    }
    self_ = *self;
    TaskGroup workers("client.import");
    for (int i = 0; i < kAtATime; ++i) workers.spawn(work());
    co_await workers.join();
    bar_.end(part(), lines_read());
    std::printf("%zu stored, %zu were there already, %zu refused.\n", stored_, already_, refused_);
    if (unreachable_) {
      std::fprintf(stderr,
                   "tidings: the server can't be reached. Run this again: what was stored "
                   "is not stored twice.\n");
      co_return ExitCode::Unreachable;
    }
    co_return refused_ == 0 ? ExitCode::Done : ExitCode::Failed;
  }

 private:
  Task<void> work() {
    std::string line;
    while (!unreachable_ && std::getline(lines_, line)) {
      const std::size_t number = ++line_number_;
      read_bytes_ += static_cast<double>(line.size() + 1);
      if (line.empty()) continue;
      const auto message = parse_old_message(line, options_.to);
      if (!message) {
        refuse(number, message.error());
        continue;
      }
      const std::string place = message->to + ' ' + std::to_string(to_ms(message->sent_at));
      const MessageId id = old_message_id(*message, seen_[place]++, self_);
      auto storing = store(id, send_body(*message));
      const auto status = co_await std::move(storing);
      if (!status) {
        refuse(number, status.error());
      } else {
        (*status == 201 ? stored_ : already_) += 1;
      }
      bar_.show(part(), lines_read());
    }
  }

  // The status of the answer. Tries again what may pass.
  Task<Result<int>> store(MessageId id, std::string body) {
    milliseconds wait{250};
    const Instant give_up_at = now() + kGiveUpAfter;
    while (true) {
      auto putting =
          client_.call("PUT", "/v1/messages/" + id.to_string(), body, now() + seconds(10));
      const auto answer = co_await std::move(putting);
      if (answer) co_return answer->status();
      const Error& error = answer.error();
      const bool is_throttled = error.code == ErrorCode::TooManyRequests;
      const bool may_pass = is_throttled || error.code == ErrorCode::Unavailable;
      if (!may_pass) co_return forward(answer);
      if (!is_throttled && now() > give_up_at) {
        unreachable_ = true;
        co_return forward(answer);
      }
      co_await sleep_until(now() + std::max(wait, error.retry_after));
      if (!is_throttled) wait = std::min(wait * 2, milliseconds(8'000));
    }
  }

  void refuse(std::size_t line, const Error& error) {
    ++refused_;
    if (refused_ > kFailuresShown) return;
    std::string why = error.detail;
    for (const FieldError& field : error.fields) {
      why += (why.empty() ? "" : " ") + field.field + ": " + field.message;
    }
    std::fprintf(stderr, "%sline %zu: %s\n", ProgressBar::over(), line, why.c_str());
    if (refused_ == kFailuresShown) std::fprintf(stderr, "(further ones are only counted)\n");
  }

  double part() const { return bytes_ > 0 ? std::min(1.0, read_bytes_ / bytes_) : 0; }
  std::string lines_read() const { return std::to_string(line_number_) + " lines"; }

  ApiClient& client_;
  const ClientImport& options_;
  std::istream& lines_;
  const double bytes_;
  UserId self_;
  std::unordered_map<std::string, std::size_t> seen_;
  std::size_t line_number_ = 0;
  double read_bytes_ = 0;
  std::size_t stored_ = 0;
  std::size_t already_ = 0;
  std::size_t refused_ = 0;
  bool unreachable_ = false;
  ProgressBar bar_;
};

}  // namespace

Result<OldMessage> parse_old_message(std::string_view line, const std::string& default_to) {
  const auto document = JsonDocument::parse(line);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  OldMessage message;
  message.to = fields.text("to").value_or(default_to);
  if (message.to.empty()) fields.wrong("to", "This is missing; name one for all with --to.");
  const auto sent_at = parse_time(fields.required_text("sent_at"));
  if (!sent_at) fields.wrong("sent_at", "This must be a time such as 2019-05-01T09:30:00Z.");
  message.sent_at = sent_at.value_or(Time());
  message.text = fields.required_text("text");
  message.links = fields.texts("links");
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return message;
}

// RFC 9562: 48 bits of time, version, 12 bits that count within the millisecond, variant, and bits
// of a hash where others are random.
MessageId old_message_id(const OldMessage& message, std::size_t nth, UserId author) {
  const std::string content = message.to + '\n' + std::to_string(to_ms(message.sent_at)) + '\n' +
                              std::to_string(nth) + '\n' + message.text;
  const Sha256 hash = sha256(as_bytes_of(content), author.value.bytes);
  Uuid id = Uuid::v7_floor(message.sent_at);
  const std::size_t count = std::min(nth, kNthMax);
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | count >> 8);
  id.bytes[7] = static_cast<std::uint8_t>(count & 0xFF);
  std::copy_n(hash.begin(), 4, id.bytes.begin() + 8);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  return MessageId{id}.tagged(author);
}

Task<ExitCode> run_import(ApiClient& client, ClientImport options) {
  std::ifstream file;
  double bytes = 0;
  if (options.file != "-") {
    file.open(options.file, std::ios::binary);
    std::error_code error;
    bytes = static_cast<double>(std::filesystem::file_size(options.file, error));
    if (!file || error) {
      std::fprintf(stderr, "tidings: %s can't be read\n", options.file.c_str());
      co_return ExitCode::Usage;
    }
  }
  Import import(client, options, options.file == "-" ? std::cin : file, bytes);
  auto running = import.run();
  co_return co_await std::move(running);
}

}  // namespace tidings
