"""What stands where: which host each server has, and which ports."""
import random
import socket

from .cassandra import CQL_PORT
from .host import Host

CASSANDRA = ["cassandra1", "cassandra2", "cassandra3"]
REDIS = ["redis1", "redis2", "redis3", "redis4", "redis5", "redis6"]
API = ["api1", "api2"]
NOTIFY = ["notify1", "notify2"]
NAMES = [*CASSANDRA, *REDIS, *API, *NOTIFY, "haproxy", "prometheus"]

# No two are equal, so that all but Cassandra's may share one address.
PORTS = {"haproxy": 7400, "haproxy admin": 7403,
         "api1": 7411, "api2": 7412, "api1 admin": 7421, "api2 admin": 7422,
         "notify1": 7431, "notify2": 7432, "notify1 admin": 7441, "notify2 admin": 7442,
         "notify1 internal": 7451, "notify2 internal": 7452,
         "redis1": 7461, "redis2": 7462, "redis3": 7463, "redis4": 7464, "redis5": 7465, "redis6": 7466,
         "prometheus": 7490}


class Layout:
    """`hosts` has one entry a name of NAMES. Two names may have the same host, but for the nodes of Cassandra.

    A group of names that stand or fall together when networks are cut, say `{"api1", "redis1"}`, simply shares a host.
    """

    def __init__(self, hosts, ports=None):
        missing = set(NAMES) - set(hosts)
        if missing:
            raise ValueError(f"no host for {', '.join(sorted(missing))}")
        self.hosts = dict(hosts)
        self.ports = {**PORTS, **(ports or {})}

    def address(self, name, listener=None):
        return f"{self.hosts[name].ip}:{self.ports[f'{name} {listener}' if listener else name]}"

    def taken(self):
        """The first address of the layout that somebody else listens on, or None. Only for hosts without namespaces."""
        wanted = [(self.hosts[name.split()[0]].ip, port) for name, port in self.ports.items()]
        wanted += [(self.hosts[name].ip, CQL_PORT) for name in CASSANDRA]
        for ip, port in wanted:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((ip, port))
                except OSError:
                    return f"{ip}:{port}"
        return None


def on_loopback(port=PORTS["haproxy"]):
    """The layout of `make cluster`: the balancer and all that one looks at on 127.0.0.1, Cassandra beside it."""
    hosts = {name: Host("127.0.0.1") for name in NAMES}
    hosts |= {name: Host(f"127.7.4.{n}") for n, name in enumerate(CASSANDRA, 1)}
    return Layout(hosts, {"haproxy": port})


def somewhere_on_loopback():
    """A layout that nobody else has: every server at an address of its own in 127.0.0.0/8, so that ports never collide."""
    while True:
        prefix = f"127.{random.randrange(64, 255)}.{random.randrange(1, 255)}"
        layout = Layout({name: Host(f"{prefix}.{n}") for n, name in enumerate(NAMES, 1)})
        if layout.taken() is None:
            return layout
