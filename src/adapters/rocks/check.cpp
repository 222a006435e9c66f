#include "adapters/rocks/check.h"

#include <rocksdb/snapshot.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/rocks/stored_record.h"
#include "adapters/rocks/write_log.h"
#include "base/bytes.h"

namespace tidings::rocks {
namespace {

constexpr std::size_t kProblemsMax = 1'000;
constexpr std::size_t kIdBytes = 16;

class Check {
 public:
  explicit Check(const Database& database) : database_(database), snapshot_(&database.db()) {
    options_.snapshot = snapshot_.snapshot();
    options_.verify_checksums = true;
    options_.fill_cache = false;
    options_.total_order_seek = true;
    options_.readahead_size = 256u << 10;
  }

  CheckReport run() {
    check_files();
    for (const GroupId group : all_groups()) check_group(group);
    check_users();
    check_user_groups();
    check_rest();
    return std::move(report_);
  }

 private:
  // What is known of one group while it is checked.
  struct Rows {
    std::vector<MessageId> ids;  // ascending
    std::vector<bool> arrived;
    std::map<std::string, MessageId> winners;  // by the key of the slot
    Time last_received = from_ms(0);
    std::uint64_t last_position = 0;
    bool readable = true;
  };

  void problem(std::optional<GroupId> group, std::string what) {
    ++report_.problem_count;
    if (report_.problems.size() < kProblemsMax)
      report_.problems.push_back({group, std::move(what)});
  }

  static std::string shown(std::string_view key) { return to_hex(as_bytes_of(key)); }

  // Calls `row(key, value)` for all rows whose key begins with `prefix`; false when not all could
  // be read.
  template <class Row>
  bool each(Table table, std::string_view prefix, std::optional<GroupId> group, const Row& row) {
    const std::unique_ptr<rocksdb::Iterator> rows(
        database_.db().NewIterator(options_, database_.handle(table)));
    StoredKey last = StoredKey().raw(prefix);
    for (rows->Seek(slice(prefix)); rows->Valid() && view(rows->key()).starts_with(prefix);
         rows->Next()) {
      row(view(rows->key()), view(rows->value()));
      last = StoredKey().raw(view(rows->key()).substr(0, 128));
    }
    if (rows->status().ok()) return true;
    problem(group, std::string(name_of(table)) + " can't be read after " + shown(last.view()) +
                       ": " + rows->status().ToString());
    return false;
  }

  template <class Record>
  bool decoded(Table table, std::string_view key, std::string_view value,
               std::optional<GroupId> group, Record& record) {
    if (decode(value, record)) return true;
    damaged(table, key, group);
    return false;
  }

  void damaged(Table table, std::string_view key, std::optional<GroupId> group) {
    problem(group, "A damaged record: " + std::string(name_of(table)) + " " + shown(key));
  }

  // The value under a key; nothing when there is none or it can't be read.
  std::optional<std::string> get(Table table, std::string_view key) {
    std::string value;
    const auto status = database_.db().Get(options_, database_.handle(table), slice(key), &value);
    return status.ok() ? std::optional(std::move(value)) : std::nullopt;
  }

  void check_files() {
    const auto status = database_.db().VerifyChecksum(options_);
    if (!status.ok()) problem(std::nullopt, "A file is damaged: " + status.ToString());
  }

  // Those that anything is stored of. Each table is asked, so that damage to one hides no group.
  std::set<GroupId> all_groups() {
    std::set<GroupId> groups;
    for (const Table table : {Table::Groups, Table::Heads, Table::Messages, Table::Arrivals,
                              Table::Amendments, Table::Late, Table::Members}) {
      const std::unique_ptr<rocksdb::Iterator> rows(
          database_.db().NewIterator(options_, database_.handle(table)));
      rows->SeekToFirst();
      while (rows->Valid()) {
        const auto prefix = StoredKey().raw(view(rows->key()).substr(0, kIdBytes));
        groups.insert(GroupId{uuid_at(prefix.view(), 0)});
        const auto next = after_prefix(prefix.view());
        if (!next) break;
        rows->Seek(slice(next->view()));
      }
    }
    report_.groups = groups.size();
    return groups;
  }

  void check_group(GroupId group) {
    Rows rows;
    check_messages(group, rows);
    check_arrivals(group, rows);
    check_late(group, rows);
    check_amendments(group, rows);
    check_head(group, rows);
    check_sealed(group, rows);
    check_members(group);
    if (const auto stored = get(Table::Groups, bytes_of(group).view())) {
      Group record;
      decoded(Table::Groups, bytes_of(group).view(), *stored, group, record);
    }
  }

