// The load generator of `make bench`: one scenario a run, one JSON object on standard output.
//
//   loader raw    PORT CONNECTIONS SECONDS
//   loader send   PORT CONNECTIONS SECONDS RATE TEXT_BYTES ACTORS
//   loader call   PORT CONNECTIONS SECONDS RATE REQUESTS    over and over; SECONDS 0: each once
//   loader notify PORT SECONDS RATE ACTORS                  send -> changed -> pulled
//   loader idle   PORT CONNECTIONS SECONDS ACTORS           sockets that say nothing
//   loader storm  PORT CONNECTIONS ACTORS                   all sockets gone, back, and synced
//
// RATE: requests a second, each latency counted from when it should have been sent; 0: as fast as
// answers come.
// ACTORS: a file of lines "token name group-id…"; a group is shared by all lines that name it.
// REQUESTS: a file of lines "token METHOD path [body]".

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "histogram.h"
#include "peer.h"

namespace tidings::bench {
namespace {

struct Actor {
  std::string token;
  std::string name;
  std::vector<std::string> groups;
};

std::vector<Actor> read_actors(const char* path) {
  std::vector<Actor> actors;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    Actor actor;
    words >> actor.token >> actor.name;
    for (std::string group; words >> group;) actor.groups.push_back(group);
    actors.push_back(std::move(actor));
  }
  if (actors.empty()) {
    std::fprintf(stderr, "loader: no actors in %s\n", path);
    std::exit(2);
  }
  return actors;
}

std::vector<std::string> read_requests(const char* path) {
  std::vector<std::string> requests;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string token;
    std::string method;
    std::string target;
    std::string body;
    words >> token >> method >> target >> std::ws;
    std::getline(words, body);
    requests.push_back(http_request(method, target, token, body));
  }
  if (requests.empty()) {
    std::fprintf(stderr, "loader: no requests in %s\n", path);
    std::exit(2);
  }
  return requests;
}

std::mt19937_64& chance() {
  static std::mt19937_64 generator(20261123);
  return generator;
}

std::size_t pick(std::size_t size) { return chance()() % size; }

// A UUIDv7 of this millisecond. The server completes the author's tag.
std::string mint() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const std::uint64_t ms = static_cast<std::uint64_t>(now.tv_sec) * 1000 +
                           static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
  const std::uint64_t random = chance()();
  char text[37];
  std::snprintf(text, sizeof text, "%08x-%04x-7%03x-8%03x-%012lx", static_cast<unsigned>(ms >> 16),
                static_cast<unsigned>(ms & 0xFFFF), static_cast<unsigned>(random & 0xFFF),
                static_cast<unsigned>(random >> 12 & 0xFFF),
                static_cast<unsigned long>(random >> 16));
  return text;
}

// The part of an id that no server changes: all but the author's tag.
std::string stem(std::string_view id) { return std::string(id.substr(0, 28)); }

std::string send_request(const std::string& id, const Actor& actor, const std::string& group,
                         const std::string& text) {
  return http_request("PUT", "/v1/messages/" + id, actor.token,
                      R"({"to":[")" + group + R"("],"text":")" + text + R"("})");
}

struct Flow {
  Histogram latency;
  std::map<int, std::uint64_t> statuses;

  void print(const char* name, double seconds) const {
    std::uint64_t answered = 0;
    std::string by_status;
    for (const auto& [status, count] : statuses) {
      answered += count;
      by_status += (by_status.empty() ? "\"" : ",\"") + std::to_string(status) +
                   "\":" + std::to_string(count);
    }
    std::printf(
        "{\"scenario\":\"%s\",\"answered\":%lu,\"per_second\":%.0f,\"p50_us\":%lu,\"p99_us\":%lu,"
        "\"p999_us\":%lu,\"max_us\":%lu,\"statuses\":{%s}}\n",
        name, answered, static_cast<double>(answered) / seconds, latency.at(0.5), latency.at(0.99),
        latency.at(0.999), latency.max(), by_status.c_str());
  }
};

