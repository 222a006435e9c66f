#!/usr/bin/env python3
"""One user under load: sends, repeats, amends, races and reads in random order, and writes down what it was answered.

Runs until a file named `stop` appears in the directory, then settles what is open, reads everything once more and ends.
Every wait has a deadline; a server that is away costs retries, never a message.
"""
import argparse
import json
import pathlib
import random
import sys
import threading
import time

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

if __package__ in (None, ""):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from history.bodies import body, body_hash
from support.api import Api, Problem, Replica, Unknown, sent_at_ms

SETTLE_S = 60
POLL_S = 0.5


class Recorder:
    def __init__(self, path, client, user, seed):
        self.file = open(path, "w", buffering=1)
        self.lock = threading.Lock()
        self.common = {"client": client, "user": user}
        self.file.write(json.dumps({"seed": seed}) + "\n")

    def write(self, op, t_invoked, outcome, **fields):
        record = {"t_invoked": t_invoked, "t_returned": time.monotonic(), **self.common, "op": op,
                  "outcome": outcome, **fields}
        with self.lock:
            self.file.write(json.dumps(record) + "\n")


def row_of(message):
    if message.get("deleted"):
        return [message["id"], "deleted"]
    return [message["id"], body_hash(message.get("text", "") if message["kind"] in ("text", "edit") else "")]


class Reader(threading.Thread):
    """Holds the socket, pulls what it is told of, and everything once after each hello.

    The groups of `--poll` it also pulls without being told, as somebody would who was removed and does not believe it.
    """

    def __init__(self, options, recorder):
        super().__init__(daemon=True)
        self.options = options
        self.api = Api(options.url, options.key, timeout_s=5)
        self.recorder = recorder
        self.replicas = {g: Replica(self.api, g) for g in options.group}
        self.stopped = threading.Event()

    def run(self):
        url = self.options.url.replace("http", "ws", 1) + "/v1/notifications"
        while not self.stopped.is_set():
            try:
                with connect(url, subprotocols=["tidings.v1"], compression=None, open_timeout=5, close_timeout=0.5,
                             additional_headers={"Authorization": f"Bearer {self.options.key}"}) as socket:
                    self.listen(socket)
            except (OSError, WebSocketException, TimeoutError, Unknown, Problem, EOFError):
                self.stopped.wait(0.1)

    def listen(self, socket):
        next_poll = 0
        while not self.stopped.is_set():
            if time.monotonic() >= next_poll:
                next_poll = time.monotonic() + POLL_S
                for group in self.options.poll:
                    self.pull(group)
            try:
                frame = json.loads(socket.recv(timeout=0.2))
            except TimeoutError:
                continue
            begun = time.monotonic()
            if frame["type"] == "changed":
                socket.send(json.dumps({"type": "ack", "n": frame["n"]}))
                for group in frame["groups"]:
                    self.recorder.write("told", begun, "ok", group=group)
                    self.pull(group)
            elif frame["type"] in ("hello", "recheck"):
                for group in self.replicas:
                    self.pull(group)

    def pull(self, group):
        replica = self.replicas.get(group)
        if replica is None:
            return
        # One recorded operation an answer, so that order and repetition within it can be judged.
        while True:
            begun = time.monotonic()
            try:
                answer = self.api.changes(group, replica.cursor, limit=self.options.limit)
            except Problem as problem:
                if problem.code != "unknown-group":
                    raise
                self.recorder.write("pull", begun, "fail", group=group)
                return
            except Unknown:
                self.recorder.write("pull", begun, "unknown", group=group, status=self.api.status)
                raise
            rows = [row_of(m) for m in answer["messages"]]
            held = dict.fromkeys(m["id"] for m in answer["messages"])
            replica.messages.update(held)
            skipped = answer.get("skipped")
            if skipped:
                before = set(replica.messages)
                try:
                    replica._fill(skipped["from"], skipped["to"])
                finally:  # what came before an answer failed has been seen
                    extra = [row_of(replica.messages[i]) for i in sorted(set(replica.messages) - before)]
                    self.recorder.write("pull", begun, "ok", group=group, ids_seen=extra, more=True)
            replica.cursor = answer["cursor"]
            digest = answer.get("digest")
            agreed = replica.agrees(digest) if digest and not answer["more"] else None
            self.recorder.write("pull", begun, "ok", group=group, ids_seen=rows,
                                more=answer["more"], digest_ok=agreed)
            if not answer["more"]:
                return

    def settle(self):
        """Pulls everything, with patience for a server that is coming back."""
        until = time.monotonic() + SETTLE_S
        for group in self.replicas:
            while True:
                try:
                    self.pull(group)
                    break
                except (Unknown, Problem):
                    if time.monotonic() > until:
                        raise
                    time.sleep(0.1)


