"""One node of Cassandra 5, from the jars that tools/cassandra_fetch brings."""
from . import cql
from .paths import ROOT
from .process import Process

CQL_PORT = 9042
STORAGE_PORT = 7000
DATACENTER = "dc1"

# What matters is explained; the rest keeps three nodes small enough for one machine.
CONFIG = """\
cluster_name: tidings
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
num_tokens: 16
# The ring begins empty with all nodes at once, and nobody has anything to take over. A real cluster that grows leaves this out.
auto_bootstrap: false
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{{seeds: "{seeds}"}}]
# dc and rack come from cassandra-rackdc.properties: with three racks and three copies, each rack holds everything.
endpoint_snitch: GossipingPropertyFileSnitch
listen_address: {ip}
storage_port: {storage_port}
rpc_address: {ip}
native_transport_port: {cql_port}
# An acknowledged write is on the disk. The default, periodic, acknowledges up to 10 s before that. Writes that come within the
# window share one fsync.
commitlog_sync: group
commitlog_sync_group_window: 2ms
data_file_directories: [{directory}/data]
commitlog_directory: {directory}/commitlog
hints_directory: {directory}/hints
saved_caches_directory: {directory}/saved_caches
cdc_raw_directory: {directory}/cdc_raw
# A send has 2 s for everything; who waits longer has been told 503 already.
read_request_timeout: 2s
write_request_timeout: 2s
range_request_timeout: 5s
truncate_request_timeout: 30s
# A link between nodes that was cut is made anew. Its old connections would wait as long again as it was cut: TCP backs off.
internode_tcp_user_timeout: 3s
internode_tcp_connect_timeout: 1s
hinted_handoff_enabled: true
# Rows are small and hot groups are read often: tables say which of their rows may stay (caching = ...).
key_cache_size: 32MiB
row_cache_size: 32MiB
counter_cache_size: 0MiB
file_cache_size: 64MiB
memtable_heap_space: 192MiB
memtable_offheap_space: 64MiB
commitlog_total_space: 256MiB
concurrent_compactors: 1
concurrent_reads: 16
concurrent_writes: 16
# A table that is dropped here is dropped.
auto_snapshot: false
authenticator: AllowAllAuthenticator
"""

LOGBACK = """\
<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%date{ISO8601} %-5level %logger{0} %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="OUT"/></root>
</configuration>
"""


class Cassandra(Process):
    """A node in a rack of its own. `seeds` are the addresses of all nodes that begin together."""

    ready_s = 150

    def __init__(self, name, host, directory, seeds, rack, heap="1G", **options):
        super().__init__(name, host, directory, **options)
        self.seeds = list(seeds)
        self.rack = rack
        self.heap = heap
        self.endpoint = (host.ip, CQL_PORT)

    @property
    def address(self):
        return f"{self.host.ip}:{CQL_PORT}"

    def prepare(self):
        config = CONFIG.format(seeds=",".join(self.seeds), ip=self.host.ip, directory=self.directory,
                               cql_port=CQL_PORT, storage_port=STORAGE_PORT)
        (self.directory / "cassandra.yaml").write_text(config)
        (self.directory / "cassandra-rackdc.properties").write_text(f"dc={DATACENTER}\nrack={self.rack}\n")
        (self.directory / "logback.xml").write_text(LOGBACK)

    def command(self):
        lib = ROOT / "build/cassandra/lib"
        agent, = lib.glob("jamm-*.jar")
        return ["java", f"-Xms{self.heap}", f"-Xmx{self.heap}", "-Xss512k", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError",
                f"@{ROOT}/tools/cassandra/java.options", f"-javaagent:{agent}", "-Djava.net.preferIPv4Stack=true",
                f"-Dcassandra.config=file://{self.directory}/cassandra.yaml", f"-Dcassandra.storagedir={self.directory}",
                f"-Dlogback.configurationFile={self.directory}/logback.xml", "-Dcassandra-foreground=yes",
                # Nobody is there to be waited for: these are new nodes that know each other.
                "-Dcassandra.ring_delay_ms=5000", "-Dcassandra.skip_wait_for_gossip_to_settle=0",
                "-cp", f"{self.directory}:{lib}/*", "org.apache.cassandra.service.CassandraDaemon"]

    def is_ready(self):
        return cql.answers(self.endpoint)

    def peers(self):
        """How many other nodes it knows."""
        try:
            return len(cql.query(self.endpoint, "SELECT peer FROM system.peers_v2"))
        except (OSError, cql.CqlError):
            return 0
