#include "adapters/cassandra/testing/test_cassandra.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace tidings {
namespace {

namespace fs = std::filesystem;

constexpr auto kStartsWithin = std::chrono::seconds(120);

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// Two ports that nobody listens on; held until both are known, so that they differ.
std::pair<std::uint16_t, std::uint16_t> free_ports() {
  std::array<int, 2> sockets{};
  std::array<std::uint16_t, 2> ports{};
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    sockets[i] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    if (::bind(sockets[i], reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(sockets[i], reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no port is free");
    }
    ports[i] = ntohs(address.sin_port);
  }
  for (const int socket : sockets) ::close(socket);
  return {ports[0], ports[1]};
}

bool listens(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) throw std::runtime_error("cannot make a socket");
  const sockaddr_in address = loopback(port);
  const bool connected =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  ::close(socket);
  return connected;
}

fs::path source_directory() { return TIDINGS_SOURCE_DIR; }

// Where the jars are; fetches them when they are not there.
fs::path fetched_jars() {
  const std::string command = (source_directory() / "tools/cassandra_fetch").string();
  FILE* const output = ::popen(command.c_str(), "re");
  if (output == nullptr) throw std::runtime_error("cannot run " + command);
  std::string printed;
  std::array<char, 4096> part{};
  while (std::fgets(part.data(), part.size(), output) != nullptr) printed += part.data();
  if (::pclose(output) != 0) throw std::runtime_error(command + " failed");
  while (!printed.empty() && printed.back() == '\n') printed.pop_back();
  return printed;
}

// One token and no neighbours: nothing to agree on, so nothing to wait for. Small buffers, because
// the tests write little.
void write_configuration(const fs::path& directory, std::uint16_t cql_port,
                         std::uint16_t storage_port) {
  const std::string data = directory / "data";
  std::ofstream(directory / "cassandra.yaml")
      << "cluster_name: tidings-test\n"
         "num_tokens: 1\n"
         "initial_token: '0'\n"
         "auto_bootstrap: false\n"
         "partitioner: org.apache.cassandra.dht.Murmur3Partitioner\n"
         "endpoint_snitch: SimpleSnitch\n"
         "commitlog_sync: batch\n"
         "commitlog_segment_size: 8MiB\n"
         "auto_snapshot: false\n"
         "memtable_heap_space: 64MiB\n"
         "memtable_offheap_space: 64MiB\n"
         "file_cache_size: 32MiB\n"
         "concurrent_compactors: 1\n"
         "listen_address: 127.0.0.1\n"
         "rpc_address: 127.0.0.1\n"
      << "data_file_directories: [" << data << "/data]\n"
      << "commitlog_directory: " << data << "/commitlog\n"
      << "hints_directory: " << data << "/hints\n"
      << "saved_caches_directory: " << data << "/saved_caches\n"
      << "cdc_raw_directory: " << data << "/cdc_raw\n"
      << "native_transport_port: " << cql_port << "\n"
      << "storage_port: " << storage_port << "\n"
      << "seed_provider:\n"
         "  - class_name: org.apache.cassandra.locator.SimpleSeedProvider\n"
         "    parameters:\n"
      << "      - seeds: '127.0.0.1:" << storage_port << "'\n";
  std::ofstream(directory / "logback.xml")
      << "<configuration>\n"
         "  <appender name=\"out\" class=\"ch.qos.logback.core.ConsoleAppender\">\n"
         "    <encoder><pattern>%-5level %date{ISO8601} %logger{0} %msg%n</pattern></encoder>\n"
         "  </appender>\n"
         "  <root level=\"INFO\"><appender-ref ref=\"out\"/></root>\n"
         "</configuration>\n";
}

std::vector<std::string> command_line(const fs::path& directory, const fs::path& jars) {
  fs::path jamm;
  for (const auto& jar : fs::directory_iterator(jars)) {
    if (jar.path().filename().string().starts_with("jamm-")) jamm = jar.path();
  }
  return {"java", "@" + (source_directory() / "tools/cassandra/java.options").string(), "-Xms384M",
          "-Xmx768M", "-Xss512k",
          // Half the time to start, on two cores: what is compiled best is of no use to a test.
          "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
          "-javaagent:" + jamm.string(),
          "-Dcassandra.config=file://" + (directory / "cassandra.yaml").string(),
          "-Dcassandra.storagedir=" + (directory / "data").string(),
          "-Dlogback.configurationFile=" + (directory / "logback.xml").string(),
          "-Dcassandra-foreground=yes", "-Dcassandra.ring_delay_ms=0",
          "-Dcassandra.skip_wait_for_gossip_to_settle=0",
          "-Dcassandra.skip_default_role_setup=true", "-Dcassandra.superuser_setup_delay_ms=0",
          "-cp", jars.string() + "/*", "org.apache.cassandra.service.CassandraDaemon"};
}

}  // namespace