class Writer:
    """Sends, repeats, amends, contradicts itself and tries doors. What was not answered stays in the outbox until it is."""

    def __init__(self, options, recorder):
        self.options = options
        self.recorder = recorder
        self.api = Api(options.url, options.key, timeout_s=5)
        self.rival = Api(options.url, options.key, timeout_s=5)  # the same user on another device
        self.random = random.Random(f"{options.seed}/{options.client}")
        self.mine = []    # (group, id, kind) of acknowledged sends
        self.outbox = []  # commands that have no definite answer
        self.last_ms = 0

    def patiently(self, call, *arguments):
        until = time.monotonic() + SETTLE_S
        while True:
            try:
                return call(*arguments)
            except Unknown:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def step(self):
        draw = self.random.random()
        if self.outbox and draw < 0.5:
            return self.attempt(self.outbox.pop(0))
        if self.mine and draw < 0.60:
            command = self.random.choice(self.mine[-200:])
            if draw < 0.52 and command["kind"] in ("text", "edit"):  # other content under an id that is taken
                command = {**command, "variant": command["variant"] + 1}
            return self.attempt(command)
        if draw < 0.62:
            return self.race(self.new_command(0))
        if self.options.foreign and draw < 0.64:
            return self.probe(self.random.choice(self.options.foreign))
        return self.attempt(self.new_command(draw))

    def race(self, command):
        """Two devices of one user send different texts under one id at the same time."""
        other = threading.Thread(target=self.attempt, args=({**command, "variant": 1}, self.rival))
        other.start()
        self.attempt(command)
        other.join()

    def probe(self, group):
        """Tries to see something of a group in which it is not, by one of the ways there are."""
        path = f"/v1/groups/{group}"
        method, path, body_ = self.random.choice([
            ("GET", f"{path}/changes", None), ("GET", f"{path}/messages", None),
            ("GET", f"{path}/digest?last=256", None), ("GET", path, None), ("GET", f"{path}/members", None),
            ("POST", "/v1/pull", {"groups": [{"id": group}]}),
            ("PUT", f"/v1/messages/{self.api.new_id()}", {"to": [group], "text": "let me in"})])
        begun = time.monotonic()
        seen, outcome = [], "ok"
        try:
            answer = self.api.call(method, path, body_)
            seen = [f"{method} {path}"] if "problem" not in answer.get("results", [{}])[0] else []
        except Unknown:
            outcome = "unknown"
        except Problem:
            outcome = "fail"
        self.recorder.write("probe", begun, outcome, group=group, ids_seen=seen)

    def new_command(self, draw):
        group = self.random.choice(self.options.group)
        now = time.time() * 1000
        if draw > 0.97:  # written offline, sent now: late
            now -= self.random.randrange(6_000, 3_600_000)
        else:
            self.last_ms = now = max(now, self.last_ms + 1)
        command = {"group": group, "id": self.api.new_id(now), "variant": 0, "kind": "text",
                   "fields": {}}
        targets = [sent["id"] for sent in self.mine[-50:]
                   if sent["group"] == group and sent["kind"] == "text"]
        if targets and draw > 0.90 and draw <= 0.97:
            command["fields"]["target"] = self.random.choice(targets)
            command["kind"] = self.random.choice(["edit", "delete", "reaction"])
            if command["kind"] == "reaction":
                command["fields"]["emoji"] = self.random.choice("👍🎉❤")
        return command

    def attempt(self, command, api=None):
        group, message_id = command["group"], command["id"]
        sent = {"to": [group], "kind": command["kind"], **command["fields"]}
        if command["kind"] in ("text", "edit"):
            sent["text"] = body(self.options.seed, group, message_id, command["variant"])
        api = api or self.api
        begun, wait_s, code = time.monotonic(), 0, None
        try:
            api.call("PUT", f"/v1/messages/{message_id}", sent)
            outcome = "ok"
        except Unknown:
            outcome, wait_s = "unknown", 0.02
        except Problem as problem:
            outcome, code = "fail", problem.code
            if code == "too-many-requests":
                wait_s = problem.body.get("retry_after_ms", 100) / 1000
        also = {"code": code} if code else {}
        also |= {"ahead": command["ahead"]} if "ahead" in command else {}
        also["age"] = round(time.time() - (time.monotonic() - begun) - sent_at_ms(message_id) / 1000, 3)
        self.recorder.write("send", begun, outcome, group=group, id=message_id, status=api.status, **also,
                            kind=command["kind"], variant=command["variant"], **command["fields"])
        if outcome == "ok":
            self.mine.append(command)
        elif outcome == "unknown":
            self.outbox.append(command)
        time.sleep(wait_s)

    def settle(self):
        until = time.monotonic() + SETTLE_S
        while self.outbox and time.monotonic() < until:
            self.attempt(self.outbox.pop(0))