// Requests on a set of connections: closed loop, or at `rate` an open loop with the intended time
// of each. Ends after `seconds`, or with seconds 0 after `total` requests.
template <class MakeRequest>
void run_flow(const char* name, int port, std::size_t connections, double seconds, double rate,
              const MakeRequest& make_request, std::uint64_t total = 0) {
  Poller poller;
  std::deque<Peer> peers;
  for (std::size_t i = 0; i < connections; ++i) peers.emplace_back(poller, port);
  Flow flow;
  const std::int64_t begin = now_us();
  const std::int64_t end = begin + static_cast<std::int64_t>(seconds * 1e6);
  std::uint64_t issued = 0;
  const auto is_over = [&](std::int64_t now) { return seconds > 0 ? now >= end : issued == total; };
  std::vector<std::size_t> free(connections);
  for (std::size_t i = 0; i < connections; ++i) free[i] = i;
  const auto intended = [&](std::uint64_t n, std::int64_t now) {
    return rate > 0 ? begin + static_cast<std::int64_t>(static_cast<double>(n) / rate * 1e6) : now;
  };
  while (true) {
    const std::int64_t now = now_us();
    while (!is_over(now) && !free.empty() && intended(issued, now) <= now) {
      const std::size_t index = free.back();
      free.pop_back();
      const std::int64_t at = intended(issued++, now_us());
      peers[index].request(make_request(index), [&, at, index](const Answer& answer) {
        flow.latency.add(now_us() - at);
        ++flow.statuses[answer.status];
        free.push_back(index);
      });
    }
    if (is_over(now) && free.size() == connections) break;
    if (seconds > 0 && now >= end + 5'000'000) break;
    const std::int64_t next = rate > 0 && !free.empty() ? intended(issued, now) - now : 1000;
    poller.run_once(std::clamp<std::int64_t>(next, 0, 1000));
  }
  flow.print(name, static_cast<double>(now_us() - begin) / 1e6);
}

// Every value of `"key":"…"` in a JSON text; enough for answers whose shape we know.
std::vector<std::string_view> values_of(std::string_view json, std::string_view key) {
  const std::string pattern = "\"" + std::string(key) + "\":\"";
  std::vector<std::string_view> found;
  for (auto at = json.find(pattern); at != std::string_view::npos; at = json.find(pattern, at)) {
    at += pattern.size();
    found.push_back(json.substr(at, json.find('"', at) - at));
  }
  return found;
}

std::vector<std::string_view> groups_of_frame(std::string_view frame) {
  std::vector<std::string_view> found;
  auto at = frame.find("\"groups\":[");
  if (at == std::string_view::npos) return found;
  for (at = frame.find('"', at + 9); at != std::string_view::npos && at + 37 < frame.size();
       at = frame.find('"', at + 38)) {
    found.push_back(frame.substr(at + 1, 36));
  }
  return found;
}

// One person with a socket who pulls what they are told of.
class Member {
 public:
  Member(Poller& poller, int port, const Actor& actor, class NotifyScenario& scenario)
      : socket(poller, port), http(poller, port), actor(actor), scenario_(scenario) {}

  void on_frame(std::string_view frame);
  void pull_next();

  Peer socket;
  Peer http;
  const Actor& actor;
  bool ready = false;
  std::deque<std::string> dirty;
  std::unordered_map<std::string, std::string> cursors;

 private:
  NotifyScenario& scenario_;
};

class NotifyScenario {
 public:
  NotifyScenario(int port, std::vector<Actor> actors) : actors_(std::move(actors)) {
    for (const Actor& actor : actors_) {
      for (const std::string& group : actor.groups) {
        if (members_of_[group]++ == 0) groups_.push_back(group);
        senders_[group].push_back(&actor);
      }
      members_.push_back(std::make_unique<Member>(poller_, port, actor, *this));
    }
    for (int i = 0; i < 64; ++i) posts_.emplace_back(poller_, port);
  }

  void run(double seconds, double rate) {
    open_sockets();
    const std::int64_t begin = now_us();
    const std::int64_t end = begin + static_cast<std::int64_t>(seconds * 1e6);
    std::uint64_t issued = 0;
    const std::string text(200, 'x');
    while (now_us() < end + 1'500'000) {
      const std::int64_t now = now_us();
      for (auto& post : posts_) {
        const std::int64_t at =
            begin + static_cast<std::int64_t>(static_cast<double>(issued) / rate * 1e6);
        if (now >= end || at > now) break;
        if (post.busy()) continue;
        const std::string& group = groups_[pick(groups_.size())];
        const auto& senders = senders_[group];
        const std::string id = mint();
        sent_at_[stem(id)] = at;
        unseen_[group].push_back(at);
        ++issued;
        post.request(send_request(id, *senders[pick(senders.size())], group, text),
                     [this](const Answer& answer) { ++statuses_[answer.status]; });
      }
      poller_.run_once(200);
    }
    print(rate);
  }

  void told(Member& member, const std::string& group) {
    auto& from = told_up_to_[member.actor.name + group];
    const auto& sends = unseen_[group];
    for (; from < sends.size(); ++from) changed_.add(now_us() - sends[from]);
  }

