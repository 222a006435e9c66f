#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "bridge/cql_session.h"

namespace tidings {

// One real Cassandra node for a test program: started when it is first asked for (some ten
// seconds), killed when the program ends, however it ends. It listens on ports of 127.0.0.1 that
// were free and keeps its data in a temporary directory.
//
//   auto& node = TestCassandra::node();
//   const std::string keyspace = node.fresh_keyspace();
//   auto session = node.connect(keyspace);
//
// To be used from the main thread: the node dies with the thread that started it. What goes wrong
// is thrown as std::runtime_error, with the end of the node's log.
class TestCassandra {
 public:
  static TestCassandra& node();
  ~TestCassandra();
  TestCassandra(const TestCassandra&) = delete;
  TestCassandra& operator=(const TestCassandra&) = delete;

  // HOST:PORT for CQL clients.
  const std::string& address() const { return address_; }
  // The whole of a CqlOptions for it.
  CqlOptions options(std::string keyspace = {}) const;
  std::unique_ptr<CqlSession> connect(std::string keyspace = {}) const;

  // The name of a new keyspace without tables, replicated as the cluster's is: once in its one
  // data centre.
  std::string fresh_keyspace();

  // Stops the process where it stands, as a machine that swaps does, and lets it go on.
  void pause();
  void resume();

  // Takes the process away without a word, and starts it again with what its disk kept.
  void kill();
  void start_again();

 private:
  TestCassandra();
  void start();
  void wait_until_it_listens() const;
  std::string end_of_log() const;

  std::filesystem::path directory_;
  std::filesystem::path jars_;
  std::uint16_t cql_port_ = 0;
  std::uint16_t storage_port_ = 0;
  std::string address_;
  pid_t process_ = -1;
  std::unique_ptr<CqlSession> session_;  // for keyspaces
  int keyspaces_ = 0;
};

}  // namespace tidings
