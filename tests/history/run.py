"""Runs client processes against a server and collects their histories."""
import pathlib
import subprocess
import sys
import tempfile
import time

from history.check import read_directory
from support.api import Api

LOAD = pathlib.Path(__file__).resolve().parent / "load.py"


class Load:
    """Several users, each a process, in a few groups. `with Load(server, …) as load:` … `load.finish()`."""

    def __init__(self, server, users=4, groups=3, rate=60, limit=50, seed="1"):
        self.server = server
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="history-"))
        self.seed = seed
        self.names = [f"load{i}" for i in range(users)]
        self.keys = {name: server.service(name) for name in self.names}
        owner = Api(server.url).with_key(self.keys[self.names[0]])
        self.groups = [owner.group(f"group {i}", self.names[1:])["id"] for i in range(groups)]
        self.rate, self.limit = rate, limit
        self.processes = []

    def __enter__(self):
        for name in self.names:
            command = [sys.executable, str(LOAD), "--url", self.server.url, "--key", self.keys[name],
                       "--client", name, "--directory", str(self.directory), "--seed", self.seed,
                       "--rate", str(self.rate), "--limit", str(self.limit)]
            for group in self.groups:
                command += ["--group", group]
            with open(self.directory / f"{name}.log", "w") as log:
                self.processes.append(subprocess.Popen(command, stdout=log, stderr=log))
        return self

    def api(self, name):
        return Api(self.server.url, self.keys[name])

    def finish(self, wait_s=180):
        """Lets everybody settle and read everything; returns the history."""
        deadline = time.monotonic() + wait_s
        (self.directory / "stop").touch()
        while len(list(self.directory.glob("*.settled"))) < len(self.names):
            self._still_running(deadline)
            time.sleep(0.05)
        (self.directory / "read").touch()
        for process, name in zip(self.processes, self.names):
            if process.wait(max(1, deadline - time.monotonic())) != 0:
                raise RuntimeError(f"{name} failed: {(self.directory / f'{name}.log').read_text()}")
        return read_directory(self.directory)

    def _still_running(self, deadline):
        for process, name in zip(self.processes, self.names):
            if process.poll() not in (None, 0):
                raise RuntimeError(f"{name} failed: {(self.directory / f'{name}.log').read_text()}")
        if time.monotonic() > deadline:
            raise RuntimeError("the clients did not settle in time")

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
