"""A whole cluster: who is in it, and in which order it starts and stops."""
import pathlib
import shutil
import time

from . import redis
from .cassandra import Cassandra
from .haproxy import HAProxy
from .layout import API, CASSANDRA, NOTIFY, REDIS
from .prometheus import Prometheus
from .redis import Redis
from .tidings import Settings, Worker
from .wait import until


class Cluster:
    """Three nodes of Cassandra, six of Redis, two workers of each role, a balancer and Prometheus, as `layout` places them.

    Everything is kept in `directory`, one folder a process. A second object on the same directory and layout finds what the
    first one started. `owned` processes die with whoever started them: for tests. `settings` are those of the workers, by their
    names in a settings file; `balancer_settings` those of deploy/haproxy.cfg.

    Not for several threads: an owned process dies with the thread that started it.
    """

    def __init__(self, directory, layout, owned=False, heap="1G", settings=None, balancer_settings=None, say=print):
        self.directory = pathlib.Path(directory).resolve()
        self.layout = layout
        self.say = say
        hosts, ports = layout.hosts, layout.ports
        options = {"owned": owned}

        seeds = [hosts[name].ip for name in CASSANDRA]
        self.cassandra = [Cassandra(name, hosts[name], self.directory, seeds, f"rack{n}", heap, **options)
                          for n, name in enumerate(CASSANDRA, 1)]
        self.redis = [Redis(name, hosts[name], self.directory, ports[name], **options) for name in REDIS]
        self.settings = Settings(self.directory / "tidings.toml", [node.address for node in self.cassandra],
                                 [server.address for server in self.redis],
                                 **{"trusted-proxies": self._balancer_networks(), **(settings or {})})
        self.api = [self._worker(name, "api", options) for name in API]
        self.notify = [self._worker(name, "notify", options) for name in NOTIFY]
        self.haproxy = HAProxy("haproxy", hosts["haproxy"], self.directory, ports["haproxy"], ports["haproxy admin"],
                               {**dict.fromkeys(("api", "api_by_group", "api_by_address"), self._servers(self.api)),
                                "notify": self._servers(self.notify)}, balancer_settings, **options)
        self.prometheus = Prometheus(
            "prometheus", hosts["prometheus"], self.directory, ports["prometheus"],
            {"tidings": [(worker.name, layout.address(worker.name, "admin")) for worker in self.workers],
             "haproxy": [("haproxy", layout.address("haproxy", "admin"))]}, **options)

    def _worker(self, name, role, options):
        ports = self.layout.ports
        return Worker(name, role, self.layout.hosts[name], self.directory, self.settings, ports[name], ports[f"{name} admin"],
                      ports.get(f"{name} internal"), **options)

    def _balancer_networks(self):
        """Where the balancer's calls come from. On the loopback that is any of its addresses, and not the one it listens on."""
        ip = self.layout.hosts["haproxy"].ip
        return ["127.0.0.0/8"] if ip.startswith("127.") else [ip]

    @staticmethod
    def _servers(workers):
        return [(worker.name, worker.address, worker.admin_port) for worker in workers]

    @property
    def workers(self):
        return [*self.api, *self.notify]

    @property
    def processes(self):
        """In the order in which they start."""
        return [*self.cassandra, *self.redis, *self.workers, self.haproxy, self.prometheus]

    @property
    def url(self):
        return self.haproxy.url

    def __getitem__(self, name):
        """The process of that name. Raises KeyError."""
        for process in self.processes:
            if process.name == name:
                return process
        raise KeyError(name)

    def start(self):
        """Starts what does not run and returns when the balancer has ready workers of both roles.

        Raises RuntimeError or TookTooLong; what was started until then goes on.
        """
        begun = time.monotonic()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.settings.write()
        self.start_stores()
        self.say(f"cluster: makes the tables ({time.monotonic() - begun:.0f} s)")
        self.settings.migrate(self.layout.hosts["api1"])
        self.start_workers()
        self.start_front()
        self.say(f"cluster: ready after {time.monotonic() - begun:.0f} s")

    def start_stores(self):
        """Cassandra's nodes all at once, Redis meanwhile."""
        self.say("cluster: starts Cassandra and Redis")
        for process in (*self.cassandra, *self.redis):
            process.start()
        for process in self.redis:
            process.wait_ready()
        redis.join(self.redis)
        for node in self.cassandra:
            node.wait_ready()
        others = len(self.cassandra) - 1
        until(lambda: all(node.peers() == others for node in self.cassandra), 60, "the Cassandra nodes don't see each other")

    def start_workers(self):
        self.say("cluster: starts the workers")
        for worker in self.workers:
            worker.start()
        for worker in self.workers:
            worker.wait_ready()

    def start_front(self):
        for process in (self.haproxy, self.prometheus):
            process.start()
        for process in (self.haproxy, self.prometheus):
            process.wait_ready()
        until(self.serves, 30, "the balancer has no ready workers")

    def serves(self):
        """Whether the balancer has a ready worker in each of its backends."""
        return all(self.haproxy.ready_servers(backend) for backend in self.haproxy.backends)

    def stop(self):
        """Ends everything, the balancer first. What Cassandra holds stays."""
        for together in ([self.haproxy, self.prometheus], self.workers, [*self.redis, *self.cassandra]):
            for process in together:
                process.ask_to_stop()
            for process in together:
                process.wait_stopped()

    def wipe(self):
        """Ends everything at once and removes what it held."""
        for process in reversed(self.processes):
            process.kill()
        shutil.rmtree(self.directory, ignore_errors=True)
