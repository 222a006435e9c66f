"""The workers, `tidings api` and `tidings notify`, and the admin commands beside them."""
import json
import secrets
import subprocess

from .cassandra import DATACENTER
from .paths import PROGRAM
from .process import Process, answers_ok


class Settings:
    """The settings file that all workers of one cluster read: where the stores are, and the secret between them.

    `more` are further settings, by their names in the file. Each worker leaves alone what is not for its role.
    """

    def __init__(self, path, cassandra, redis, program=PROGRAM, **more):
        self.path = path
        self.program = program
        self.values = {"cassandra": list(cassandra), "cassandra-datacenter": DATACENTER, "replication-factor": len(cassandra),
                       "redis": list(redis), "redis-cluster": "on", **more}

    def write(self):
        """Only its owner may read it. A secret that it has already stays."""
        secret = self._secret() or secrets.token_hex(32)
        self.path.touch(mode=0o600)
        self.path.write_text("".join(f"{key} = {json.dumps(value)}\n"
                                     for key, value in {**self.values, "internal-secret": secret}.items()))

    def _secret(self):
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return next((json.loads(line.partition(" = ")[2]) for line in lines if line.startswith("internal-secret = ")), None)

    def migrate(self, host):
        """Makes the tables, or brings them to what this program knows. Safe to repeat."""
        done = self.admin(host, "migrate", timeout=240)
        if done.returncode != 0:
            raise RuntimeError(f"tidings admin migrate: {done.stdout}{done.stderr}")

    def admin(self, host, *words, timeout=60, **options):
        """Runs `tidings admin WORDS…` on these stores."""
        return subprocess.run(host.words(self.admin_command(*words)), capture_output=True, text=True, timeout=timeout, **options)

    def admin_command(self, *words):
        return [self.program, "admin", *words, "--config" if words[0] == "migrate" else "--cluster", str(self.path)]


class Worker(Process):
    """`role` is api or notify; `flags` are settings of this one alone."""

    ready_s = 60

    def __init__(self, name, role, host, directory, settings, port, admin_port, internal_port=None, flags=(), **options):
        super().__init__(name, host, directory, **options)
        self.role = role
        self.settings = settings
        self.port, self.admin_port, self.internal_port = port, admin_port, internal_port
        self.flags = list(flags)

    @property
    def address(self):
        return f"{self.host.ip}:{self.port}"

    @property
    def admin_url(self):
        return f"http://{self.host.ip}:{self.admin_port}"

    def command(self):
        internal = ["--internal-listen", f"{self.host.ip}:{self.internal_port}"] if self.role == "notify" else []
        return [self.settings.program, self.role, "--config", self.settings.path, "--listen", self.address,
                "--admin-listen", f"{self.host.ip}:{self.admin_port}", *internal, *self.flags]

    def is_ready(self):
        return answers_ok(f"{self.admin_url}/readyz")
