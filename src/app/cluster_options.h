#pragma once

#include "app/settings.h"
#include "bridge/cql_session.h"
#include "bridge/redis_client.h"

namespace tidings {

// How a worker is to connect, as the settings say.
inline CqlOptions cql_options(const Settings& settings) {
  CqlOptions options;
  options.contact_points = settings.cassandra;
  options.local_datacenter = settings.cassandra_datacenter;
  options.local_rack = settings.cassandra_rack;
  options.keyspace = settings.cassandra_keyspace;
  options.user = settings.cassandra_user;
  options.password = settings.cassandra_password;
  // A worker that waits says so every few seconds, and stops as soon.
  options.connect_deadline = seconds(3);
  return options;
}

inline RedisOptions redis_options(const Settings& settings) {
  RedisOptions options;
  options.servers = settings.redis;
  options.is_cluster = settings.redis_cluster == "on";
  options.password = settings.redis_password;
  return options;
}

}  // namespace tidings
