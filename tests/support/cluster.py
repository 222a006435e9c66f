"""A cluster that looks like one server: what `Server` is for `tidings serve`, for the workers behind a balancer.

Cassandra and Redis take half a minute to start, so all tests of a program share them. Each `ClusterServer` has workers of
its own, with its own settings and a keyspace that nobody else sees.
"""
import atexit
import itertools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from .admin import Administered
from .server import PROGRAM, ROOT

sys.path.insert(0, str(ROOT / "tools"))
from cluster_kit import cql  # noqa: E402
from cluster_kit.cluster import Cluster  # noqa: E402
from cluster_kit.layout import somewhere_on_loopback  # noqa: E402
from cluster_kit.wait import until  # noqa: E402

HEAP = os.environ.get("CASSANDRA_HEAP", "768M")
# A worker that stops is gone at once: nobody but the balancer waits for it here.
DEFAULTS = {"drain-wait-s": 0}
_keyspaces = itertools.count(1)
_shared = None


def shared():
    """The stores and the balancer of this program, started when first asked for. They die with it."""
    global _shared
    if _shared is None:
        subprocess.run([ROOT / "tools/cassandra_fetch"], check=True, stdout=subprocess.DEVNULL)
        directory = pathlib.Path(tempfile.mkdtemp(prefix="tidings-cluster-"))
        atexit.register(shutil.rmtree, directory, ignore_errors=True)
        begun = time.monotonic()
        cluster = Cluster(directory, somewhere_on_loopback(), owned=True, heap=HEAP, say=lambda _: None)
        atexit.register(cluster.wipe)
        cluster.start_stores()
        print(f"Cassandra and Redis are ready after {time.monotonic() - begun:.0f} s", flush=True)
        _shared = cluster
    return _shared


class ClusterServer(Administered):
    """`with ClusterServer() as server:` has workers until the block ends; `kill()` and `start()` are of all workers at once."""

    def __init__(self, *flags, program=PROGRAM):
        self.cluster = shared()
        self.keyspace = f"tidings_{os.getpid()}_{next(_keyspaces)}"
        settings = self.cluster.settings
        settings.program = program
        settings.values = {key: value for key, value in settings.values.items() if key in self._of_every_cluster()}
        settings.values |= {**DEFAULTS, **as_settings(flags), "cassandra-keyspace": self.keyspace}
        settings.write()

    def _of_every_cluster(self):
        return ("cassandra", "cassandra-datacenter", "replication-factor", "redis", "redis-cluster", "trusted-proxies")

    @property
    def url(self):
        return self.cluster.url

    @property
    def port(self):
        return self.cluster.haproxy.port

    def start(self, wait_s=60):
        self.cluster.start_workers()
        self.cluster.start_front()
        until(self.is_ready, wait_s, "the balancer has not seen all workers")
        return self

    def is_ready(self):
        """Whether the balancer counts on every worker."""
        ready = {name for backend in self.cluster.haproxy.backends for name in self.cluster.haproxy.ready_servers(backend)}
        return ready == {worker.name for worker in self.cluster.workers}

    def log(self):
        return "".join(worker.log() for worker in self.cluster.workers)

    def kill(self):
        """As a power cut of all workers: no goodbye. The stores go on."""
        for worker in self.cluster.workers:
            worker.kill()

    def stop(self):
        """Asks all workers to stop; 0 when every one says that it stopped in order."""
        for worker in self.cluster.workers:
            worker.ask_to_stop()
        for worker in self.cluster.workers:
            worker.wait_stopped()
        return max(abs(worker.child.returncode) for worker in self.cluster.workers)

    def command(self, *words, check=True, **options):
        """Runs `tidings admin …` on the stores and returns what it printed."""
        done = self.cluster.settings.admin(self.cluster.layout.hosts["api1"], *words[1:], **options)
        if check and done.returncode != 0:
            raise RuntimeError(f"{words} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout if check else done

    def __enter__(self):
        try:
            self.cluster.settings.migrate(self.cluster.layout.hosts["api1"])
            return self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def __exit__(self, *_):
        self.kill()
        for worker in self.cluster.workers:
            worker.log_path.unlink(missing_ok=True)
        # The next one finds neither our tables, which take memory of the nodes, nor our marks and token buckets.
        cql.query(self.cluster.cassandra[0].endpoint, f"DROP KEYSPACE IF EXISTS {self.keyspace}", timeout_s=30)
        for server in self.cluster.redis:
            if server.is_master():
                server.ask("FLUSHALL")


def as_settings(flags):
    """`--person-sends 100/10` as a setting of a file."""
    words = iter(flags)
    return {flag.removeprefix("--"): int(value) if value.isdigit() else value for flag, value in zip(words, words)}