  static StoredKey bytes_of(GroupId group) { return StoredKey().uuid(group.value); }

  static bool holds(const Rows& rows, MessageId id) {
    return std::binary_search(rows.ids.begin(), rows.ids.end(), id);
  }

  void check_messages(GroupId group, Rows& rows) {
    rows.readable = each(
        Table::Messages, bytes_of(group).view(), group,
        [&](std::string_view key, std::string_view value) {
          ++report_.messages;
          Message message;
          message.group = group;
          message.id = id_in_message_key(key);
          rows.ids.push_back(message.id);
          if (!decoded(Table::Messages, key, value, group, message)) return;
          rows.last_received = std::max(rows.last_received, message.received_at);
          const auto amendment = amendment_of(message);
          // An erased reaction has forgotten its emoji, and with it its slot.
          if (!amendment || (message.erased && message.content.kind == Kind::Reaction)) return;
          MessageId& winner = rows.winners[std::string(amendment_key(group, *amendment).view())];
          winner = std::max(winner, message.id);
        });
    std::reverse(rows.ids.begin(), rows.ids.end());
    rows.arrived.resize(rows.ids.size());
  }

  void check_arrivals(GroupId group, Rows& rows) {
    const bool read =
        each(Table::Arrivals, bytes_of(group).view(), group,
             [&](std::string_view key, std::string_view value) {
               ++report_.arrivals;
               rows.last_position = u64_at(key, kIdBytes);
               const auto id = decode_uuid(value);
               if (!id) return damaged(Table::Arrivals, key, group);
               const auto at = std::lower_bound(rows.ids.begin(), rows.ids.end(), MessageId{*id});
               if (at != rows.ids.end() && *at == MessageId{*id}) {
                 rows.arrived[static_cast<std::size_t>(at - rows.ids.begin())] = true;
               } else if (rows.readable) {
                 problem(group, "A message that arrived is missing: " + id->to_string());
               }
             });
    if (!read) return;
    for (std::size_t i = 0; i < rows.ids.size(); ++i) {
      if (rows.arrived[i]) continue;
      problem(group, "A message is not in the order of arrival: " + rows.ids[i].to_string());
    }
  }

  void check_late(GroupId group, const Rows& rows) {
    each(Table::Late, bytes_of(group).view(), group, [&](std::string_view key, std::string_view) {
      ++report_.late_arrivals;
      const MessageId id{uuid_at(key, kIdBytes + 8)};
      if (rows.readable && !holds(rows, id)) {
        problem(group, "A message of the late index is missing: " + id.to_string());
      }
    });
  }

  void check_amendments(GroupId group, Rows& rows) {
    const bool read = each(
        Table::Amendments, bytes_of(group).view(), group,
        [&](std::string_view key, std::string_view value) {
          ++report_.amendments;
          Amendment amendment;
          const auto winner = rows.winners.extract(std::string(key));
          if (!decoded(Table::Amendments, key, value, group, amendment)) return;
          if (!rows.readable) return;
          if (!holds(rows, amendment.id)) {
            problem(group, "The message of an amendment is missing: " + amendment.id.to_string());
          } else if (winner && winner.mapped() > amendment.id) {
            problem(group, "An amendment was passed over: " + winner.mapped().to_string());
          }
        });
    if (!read) return;
    for (const auto& [slot, id] : rows.winners) {
      problem(group, "An amendment is missing: " + id.to_string());
    }
  }

  void check_head(GroupId group, const Rows& rows) {
    const auto key = bytes_of(group);
    const auto stored = get(Table::Heads, key.view());
    if (!stored) {
      if (!rows.ids.empty()) problem(group, "The group has messages but no head.");
      return;
    }
    Head head;
    if (!decoded(Table::Heads, key.view(), *stored, group, head)) return;
    if (head.last_updated < rows.last_received) {
      problem(group, "The head is older than the newest message.");
    }
    if (head.position < rows.last_position) {
      problem(group, "The head is behind the order of arrival.");
    }
    if (!rows.ids.empty() && head.newest < rows.ids.back()) {
      problem(group, "The head knows no message as new as the newest.");
    }
  }

