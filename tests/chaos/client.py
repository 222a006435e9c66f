#!/usr/bin/env python3
"""A client of the load that lives through faults: the one of the history checker, and harder to please.

It holds its socket with pings of its own, so that a gateway that is silently gone is noticed. What it was told of and could not
pull stays open until it was pulled, without a new socket: a lost mark is never hidden by a reconnect. It also sends messages
dated a little ahead, and far ahead, which must be refused. With --once it only reads everything that there is.
"""
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from history import load  # noqa: E402
from support.api import Api, Problem, Unknown  # noqa: E402

PING_S = 3
PONG_S = 6
AGAIN_S = 0.2
# A call may take longer than the balancer waits for a worker (6 s): what it answers then is written down.
CALL_S = 10
FAR_AHEAD_MS = 60_000  # the server refuses more than 10 s
# A balancer that is reloaded closes connections that are idle: a client that means well asks again on a new one.
Api.repeated = ("GET", "PUT")


class PatientApi(Api):
    """Asks again until it is told, for a minute a call: for what is read at the end, when everything has healed but is busy."""

    def call(self, *arguments, **options):
        until = time.monotonic() + load.SETTLE_S
        while True:
            try:
                return super().call(*arguments, **options)
            except Unknown:
                if time.monotonic() > until:
                    raise
                time.sleep(AGAIN_S)


class Reader(load.Reader):
    def __init__(self, options, recorder):
        super().__init__(options, recorder)
        self.api.timeout_s = CALL_S
        self.open = set()  # groups that have to be pulled

    def listen(self, socket):
        next_poll = next_ping = 0
        pong = asked_at = None
        while not self.stopped.is_set():
            now = time.monotonic()
            if pong is not None and not pong.is_set() and now > asked_at + PONG_S:
                raise TimeoutError("the gateway is silent")
            if now >= next_ping and (pong is None or pong.is_set()):
                pong, asked_at, next_ping = socket.ping(), now, now + PING_S
            if now >= next_poll:
                next_poll = now + load.POLL_S
                self.open.update(self.options.poll)
            self.hear(socket)
            for group in list(self.open):
                self.pull_if_possible(group)

    def hear(self, socket):
        try:
            frame = json.loads(socket.recv(timeout=AGAIN_S))
        except TimeoutError:
            return
        heard = time.monotonic()
        if frame["type"] == "changed":
            socket.send(json.dumps({"type": "ack", "n": frame["n"]}))
            for group in frame["groups"]:
                self.recorder.write("told", heard, "ok", group=group)
            self.open.update(frame["groups"])
        else:
            self.recorder.write(frame["type"], heard, "ok", reason=frame.get("reason"))
            self.open.update(self.replicas)

    def pull_if_possible(self, group):
        try:
            self.pull(group)
            self.open.discard(group)
        except (Unknown, Problem):
            pass


class Writer(load.Writer):
    def __init__(self, options, recorder):
        super().__init__(options, recorder)
        self.api.timeout_s = self.rival.timeout_s = CALL_S

    def settle(self):
        super().settle()
        self.api = PatientApi(self.options.url, self.options.key, timeout_s=CALL_S)

    def new_command(self, draw):
        command = super().new_command(draw)
        ahead = self.random.random()
        if command["kind"] == "text" and ahead < 0.02:
            ahead_ms = FAR_AHEAD_MS if ahead < 0.004 else self.random.randrange(1_000, 8_000)
            command["id"] = self.api.new_id(time.time() * 1000 + ahead_ms)
            command["ahead"] = "far" if ahead_ms == FAR_AHEAD_MS else "near"
        return command


def read_once(options):
    """Everything, for the last time, by somebody who remembers nothing."""
    recorder = load.Recorder(options.directory / f"{options.client}.jsonl", options.client, options.client, options.seed)
    load.read_everything(options, recorder, PatientApi(options.url, options.key, timeout_s=CALL_S))


def main():
    arguments = load.arguments_of_a_client()
    arguments.add_argument("--once", action="store_true", help="only read everything")
    options = arguments.parse_args()
    read_once(options) if options.once else load.play(options, Reader, Writer)


if __name__ == "__main__":
    main()