TestCassandra& TestCassandra::node() {
  static TestCassandra node;
  return node;
}

TestCassandra::TestCassandra() {
  directory_ = fs::temp_directory_path() / ("tidings-cassandra-" + std::to_string(::getpid()));
  jars_ = fetched_jars();
  fs::remove_all(directory_);
  fs::create_directories(directory_ / "data");
  std::tie(cql_port_, storage_port_) = free_ports();
  address_ = "127.0.0.1:" + std::to_string(cql_port_);
  write_configuration(directory_, cql_port_, storage_port_);
  start();
  wait_until_it_listens();
  session_ = connect();
}

TestCassandra::~TestCassandra() {
  session_.reset();
  kill();
  std::error_code error;
  fs::remove_all(directory_, error);
}

void TestCassandra::start() {
  std::vector<std::string> words = command_line(directory_, jars_);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::string log = directory_ / "log";
  const pid_t parent = ::getpid();

  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("cannot start a process");
  if (process_ > 0) return;
  // A test program that crashes leaves nothing behind.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (out < 0) ::_exit(1);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

void TestCassandra::wait_until_it_listens() const {
  const auto until = std::chrono::steady_clock::now() + kStartsWithin;
  while (!listens(cql_port_)) {
    if (::waitpid(process_, nullptr, WNOHANG) != 0) {
      throw std::runtime_error("Cassandra did not start:\n" + end_of_log());
    }
    if (std::chrono::steady_clock::now() > until) {
      ::kill(process_, SIGKILL);
      throw std::runtime_error("Cassandra takes too long to start:\n" + end_of_log());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

std::string TestCassandra::end_of_log() const {
  std::ifstream file(directory_ / "log");
  const std::string all{std::istreambuf_iterator<char>(file), {}};
  constexpr std::size_t kShown = 4'000;
  return all.size() > kShown ? all.substr(all.size() - kShown) : all;
}

CqlOptions TestCassandra::options(std::string keyspace) const {
  CqlOptions options;
  options.contact_points = {address_};
  options.local_datacenter = "datacenter1";
  options.keyspace = std::move(keyspace);
  return options;
}

std::unique_ptr<CqlSession> TestCassandra::connect(std::string keyspace) const {
  auto session = CqlSession::connect(options(std::move(keyspace)));
  if (!session) throw std::runtime_error("cannot connect to Cassandra: " + session.error().detail);
  return std::move(*session);
}

std::string TestCassandra::fresh_keyspace() {
  const std::string name = "test_" + std::to_string(++keyspaces_);
  const auto made = session_->run("CREATE KEYSPACE " + name +
                                      " WITH replication = {'class': 'NetworkTopologyStrategy', "
                                      "'datacenter1': 1}",
                                  seconds(20));
  if (!made) throw std::runtime_error("cannot make a keyspace: " + made.error().detail);
  return name;
}

void TestCassandra::pause() { ::kill(process_, SIGSTOP); }

void TestCassandra::resume() { ::kill(process_, SIGCONT); }

void TestCassandra::kill() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

void TestCassandra::start_again() {
  start();
  wait_until_it_listens();
}

}  // namespace tidings
