"""The people of a run: client processes, their groups, and somebody whose membership comes and goes."""
import json
import pathlib
import subprocess
import sys
import threading
import time

from history.check import read_directory
from support.api import Api, Problem, Unknown

CLIENT = pathlib.Path(__file__).resolve().with_name("client.py")
UNHURRIED = "1000000/10"
# One of them sends as much as it may: its throttle is what G11 is judged by.
THROTTLED = (6, 3)  # sends in seconds
FLIP_S = 12  # how long somebody stays in, or out


class Crowd:
    """Processes of `client.py`, all in all groups. `with Crowd(target, directory, seed) as crowd:` … `crowd.finish()`.

    `load0` owns the groups; the last one is taken out of the last group and added again, over and over; `pressed` presses against
    its throttle. Nobody of them is in the group that everybody tries to look into.
    """

    def __init__(self, target, directory, seed, people=4, groups=3, rate=5.0):
        self.target = target
        self.directory = directory
        self.seed = seed
        self.rates = {f"load{n}": rate for n in range(people)} | {"pressed": 2.0 * THROTTLED[0] / THROTTLED[1]}
        self.names = list(self.rates)
        self.comer = self.names[people - 1]
        self.keys = {name: target.service(name, "{}/{}".format(*THROTTLED) if name == "pressed" else UNHURRIED)
                     for name in self.names}
        self.owner = patiently(lambda: Api(target.url).with_key(self.keys["load0"]))
        self.groups = [patiently(lambda: self.owner.group(f"group {n}", self.names[1:]))["id"] for n in range(groups)]
        stranger = patiently(lambda: Api(target.url).with_key(target.service("stranger", UNHURRIED)))
        self.foreign = patiently(lambda: stranger.group("nobody else's"))["id"]
        patiently(lambda: stranger.send(self.foreign, "a secret"))
        self.clients = {}
        self.stopped = threading.Event()
        self.flipping = threading.Thread(target=self._flip, daemon=True)

    def __enter__(self):
        for name in self.names:
            self.clients[name] = self._client(name, self.keys[name], "--rate", str(self.rates[name]))
        self.flipping.start()
        return self

    def _client(self, name, key, *more):
        command = [sys.executable, str(CLIENT), "--url", self.target.url, "--key", key, "--client", name,
                   "--directory", str(self.directory), "--seed", self.seed, "--most-s", "100000",
                   "--poll", self.groups[-1], "--foreign", self.foreign, *more]
        for group in self.groups:
            command += ["--group", group]
        with open(self.directory / f"{name}.log", "w") as log:
            return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *command], stdout=log, stderr=log,
                                    start_new_session=True)

    def _flip(self):
        """Takes somebody out of a group and adds them again, and writes down when that was done."""
        member, inside = f"/v1/groups/{self.groups[-1]}/members/@{self.comer}", True
        with open(self.directory / "owner.jsonl", "w", buffering=1) as log:
            while not self.stopped.wait(FLIP_S) or not inside:  # at the end everybody is a member
                inside = not inside
                outcome = "unknown"
                while outcome == "unknown":
                    begun = time.monotonic()
                    try:
                        self.owner.call("PUT" if inside else "DELETE", member, {"role": "member"} if inside else None)
                        outcome = "ok"
                    except Unknown:
                        time.sleep(0.2)
                    except Problem as problem:  # out already: an attempt without an answer did it
                        outcome = "ok" if problem.status == 404 and not inside else "fail"
                    log.write(json.dumps({"t_invoked": begun, "t_returned": time.monotonic(), "client": "owner",
                                          "user": "load0", "op": "member", "outcome": outcome, "group": self.groups[-1],
                                          "subject": self.comer, "in": inside}) + "\n")

    def trouble(self):
        """What a client died of, or nothing."""
        for name, client in self.clients.items():
            if client.poll() not in (None, 0):
                return f"{name} ended with {client.returncode}: {(self.directory / f'{name}.log').read_text()[-2000:]}"
        return None

    def settle(self, quiet_s, wait_s):
        """Everybody sends what is still open and reads everything. Raises RuntimeError when somebody can't."""
        deadline = time.monotonic() + wait_s
        self.stopped.set()
        (self.directory / "stop").touch()
        self.flipping.join(wait_s)
        while len(list(self.directory.glob("*.settled"))) < len(self.names):
            self._wait(deadline)
        time.sleep(quiet_s)
        (self.directory / "read").touch()
        while any(client.poll() is None for client in self.clients.values()):
            self._wait(deadline)
        self._wait(deadline)

    def read_again(self, name, wait_s):
        """Somebody without a memory reads everything, as the client `name@again`."""
        again = f"{name}@again"
        self.clients[again] = self._client(again, self.keys[name], "--once")
        deadline = time.monotonic() + wait_s
        while self.clients[again].poll() is None:
            self._wait(deadline)
        self._wait(deadline)

    def history(self):
        return read_directory(self.directory)

    def _wait(self, deadline):
        trouble = self.trouble()
        if trouble or time.monotonic() > deadline:
            raise RuntimeError(trouble or "the clients did not come to an end")
        time.sleep(0.05)

    def __exit__(self, *_):
        self.stopped.set()
        for client in self.clients.values():
            if client.poll() is None:
                client.kill()
            client.wait()


def patiently(call, wait_s=60):
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return call()
        except Unknown:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
