#include "bridge/with_keyspace.h"

#include <regex>

namespace tidings {

std::string with_keyspace(std::string_view statement, std::string_view keyspace) {
  static const std::regex kTable(
      R"(\b(FROM|INTO|UPDATE|TABLE(?: IF (?:NOT )?EXISTS)?) +([a-z0-9_]+)(?![a-z0-9_.]))");
  if (keyspace.empty()) return std::string(statement);
  return std::regex_replace(std::string(statement), kTable, "$1 " + std::string(keyspace) + ".$2");
}

}  // namespace tidings
