"""Redis in cluster mode: every second server a copy of one that answers."""
from .process import Process
from .wait import until

CONFIG = """\
bind {ip}
port {port}
protected-mode no
dir {directory}
cluster-enabled yes
cluster-config-file nodes.conf
cluster-announce-ip {ip}
# So long may a master be silent before its copy takes over.
cluster-node-timeout 2000
# A copy takes over however old it is: an empty queue is better than none.
cluster-replica-validity-factor 0
repl-diskless-sync-delay 0
# The other masters go on while one is without a copy.
cluster-require-full-coverage no
# Nothing here has to outlive a restart: it may be lost at any moment without losing a message.
save ""
appendonly no
# A queue or a bucket that is thrown out unnoticed would be worse than a write that is refused: never evict.
maxmemory 256mb
maxmemory-policy noeviction
"""


class Redis(Process):
    ready_s = 30

    def __init__(self, name, host, directory, port, **options):
        super().__init__(name, host, directory, **options)
        self.port = port

    @property
    def address(self):
        return f"{self.host.ip}:{self.port}"

    def prepare(self):
        (self.directory / "redis.conf").write_text(
            CONFIG.format(ip=self.host.ip, port=self.port, directory=self.directory))

    def command(self):
        return ["redis-server", self.directory / "redis.conf"]

    def is_ready(self):
        return self.ask("PING").strip() == "PONG"

    def ask(self, *words):
        """What `redis-cli` prints for a command; empty when it is not answered."""
        done = self.host.run(["timeout", "3", "redis-cli", "-h", self.host.ip, "-p", self.port, *words])
        return done.stdout if done.returncode == 0 else ""

    def info(self, section, *words):
        """The fields of an answer like that of `INFO replication`."""
        lines = self.ask(*section.split(), *words).splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def is_master(self):
        return self.info("INFO replication").get("role") == "master"

    def has_its_master(self):
        """Of a copy: whether it has what its master has."""
        return self.info("INFO replication").get("master_link_status", "up") == "up"

    def is_in_a_cluster(self):
        return self.info("CLUSTER INFO").get("cluster_state") == "ok"


def join(servers, wait_s=60):
    """Makes one cluster of servers that are ready: the first half masters, the second their copies. Once is enough."""
    if all(server.is_in_a_cluster() for server in servers):
        return
    first = servers[0]
    if first.info("CLUSTER INFO").get("cluster_known_nodes") == "1":
        done = first.host.run(["redis-cli", "--cluster", "create", *[server.address for server in servers],
                               "--cluster-replicas", "1", "--cluster-yes"])
        if done.returncode != 0:
            raise RuntimeError(f"redis-cli --cluster create: {done.stdout[-2000:]}{done.stderr}")
    until(lambda: all(server.is_in_a_cluster() and server.has_its_master() for server in servers), wait_s,
          "the Redis servers are no cluster")