  void check_sealed(GroupId group, const Rows& rows) {
    each(Table::Sealed, bytes_of(group).view(), group,
         [&](std::string_view key, std::string_view value) {
           ++report_.sealed_sums;
           DigestSum stored;
           if (!decoded(Table::Sealed, key, value, group, stored)) return;
           const MessageId from{uuid_at(key, kIdBytes)};
           const MessageId to{uuid_at(key, 2 * kIdBytes)};
           DigestSum sum;
           for (auto at = std::lower_bound(rows.ids.begin(), rows.ids.end(), from);
                at != rows.ids.end() && *at < to; ++at) {
             sum.add(*at);
           }
           if (rows.readable && sum != stored) {
             problem(group, "The sealed sum from " + from.to_string() + " to " + to.to_string() +
                                " is not that of the messages.");
           }
         });
  }

  void check_members(GroupId group) {
    std::uint64_t count = 0;
    const bool read =
        each(Table::Members, bytes_of(group).view(), group,
             [&](std::string_view key, std::string_view value) {
               ++report_.members;
               Member member;
               if (!decoded(Table::Members, key, value, group, member)) return;
               if (member.is_in()) ++count;
               const auto other =
                   get(Table::UserGroups, pair_key(uuid_at(key, kIdBytes), group.value).view());
               Membership membership;
               if (!other || !decode(*other, membership) || membership.role != member.role) {
                 problem(group, "The index of a member's groups differs: " + member.user_name);
               }
             });
    if (!read) return;
    const auto stored = get(Table::MemberCounts, bytes_of(group).view());
    if ((stored ? decode_u64(*stored) : 0) != count) {
      problem(group, "The number of members is not what is stored of it.");
    }
  }

  void check_users() {
    each(Table::Users, {}, std::nullopt, [&](std::string_view key, std::string_view value) {
      ++report_.users;
      User user;
      if (!decoded(Table::Users, key, value, std::nullopt, user)) return;
      const auto holder = get(Table::Names, user.name);
      if (!holder || decode_uuid(*holder) != uuid_at(key, 0)) {
        problem(std::nullopt, "The name of a user is not theirs: " + user.name);
      }
    });
    each(Table::Names, {}, std::nullopt, [&](std::string_view key, std::string_view value) {
      const auto id = decode_uuid(value);
      if (!id || !get(Table::Users, StoredKey().uuid(*id).view())) {
        problem(std::nullopt, "A name belongs to nobody: " + std::string(key));
      }
    });
  }

  void check_user_groups() {
    each(Table::UserGroups, {}, std::nullopt, [&](std::string_view key, std::string_view value) {
      const GroupId group{uuid_at(key, kIdBytes)};
      Membership membership;
      if (!decoded(Table::UserGroups, key, value, group, membership)) return;
      if (!get(Table::Members, pair_key(group.value, uuid_at(key, 0)).view())) {
        problem(group, "A user's group does not know its member: " + uuid_at(key, 0).to_string());
      }
    });
  }

  void check_rest() {
    each(Table::Sessions, "s", std::nullopt, [&](std::string_view key, std::string_view value) {
      ++report_.sessions;
      Session session;
      decoded(Table::Sessions, key, value, std::nullopt, session);
    });
    each(Table::Keys, "k", std::nullopt, [&](std::string_view key, std::string_view value) {
      ServiceKey record;
      decoded(Table::Keys, key, value, std::nullopt, record);
    });
    each(Table::ReadMarks, {}, std::nullopt, [&](std::string_view key, std::string_view value) {
      const GroupId group{uuid_at(key, kIdBytes)};
      Cursor mark;
      if (!decode_mark(value, group, mark)) damaged(Table::ReadMarks, key, group);
    });
  }

  const Database& database_;
  rocksdb::ManagedSnapshot snapshot_;
  rocksdb::ReadOptions options_;
  CheckReport report_;
};

}  // namespace

CheckReport check(const Database& database) { return Check(database).run(); }

Result<CheckReport> check_directory(const RocksOptions& options) {
  auto database = Database::open_read_only(options);
  CheckReport report;
  if (database) {
    report = check(**database);
  } else if (database.error().code == ErrorCode::Internal) {
    report.problems.push_back({std::nullopt, database.error().detail});
  } else {
    return forward(std::move(database));
  }
  for (std::string& damage : damage_in_logs(options.directory / "db")) {
    report.problems.push_back({std::nullopt, std::move(damage)});
  }
  report.problem_count = std::max<std::uint64_t>(report.problem_count, report.problems.size());
  return report;
}

}  // namespace tidings::rocks