  void pulled(std::string_view body) {
    for (const std::string_view id : values_of(body, "id")) {
      const auto sent = sent_at_.find(stem(id));
      if (sent != sent_at_.end()) pulled_.add(now_us() - sent->second);
    }
  }

 private:
  void open_sockets() {
    std::size_t opening = 0;
    for (auto& member : members_) {
      member->socket.upgrade("/v1/notifications", member->actor.token,
                             [m = member.get()](std::string_view frame) { m->on_frame(frame); });
      if (++opening % 100 == 0) poller_.run_once(1000);
    }
    const std::int64_t deadline = now_us() + 30'000'000;
    const auto waiting = [](const auto& m) { return !m->ready; };
    while (std::ranges::any_of(members_, waiting) && now_us() < deadline) poller_.run_once(1000);
    if (std::ranges::any_of(members_, waiting)) {
      std::fprintf(stderr, "loader: some sockets were not welcomed\n");
      std::exit(2);
    }
    // What came before the run is not measured: everybody is in sync when it begins.
    for (auto& member : members_) {
      member->dirty.assign(member->actor.groups.begin(), member->actor.groups.end());
      member->pull_next();
    }
    const auto pulling = [](const auto& m) { return m->http.busy() || !m->dirty.empty(); };
    const std::int64_t settled = now_us() + 1'000'000;
    while (now_us() < settled || std::ranges::any_of(members_, pulling)) poller_.run_once(1000);
  }

  void print(double rate) const {
    std::uint64_t sent = 0;
    for (const auto& [status, count] : statuses_) sent += status == 201 ? count : 0;
    std::printf(
        "{\"scenario\":\"notify\",\"rate\":%.0f,\"sent\":%lu,\"refused\":%lu,\"told\":%lu,"
        "\"pulled\":%lu,"
        "\"changed_p50_us\":%lu,\"changed_p99_us\":%lu,\"pulled_p50_us\":%lu,\"pulled_p99_us\":%lu}"
        "\n",
        rate, sent, sent_at_.size() - sent, changed_.total(), pulled_.total(), changed_.at(0.5),
        changed_.at(0.99), pulled_.at(0.5), pulled_.at(0.99));
  }

  Poller poller_;
  std::vector<Actor> actors_;
  std::vector<std::unique_ptr<Member>> members_;
  std::deque<Peer> posts_;
  std::vector<std::string> groups_;
  std::unordered_map<std::string, int> members_of_;
  std::unordered_map<std::string, std::vector<const Actor*>> senders_;
  std::unordered_map<std::string, std::int64_t> sent_at_;
  std::unordered_map<std::string, std::vector<std::int64_t>> unseen_;
  std::unordered_map<std::string, std::size_t> told_up_to_;
  std::map<int, std::uint64_t> statuses_;
  Histogram changed_;
  Histogram pulled_;
};

void Member::on_frame(std::string_view frame) {
  if (frame.find("\"type\":\"hello\"") != std::string_view::npos) {
    ready = true;
    return;
  }
  const auto at = frame.find("\"n\":");
  if (at == std::string_view::npos) return;
  socket.send_text(R"({"type":"ack","n":)" +
                   std::to_string(std::strtoull(frame.data() + at + 4, nullptr, 10)) + "}");
  for (const std::string_view group : groups_of_frame(frame)) {
    scenario_.told(*this, std::string(group));
    if (std::ranges::find(dirty, group) == dirty.end()) dirty.emplace_back(group);
  }
  pull_next();
}

void Member::pull_next() {
  if (http.busy() || dirty.empty()) return;
  const std::string group = std::move(dirty.front());
  dirty.pop_front();
  const std::string& cursor = cursors[group];
  http.request(http_request("GET",
                            "/v1/groups/" + group + "/changes" +
                                (cursor.empty() ? "?limit=10" : "?cursor=" + cursor),
                            actor.token),
               [this, group](const Answer& answer) {
                 if (answer.status == 200) {
                   const auto next = values_of(answer.body, "cursor");
                   if (!next.empty()) cursors[group] = std::string(next.back());
                   scenario_.pulled(answer.body);
                   if (answer.body.find("\"more\":true") != std::string_view::npos)
                     dirty.push_front(group);
                 }
                 pull_next();
               });
}

