#include "wire/history_json.h"

#include "wire/content_json.h"

namespace tidings {

std::string encode_history(const HistoryPage& page) {
  std::string body;
  body.reserve(bytes_of(page.messages));
  JsonWriter json(body);
  json.begin_object();
  append_messages(json, page.messages);
  json.key("has_before").boolean(page.has_before);
  json.key("has_after").boolean(page.has_after);
  json.end_object();
  return body;
}

std::string encode_rows(std::span<const ShownMessage> rows) {
  std::string body;
  body.reserve(bytes_of(rows));
  JsonWriter json(body);
  json.begin_object();
  append_messages(json, rows);
  json.end_object();
  return body;
}

std::string encode_message(const ShownMessage& shown) {
  std::string body;
  JsonWriter json(body);
  append_message(json, shown);
  return body;
}

}  // namespace tidings
