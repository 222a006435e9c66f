"""HAProxy with the configuration that is meant for real use, deploy/haproxy.cfg, and our own addresses in it."""
import csv
import os
import re
import shutil
import signal
import subprocess
import urllib.request

from .paths import ROOT
from .process import Process, answers_ok

TEMPLATE = ROOT / "deploy/haproxy.cfg"
# Debian puts it where only root's PATH looks.
HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin") or "haproxy"


class HAProxy(Process):
    """`backends` names for each backend of the configuration its servers: (name, HOST:PORT, the port of its /readyz).

    `settings` are variables that the configuration explains, such as BALANCER_IP_REQUESTS.
    """

    ready_s = 20
    # Its workers outlive a master that is killed, and not one that is asked to end.
    last_word = "TERM"

    def __init__(self, name, host, directory, port, admin_port, backends, settings=None, **options):
        super().__init__(name, host, directory, **options)
        self.port = port
        self.admin_port = admin_port
        self.backends = backends
        self.settings = settings or {}

    @property
    def address(self):
        return f"{self.host.ip}:{self.port}"

    @property
    def url(self):
        return f"{'https' if 'BALANCER_CERT' in self.settings else 'http'}://{self.address}"

    @property
    def admin_url(self):
        return f"http://{self.host.ip}:{self.admin_port}"

    @property
    def config_path(self):
        return self.directory / "haproxy.cfg"

    def prepare(self):
        self.config_path.write_text(with_servers(TEMPLATE.read_text(), self.backends))

    def environment(self):
        # Named from its own directory: the whole path of a socket has to be short.
        return {"BALANCER_LISTEN": self.address, "BALANCER_ADMIN_LISTEN": f"{self.host.ip}:{self.admin_port}",
                "BALANCER_SOCKET": "unix@sock",
                "BALANCER_LOG_STDOUT": "1", **self.settings}

    def command(self):
        return [HAPROXY, "-W", "-f", self.config_path]

    def check(self):
        """What `haproxy -c` says about the configuration; raises when it is wrong."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.prepare()
        done = subprocess.run([HAPROXY, "-c", "-f", self.config_path], capture_output=True, text=True,
                              cwd=self.directory, env={**os.environ, **self.environment()})
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        return done.stdout + done.stderr

    def is_ready(self):
        return answers_ok(f"{self.admin_url}/healthz")

    def ready_servers(self, backend):
        """The names of the servers of a backend that take requests now."""
        try:
            with urllib.request.urlopen(f"{self.admin_url}/stats;csv", timeout=2) as answer:
                rows = csv.DictReader(answer.read().decode().lstrip("# ").splitlines())
        except OSError:
            return []
        return [row["svname"] for row in rows
                if row["pxname"] == backend and row["svname"] != "BACKEND" and row["status"].startswith("UP")]

    def reload(self):
        """Takes the configuration anew, the servers in `backends` too. Its connections stay."""
        self.prepare()
        os.kill(self.pid, signal.SIGUSR2)


def with_servers(text, backends):
    """The configuration with other servers between its marks."""
    for backend, servers in backends.items():
        lines = "".join(f"  server {name} {address} check port {ready_port}\n" for name, address, ready_port in servers)
        text, found = re.subn(rf"(# begin {backend}\n).*?(# end\n)", rf"\g<1>{lines}\g<2>", text, flags=re.DOTALL)
        if found != 1:
            raise ValueError(f"the configuration has {found} places for the servers of {backend}")
    return text
