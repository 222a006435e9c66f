#include "adapters/cassandra/replication.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/clock.h"

namespace tidings::cassandra {
namespace {

constexpr milliseconds kWithin = seconds(10);
constexpr int kCopiesWanted = 3;
constexpr std::size_t kNameBytesMax = 48;

// map<text, text>: its number of entries, then the length and the bytes of each key and value.
Result<std::map<std::string, std::string>> read_map(std::string_view bytes) {
  std::map<std::string, std::string> entries;
  ByteReader reader(bytes);
  const std::uint32_t count = reader.u32();
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    const std::string key(reader.raw(reader.u32()));
    entries[key] = reader.raw(reader.u32());
  }
  if (!reader.at_end())
    return fail(ErrorCode::Internal, "The store does not say how the keyspace is replicated.");
  return entries;
}

int number_of(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string to_change(const Replication& now, int copies) {
  return "Run ALTER KEYSPACE " + now.keyspace +
         " WITH replication = " + replication_in(now.datacenter, copies) +
         " and then `nodetool repair --full " + now.keyspace + "` on each node.";
}

}  // namespace

Result<Replication> read_replication(CqlSession& session, const CqlOptions& options) {
  auto datacenter = datacenter_of(session, options);
  if (!datacenter) return forward(std::move(datacenter));
  const auto keyspace =
      session.run("SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = '" +
                      options.keyspace + "'",
                  kWithin);
  if (!keyspace) return forward(keyspace);
  if (keyspace->empty()) return fail(ErrorCode::Internal, "The keyspace has gone.");
  auto entries = read_map((*keyspace)[0].blob(0));
  if (!entries) return forward(std::move(entries));
  const auto peers = session.run("SELECT peer FROM system.peers", kWithin);
  if (!peers) return forward(peers);
  return Replication{options.keyspace, std::move(*datacenter), std::move(*entries),
                     1 + peers->size()};
}

std::vector<std::string> warnings_about(const Replication& now) {
  const int wanted = now.nodes >= kCopiesWanted ? kCopiesWanted : 1;
  const std::string which = "The keyspace " + now.keyspace;
  const auto strategy = now.options.find("class");
  if (strategy == now.options.end() || !strategy->second.ends_with("NetworkTopologyStrategy")) {
    return {which +
            " is not replicated by NetworkTopologyStrategy: its copies may all be in one rack. " +
            to_change(now, wanted)};
  }
  const auto here = now.options.find(now.datacenter);
  const int copies = here == now.options.end() ? 0 : number_of(here->second);
  if (copies == 0) {
    return {which + " has no copies in the data centre " + now.datacenter +
            ", so nothing can be read or written there. " + to_change(now, wanted)};
  }
  if (static_cast<std::size_t>(copies) / 2 + 1 > now.nodes) {
    return {which + " is to have " + std::to_string(copies) + " copies, but the cluster has " +
            std::to_string(now.nodes) + " node: nothing can be read or written. " +
            to_change(now, wanted)};
  }
  if (copies < kCopiesWanted && now.nodes >= kCopiesWanted) {
    return {which + " has " + std::to_string(copies) +
            (copies == 1 ? " copy: a node that is lost takes messages with it. "
                         : " copies: a node that is down stops it, because two of two must "
                           "answer. ") +
            to_change(now, kCopiesWanted)};
  }
  return {};
}

Result<std::string> datacenter_of(CqlSession& session, const CqlOptions& options) {
  if (!options.local_datacenter.empty()) return options.local_datacenter;
  const auto local = session.run("SELECT data_center FROM system.local", kWithin);
  if (!local) return forward(local);
  if (local->empty()) return fail(ErrorCode::Unavailable, "The node does not know where it is.");
  return std::string((*local)[0].text(0));
}

std::string replication_in(std::string_view datacenter, int copies) {
  std::string name;
  for (const char each : datacenter) name.append(each == '\'' ? 2 : 1, each);
  return "{'class': 'NetworkTopologyStrategy', '" + name + "': " + std::to_string(copies) + "}";
}

bool is_plain_name(std::string_view name) {
  const auto is_letter = [](char each) { return each >= 'a' && each <= 'z'; };
  return !name.empty() && name.size() <= kNameBytesMax && is_letter(name.front()) &&
         std::ranges::all_of(name, [&](char each) {
           return is_letter(each) || (each >= '0' && each <= '9') || each == '_';
         });
}

}  // namespace tidings::cassandra
