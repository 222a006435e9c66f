#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidings {

// Takes the body of one message out of a stream of bytes, by length, in chunks or up to the end.
class BodyReader {
 public:
  enum class Progress : std::uint8_t { More, Done, Malformed, TooLarge };

  explicit BodyReader(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  void start_with_length(std::uint64_t length);  // 0: no body
  void start_chunked();
  void start_until_close();  // never Done

  // Moves what belongs to the body from the front of `in` to the end of `body`. What is left in
  // `in` when Done belongs to the next message.
  Progress read(std::string_view& in, std::string& body);

 private:
  // A chunked body is  SIZE [;EXTENSION] CRLF  DATA CRLF  …  0 CRLF  TRAILERS CRLF.
  enum class Step : std::uint8_t {
    Length,
    UntilClose,
    SizeFirst,  // expects a digit
    Size,
    Extension,
    SizeFeed,
    Data,
    DataReturn,
    DataFeed,
    TrailerFirst,  // the first byte of a trailer line
    Trailer,
    TrailerFeed,
    LastFeed,
  };

  bool take_data(std::string_view& in, std::string& body);
  Progress read_chunked(std::string_view& in, std::string& body);
  bool step(char c);
  bool add_digit(char c);
  bool add_padding(char c);

  std::size_t bytes_max_;
  std::uint64_t left_ = 0;       // bytes of the body or the chunk that are to come
  std::size_t size_digits_ = 0;  // of the chunk's size
  std::size_t padding_ = 0;      // bytes of extensions and trailers so far
  Step step_ = Step::Length;
  bool done_ = false;
};

}  // namespace tidings
