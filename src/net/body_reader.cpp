#include "net/body_reader.h"

#include <algorithm>

namespace tidings {
namespace {

constexpr std::size_t kSizeDigitsMax = 8;
constexpr std::size_t kPaddingBytesMax = 4096;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void BodyReader::start_with_length(std::uint64_t length) {
  step_ = Step::Length;
  left_ = length;
}

void BodyReader::start_chunked() {
  step_ = Step::SizeFirst;
  left_ = 0;
  size_digits_ = padding_ = 0;
  done_ = false;
}

void BodyReader::start_until_close() { step_ = Step::UntilClose; }

BodyReader::Progress BodyReader::read(std::string_view& in, std::string& body) {
  if (step_ == Step::Length) {
    if (left_ > bytes_max_) return Progress::TooLarge;
    take_data(in, body);
    return left_ == 0 ? Progress::Done : Progress::More;
  }
  if (step_ == Step::UntilClose) {
    if (in.size() > bytes_max_ - body.size()) return Progress::TooLarge;
    body.append(in);
    in = {};
    return Progress::More;
  }
  return read_chunked(in, body);
}

BodyReader::Progress BodyReader::read_chunked(std::string_view& in, std::string& body) {
  while (!in.empty() && !done_) {
    if (step_ == Step::Data) {
      if (left_ > bytes_max_ - body.size()) return Progress::TooLarge;
      if (take_data(in, body)) step_ = Step::DataReturn;
      continue;
    }
    if (!step(in.front())) return Progress::Malformed;
    in.remove_prefix(1);
  }
  return done_ ? Progress::Done : Progress::More;
}

// True when all of it is there.
bool BodyReader::take_data(std::string_view& in, std::string& body) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
  body.append(in.substr(0, size));
  in.remove_prefix(size);
  left_ -= size;
  return left_ == 0;
}

// One byte that is not data. False when it may not stand there.
bool BodyReader::step(char c) {
  switch (step_) {
    case Step::SizeFirst:
      left_ = 0;
      size_digits_ = 0;
      step_ = Step::Size;
      return add_digit(c);
    case Step::Size:
      if (c == '\r') {
        step_ = Step::SizeFeed;
        return true;
      }
      if (c == ';') {
        step_ = Step::Extension;
        return true;
      }
      return add_digit(c);
    case Step::Extension:
      if (c != '\r') return add_padding(c);
      step_ = Step::SizeFeed;
      return true;
    case Step::SizeFeed:
      step_ = left_ == 0 ? Step::TrailerFirst : Step::Data;
      return c == '\n';
    case Step::DataReturn:
      step_ = Step::DataFeed;
      return c == '\r';
    case Step::DataFeed:
      step_ = Step::SizeFirst;
      return c == '\n';
    case Step::TrailerFirst:
      if (c == '\r') {
        step_ = Step::LastFeed;
        return true;
      }
      step_ = Step::Trailer;
      return add_padding(c);
    case Step::Trailer:
      if (c != '\r') return add_padding(c);
      step_ = Step::TrailerFeed;
      return true;
    case Step::TrailerFeed:
      step_ = Step::TrailerFirst;
      return c == '\n';
    case Step::LastFeed:
      done_ = true;
      return c == '\n';
    case Step::Length:
    case Step::UntilClose:
    case Step::Data:
      break;
  }
  return false;
}

bool BodyReader::add_digit(char c) {
  const int digit = hex_value(c);
  if (digit < 0 || ++size_digits_ > kSizeDigitsMax) return false;
  left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
  return true;
}

// Extensions and trailers mean nothing here: they are read over, but not for ever.
bool BodyReader::add_padding(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return ++padding_ <= kPaddingBytesMax && (byte >= ' ' || c == '\t') && byte != 0x7F;
}

}  // namespace tidings