def read_everything(options, recorder, api):
    """The full read on the sent axis, amendments and all, and the pages of history as people see them."""
    for group in options.group:
        begun = time.monotonic()
        replica = Replica(api, group)
        try:
            digest = api.get(f"/v1/groups/{group}/digest", last=256)
        except Problem as problem:
            if problem.code != "unknown-group":
                raise
            recorder.write("pull", begun, "fail", group=group, full=True)
            continue
        if digest["count"]:
            replica._fill("00000000-0000-7000-8000-000000000000", "7fffffff-ffff-7fff-bfff-ffffffffffff")
        rows = [row_of(replica.messages[i]) for i in sorted(replica.messages)]
        recorder.write("pull", begun, "ok", group=group, ids_seen=rows, more=False, full=True)
        for page in api.pages(group):
            recorder.write("page", begun, "ok", group=group, ids_seen=[row_of(m) for m in page])


def arguments_of_a_client():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--url", required=True)
    arguments.add_argument("--key", required=True, help="the service key of this client's user")
    arguments.add_argument("--client", required=True)
    arguments.add_argument("--group", action="append", required=True)
    arguments.add_argument("--poll", action="append", default=[], help="of those, also read without being told")
    arguments.add_argument("--foreign", action="append", default=[], help="a group of others, to be tried")
    arguments.add_argument("--directory", type=pathlib.Path, required=True)
    arguments.add_argument("--seed", default="1")
    arguments.add_argument("--rate", type=float, default=50, help="operations a second")
    arguments.add_argument("--limit", type=int, default=50, help="rows an answer")
    arguments.add_argument("--most-s", type=float, default=600, help="ends by itself after so long")
    return arguments


def play(options, reader=Reader, writer=Writer):
    """A client from its first call to its last. `reader` and `writer` are the kinds of people that it is."""
    recorder = Recorder(options.directory / f"{options.client}.jsonl", options.client,
                        options.client, options.seed)
    reader, writer = reader(options, recorder), writer(options, recorder)
    writer.patiently(writer.api.with_key, options.key)
    reader.start()
    ends = time.monotonic() + options.most_s
    next_step = time.monotonic()
    while not (options.directory / "stop").exists() and time.monotonic() < ends:
        writer.step()
        next_step = max(next_step + 1 / options.rate, time.monotonic() - 1)
        time.sleep(max(0, next_step - time.monotonic()))
    writer.settle()
    (options.directory / f"{options.client}.settled").touch()
    # Everybody must have settled before anybody reads for the last time.
    while not (options.directory / "read").exists() and time.monotonic() < ends + SETTLE_S:
        time.sleep(0.05)
    time.sleep(0.5)
    reader.stopped.set()
    reader.join()
    reader.settle()
    read_everything(options, recorder, writer.api)


if __name__ == "__main__":
    play(arguments_of_a_client().parse_args())