// Opens `count` sockets in waves and waits until each was welcomed; returns how many were.
std::size_t open_all(Poller& poller, std::deque<Peer>& sockets, const std::vector<Actor>& actors,
                     std::size_t& welcomed) {
  std::size_t opened = 0;
  const std::int64_t deadline = now_us() + 60'000'000;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    sockets[i].upgrade("/v1/notifications", actors[i % actors.size()].token,
                       [&](std::string_view frame) {
                         welcomed += frame.find("\"type\":\"hello\"") != std::string_view::npos;
                       });
    ++opened;
    while (opened - welcomed > 512 && now_us() < deadline) poller.run_once(1000);
  }
  while (welcomed < sockets.size() && now_us() < deadline) poller.run_once(1000);
  return welcomed;
}

void run_idle(int port, std::size_t count, double seconds, const std::vector<Actor>& actors) {
  Poller poller;
  std::deque<Peer> sockets;
  for (std::size_t i = 0; i < count; ++i) sockets.emplace_back(poller, port);
  std::size_t welcomed = 0;
  open_all(poller, sockets, actors, welcomed);
  std::printf("{\"scenario\":\"idle\",\"open\":%zu}\n", welcomed);
  std::fflush(stdout);
  const std::int64_t end = now_us() + static_cast<std::int64_t>(seconds * 1e6);
  while (now_us() < end) poller.run_once(10'000);
}

void run_storm(int port, std::size_t count, const std::vector<Actor>& actors) {
  Poller poller;
  std::deque<Peer> sockets;
  std::deque<Peer> http;
  for (std::size_t i = 0; i < count; ++i) sockets.emplace_back(poller, port);
  for (std::size_t i = 0; i < 256; ++i) http.emplace_back(poller, port);
  std::size_t welcomed = 0;
  open_all(poller, sockets, actors, welcomed);
  for (Peer& socket : sockets) socket.disconnect();

  const std::int64_t begin = now_us();
  welcomed = 0;
  std::size_t synced = 0;
  std::size_t failed = 0;
  open_all(poller, sockets, actors, welcomed);
  const double back = static_cast<double>(now_us() - begin) / 1e6;
  // Each pulls its status, as a client does after hello.
  std::size_t asked = 0;
  const std::int64_t deadline = now_us() + 60'000'000;
  while (synced + failed < count && now_us() < deadline) {
    for (Peer& peer : http) {
      if (asked == count || peer.busy()) continue;
      const Actor& actor = actors[asked++ % actors.size()];
      peer.request(http_request("GET", "/v1/status?with=unread", actor.token),
                   [&](const Answer& answer) { ++(answer.status == 200 ? synced : failed); });
    }
    poller.run_once(1000);
  }
  std::printf(
      "{\"scenario\":\"storm\",\"connections\":%zu,\"welcomed\":%zu,\"back_s\":%.2f,\"synced\":%zu,"
      "\"failed\":%zu,\"synced_s\":%.2f}\n",
      count, welcomed, back, synced, failed, static_cast<double>(now_us() - begin) / 1e6);
}

int run(int argc, char** argv) {
  const std::string scenario = argc > 2 ? argv[1] : "";
  const auto number = [&](int i) { return i < argc ? std::strtod(argv[i], nullptr) : 0; };
  const int port = static_cast<int>(number(2));
  const auto count = static_cast<std::size_t>(number(3));
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  if (scenario == "raw" && argc == 5) {
    run_flow("raw", port, count, number(4), 0,
             [](std::size_t) { return http_request("GET", "/", {}); });
  } else if (scenario == "send" && argc == 8) {
    const auto actors = read_actors(argv[7]);
    const std::string text(static_cast<std::size_t>(number(6)), 'x');
    run_flow("send", port, count, number(4), number(5), [&](std::size_t) {
      const Actor& actor = actors[pick(actors.size())];
      return send_request(mint(), actor, actor.groups[pick(actor.groups.size())], text);
    });
  } else if (scenario == "call" && argc == 7) {
    const auto requests = read_requests(argv[6]);
    std::size_t next = 0;
    run_flow(
        "call", port, count, number(4), number(5),
        [&](std::size_t) { return requests[next++ % requests.size()]; }, requests.size());
  } else if (scenario == "notify" && argc == 6) {
    NotifyScenario(port, read_actors(argv[5])).run(number(3), number(4));
  } else if (scenario == "idle" && argc == 6) {
    run_idle(port, count, number(4), read_actors(argv[5]));
  } else if (scenario == "storm" && argc == 5) {
    run_storm(port, count, read_actors(argv[4]));
  } else {
    std::fprintf(stderr, "loader: see the head of bench/loader.cpp for the scenarios\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace tidings::bench

int main(int argc, char** argv) { return tidings::bench::run(argc, argv); }
