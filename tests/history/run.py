"""Runs client processes against a server and collects their histories."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from history.check import REMOVAL_GRACE_S, read_directory
from support.api import Api, Unknown

LOAD = pathlib.Path(__file__).resolve().parent / "load.py"


class Load:
    """Several users, each a process, in a few groups. `with Load(server, …) as load:` … `load.finish()`.

    Everybody also tries to look into a group in which nobody of them is; the last of them can be removed from the last group.
    """

    def __init__(self, server, users=4, groups=3, rate=60, limit=50, seed="1", sends="1000000/10"):
        self.server = server
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="history-"))
        self.seed = seed
        self.names = [f"load{i}" for i in range(users)]
        self.keys = {name: server.service(name, rate=sends) for name in self.names}
        self.owner = Api(server.url).with_key(self.keys[self.names[0]])
        self.groups = [self.owner.group(f"group {i}", self.names[1:])["id"] for i in range(groups)]
        stranger = Api(server.url).with_key(server.service("stranger"))
        self.foreign = stranger.group("nobody else's")["id"]
        stranger.send(self.foreign, "a secret")
        self.rate, self.limit = rate, limit
        self.processes = []

    def __enter__(self):
        for name in self.names:
            command = [sys.executable, str(LOAD), "--url", self.server.url, "--key", self.keys[name],
                       "--client", name, "--directory", str(self.directory), "--seed", self.seed,
                       "--rate", str(self.rate), "--limit", str(self.limit)]
            for group in self.groups:
                command += ["--group", group]
            command += ["--poll", self.groups[-1], "--foreign", self.foreign]
            with open(self.directory / f"{name}.log", "w") as log:
                self.processes.append(subprocess.Popen(command, stdout=log, stderr=log))
        return self

    def remove_the_last_user(self):
        """Takes the last user out of the last group, and writes down when that was done."""
        name, group = self.names[-1], self.groups[-1]
        while True:
            begun = time.monotonic()
            try:
                self.owner.call("DELETE", f"/v1/groups/{group}/members/@{name}")
                break
            except Unknown:
                time.sleep(0.05)
        done = {"t_invoked": begun, "t_returned": time.monotonic(), "client": "owner", "user": self.names[0],
                "op": "member", "outcome": "ok", "group": group, "subject": name, "in": False}
        (self.directory / "owner.jsonl").write_text(json.dumps(done) + "\n")
        self.removed_at = done["t_returned"]

    def wait_for_a_poll_after_the_removal(self, wait_s=60):
        """Until the removed user has asked for the group when the removal had to be in force."""
        deadline = time.monotonic() + wait_s
        path, group = self.directory / f"{self.names[-1]}.jsonl", self.groups[-1]
        while True:
            whole_lines = path.read_text().rpartition("\n")[0].splitlines()[1:]  # the last is being written
            if any(op["op"] == "pull" and op["group"] == group
                   and op["t_invoked"] > self.removed_at + REMOVAL_GRACE_S for op in map(json.loads, whole_lines)):
                return
            self._still_running(deadline)
            time.sleep(0.2)

    def wait_for(self, operations, op=None, wait_s=120):
        """Until so many (of one kind) were written down."""
        deadline = time.monotonic() + wait_s
        wanted = f'"op": "{op}"'.encode() if op else b"\n"
        while sum(path.read_bytes().count(wanted) for path in self.directory.glob("*.jsonl")) < operations:
            self._still_running(deadline)
            time.sleep(0.05)

    def finish(self, quiet_s=0, wait_s=180):
        """Lets everybody settle and, after `quiet_s` without a send, read everything; returns the history."""
        deadline = time.monotonic() + wait_s
        (self.directory / "stop").touch()
        while len(list(self.directory.glob("*.settled"))) < len(self.names):
            self._still_running(deadline)
            time.sleep(0.05)
        time.sleep(quiet_s)
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
            raise RuntimeError("the clients took too long")

    def __exit__(self, failure, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        if failure:
            print(f"the histories are in {self.directory}", flush=True)
        else:
            shutil.rmtree(self.directory)
