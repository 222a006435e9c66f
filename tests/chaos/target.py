"""What is broken: a whole cluster, each process on a host of its own, or one `tidings serve`, to try the machinery."""
import os
import pathlib
import subprocess
import sys

from support.server import PROGRAM, ROOT, Server

sys.path.insert(0, str(ROOT / "tools"))
from cluster_kit.cluster import Cluster  # noqa: E402
from cluster_kit.layout import NAMES, Layout, somewhere_on_loopback  # noqa: E402
from cluster_kit.process import answers_ok  # noqa: E402
from cluster_kit.wait import TookTooLong, until  # noqa: E402, F401
from support import netns  # noqa: E402

HEAP = os.environ.get("CASSANDRA_HEAP", "768M")


class ServeTarget:
    """One process and its directory. `with ServeTarget(...) as target`."""

    name = "serve"
    can_cut = False

    def __init__(self, directory, program=PROGRAM):
        directory.mkdir()
        self.server = Server(data=directory, program=program)
        self.url = self.server.url

    def service(self, name, rate):
        return self.server.service(name, rate=rate)

    def readiness(self):
        """Of each thing that may be gone, whether it says that it is ready."""
        return {"serve": self.server.is_ready()}

    def is_whole(self):
        return self.server.is_ready()

    def log(self, _):
        return self.server.log()

    def mend(self):
        if self.server.process.poll() is not None:
            self.server.start(60)

    def restart_everything(self):
        self.server.kill()
        self.server.start(60)

    def __enter__(self):
        self.server.start(60)
        return self

    def __exit__(self, *_):
        self.server.__exit__()


class ClusterTarget:
    """A cluster of the kit. With network namespaces (root) its links can be cut; without, everything else is tried.

    Not for several threads, but for `readiness`: a process of the cluster dies with the thread that started it.
    """

    name = "cluster"

    def __init__(self, directory, program=PROGRAM, say=print):
        self.directory = pathlib.Path(directory)
        self.program = program
        self.say = say
        self.why_no_cuts = netns.why_not()
        self.can_cut = not self.why_no_cuts
        self.network = netns.Network(NAMES) if self.can_cut else None
        self.cluster = None

    def __enter__(self):
        subprocess.run([ROOT / "tools/cassandra_fetch"], check=True, stdout=subprocess.DEVNULL)
        try:
            if self.network:
                self.network.__enter__()
            layout = Layout(self.network.hosts) if self.network else somewhere_on_loopback()
            # All clients come from one address here: the limit for each address is not what is tried.
            self.cluster = Cluster(self.directory, layout, owned=True, heap=HEAP, say=self.say,
                                   balancer_settings={"BALANCER_IP_EXEMPT": "10.0.0.0/8" if self.network else "127.0.0.0/8"})
            self.cluster.settings.program = self.program
            self.cluster.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.cluster:
            for process in reversed(self.cluster.processes):
                process.kill()
        if self.network:
            self.network.__exit__()

    @property
    def url(self):
        return self.cluster.url

    def service(self, name, rate):
        done = self.cluster.settings.admin(self.cluster.layout.hosts["api1"], "service", "create", name, "--rate", rate)
        if done.returncode != 0:
            raise RuntimeError(f"tidings admin service create: {done.stdout}{done.stderr}")
        return next(word for word in done.stdout.split() if word.startswith("tdg_"))

    def readiness(self):
        return {worker.name: answers_ok(f"{worker.admin_url}/readyz", timeout_s=0.5) for worker in self.cluster.workers}

    def is_whole(self):
        """Whether everything runs, knows all others again and is counted on by the balancer."""
        cluster = self.cluster
        if not all(process.is_running() and process.is_ready() for process in cluster.processes):
            return False
        ready = [cluster.haproxy.ready_servers(backend) for backend in cluster.haproxy.backends]
        return sum(map(len, ready)) == sum(map(len, cluster.haproxy.backends.values())) \
            and all(server.is_in_a_cluster() and server.has_its_master() for server in cluster.redis)

    def log(self, name):
        return self.cluster[name].log()

    def mend(self, wait_s=180):
        """Whatever is broken: everything runs, is connected and ready afterwards. Raises TookTooLong."""
        if self.network:
            self.network.heal_all()
        for process in self.cluster.processes:
            process.resume()
            process.start()
        until(self.is_whole, wait_s, "the cluster does not come together again")

    def restart_everything(self):
        """As after a power cut of the whole room: nobody says goodbye, Redis comes back empty."""
        cluster = self.cluster
        stores = [*cluster.cassandra, *cluster.redis]
        for process in (*cluster.workers, *stores):
            process.kill()
        self.mend()
