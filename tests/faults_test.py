#!/usr/bin/env python3
"""Servers that break one guarantee each, on purpose, are caught by the history checker; the real one is not."""
import json
import os
import pathlib
import random
import time
import unittest

from history.check import check, summary
from history.run import Load
from support.api import Problem
from support.server import PROGRAM, Server

FAULTY = str(pathlib.Path(PROGRAM).parent / "faulty_tidings")
SECONDS = float(os.environ.get("SECONDS_EACH", "4"))


class Faults(unittest.TestCase):
    def found(self, fault, limit=50):
        """The guarantees that the checker finds broken after some seconds of load with that fault in the server."""
        seed = str(random.randrange(10**6))
        program, env = (FAULTY, {"TIDINGS_FAULT": fault}) if fault else (PROGRAM, {})
        with Server(program=program, env=env) as server, \
                Load(server, users=4, groups=3, seed=seed, limit=limit) as load:
            begun = time.monotonic()
            time.sleep(SECONDS)
            self.remove_one(load)
            time.sleep(6.5)
            history = load.finish()
            found = check(history, visible_s=2.0, healthy=(begun + 1, time.monotonic()))
            print(f"{fault or 'no fault'}: seed {seed}; {summary(history)}; {len(found)} violations",
                  flush=True)
            self.assertGreater(len(history.acknowledged()), 50)
            return {violation.guarantee for violation in found}, found[:10]

    def remove_one(self, load):
        """Somebody who only reads is put in, looks, is put out, and looks again after five seconds."""
        owner = load.api(load.names[0])
        group = load.groups[0]
        key = load.server.service("guest")
        owner.call("PUT", f"/v1/groups/{group}/members/@guest", {"role": "reader"})
        guest = type(owner)(load.server.url, key)
        guest.changes(group)
        begun = time.monotonic()
        owner.call("DELETE", f"/v1/groups/{group}/members/@guest")
        time.sleep(5.2)
        seen = []
        try:
            seen = [m["id"] for m in guest.changes(group)["messages"]]
        except Problem as problem:
            self.assertEqual(problem.code, "unknown-group")
        record = {"t_invoked": begun, "t_returned": time.monotonic(), "client": "guest", "user": "guest",
                  "op": "probe", "outcome": "ok", "group": group, "ids_seen": seen}
        with open(load.directory / "guest.jsonl", "w") as file:
            file.write(json.dumps(record) + "\n")

    def test_the_real_server_breaks_nothing(self):
        broken, examples = self.found(None)
        self.assertEqual(broken, set(), examples)

    def test_a_dropped_send_is_caught(self):
        self.assertIn("G1", self.found("drop")[0])

    def test_swapped_bodies_are_caught(self):
        self.assertIn("G2", self.found("swap")[0])

    def test_a_mark_that_is_cleared_at_the_ack_is_caught(self):
        self.assertIn("G8", self.found("forget")[0])

    def test_a_skipped_membership_check_is_caught(self):
        self.assertIn("G10", self.found("stale")[0])

    def test_a_cursor_without_overlap_is_caught(self):
        self.assertIn("G5", self.found("step")[0])


if __name__ == "__main__":
    unittest.main()
