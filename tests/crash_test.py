#!/usr/bin/env python3
"""`serve` is killed with -9 at random moments, its log torn, its disk filled; nobody misses anything."""
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time
import unittest

from history.check import REMOVAL_GRACE_S, check, summary
from history.run import Load
from support.api import Api, Unknown
from support.server import Server

KILLS = int(os.environ.get("KILLS", "20"))
NEVER = (float("inf"), float("-inf"))  # how soon things are seen is not judged while the server is being killed


def newest_wal(data):
    logs = [p for p in pathlib.Path(data).rglob("*.log") if p.stem.isdigit() and p.stat().st_size > 0]
    return max(logs, key=lambda p: int(p.stem)) if logs else None


class Crash(unittest.TestCase):
    def setUp(self):
        self.seed = int(os.environ.get("SEED", random.randrange(10**6)))
        print(f"SEED={self.seed}", flush=True)
        self.random = random.Random(self.seed)

    def assert_holds(self, history):
        found = check(history, healthy=NEVER)
        print(summary(history), flush=True)
        self.assertEqual(found[:10], [])
        self.assertGreater(len(history.acknowledged()), 100)
        self.assertTrue(history.full and history.pages and history.probes)

    def assert_removal_was_tried(self, history):
        """Whoever was removed has asked again when the removal had to be in force, and was refused."""
        group, user = next(iter(history.members))
        [(removed, _)] = history.absences(group, user)
        asked = [op["outcome"] for op in history.operations if op["op"] == "pull" and op["user"] == user
                 and op["group"] == group and op["t_invoked"] > removed + REMOVAL_GRACE_S]
        self.assertEqual(set(asked), {"fail"})

    def test_twenty_kills_in_mid_traffic_lose_nothing(self):
        with Server() as server, Load(server, seed=str(self.seed)) as load:
            load.wait_for(100)
            load.remove_the_last_user()
            for kill in range(KILLS):
                time.sleep(self.random.uniform(0.1, 1.0))
                server.kill()
                if kill % 4 == 3:  # and once more while it recovers
                    server.launch()
                    time.sleep(self.random.uniform(0, 0.1))
                    server.kill()
                server.start()
            load.wait_for_a_poll_after_the_removal()
            history = load.finish()
            self.assert_holds(history)
            self.assert_removal_was_tried(history)

    def test_a_torn_or_scrambled_tail_of_the_log_loses_nothing_that_was_acknowledged(self):
        """What is behind the last acknowledged byte may be anything: a commit of which a part came, or noise."""
        tails = [lambda commit: commit[:self.random.randrange(1, len(commit))],
                 lambda commit: commit[:self.random.randrange(1, len(commit))] + bytes(4096),  # blocks that never came
                 lambda commit: flipped(commit, self.random),
                 lambda commit: self.random.randbytes(self.random.randrange(1, 2000))]
        with Server() as server, Load(server, seed=str(self.seed)) as load:
            for tail in tails * 2:
                time.sleep(self.random.uniform(0.3, 0.8))
                server.kill()
                wal = newest_wal(server.data)
                self.assertIsNotNone(wal)
                with open(wal, "ab") as log:
                    log.write(tail(first_commit(wal.read_bytes())))
                server.start()
            self.assert_holds(load.finish())
            self.assertIn("store.log_tail_cut_off", server.log())

    def test_a_full_disk_refuses_writes_serves_reads_and_recovers(self):
        mount = tempfile.mkdtemp(prefix="tidings-small-")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", mount],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            shutil.rmtree(mount)
            self.skipTest(f"this machine does not let us mount a tmpfs: {mounted.stderr.strip()}")
        try:
            with Server(data=mount) as server, Load(server, seed=str(self.seed)) as load:
                filler = Api(server.url).with_key(server.service("filler"))
                group = filler.group("full")["id"]
                acknowledged = []
                with self.assertRaises(Unknown, msg="128 MB held everything: the disk was never full"):
                    for n in range(20000):
                        acknowledged.append(filler.send(group, f"{n} " + os.urandom(6000).hex()[:9000])["id"])
                self.assertEqual(filler.status, 503)
                self.assertNotIn("disk: ok", not_ready(server))
                self.assertTrue(filler.history(group)["messages"], "reads go on")
                self.assertTrue(filler.get("/v1/status")["groups"], "reads go on")

                subprocess.run(["mount", "-o", "remount,size=512m", mount], check=True)
                last = filler.new_id()
                until = time.monotonic() + 30
                while True:
                    try:
                        filler.send(group, "and on we go", id=last)
                        break
                    except Unknown:
                        self.assertLess(time.monotonic(), until, "there is space again")
                        time.sleep(0.1)
                server.kill()
                server.start()
                there = {m["id"] for m in Api(server.url, filler.token).all_history(group)}
                self.assertEqual([i for i in [*acknowledged, last] if i not in there], [])
                load.wait_for(1000)
                self.assert_holds(load.finish())
                self.assertEqual(server.stop(), 0)
        finally:
            subprocess.run(["umount", mount], check=True)
            shutil.rmtree(mount)


def first_commit(log):
    """The first record of a log: a header of 7 bytes, of which two are the length of what follows."""
    return log[:7 + int.from_bytes(log[4:6], "little")]


def flipped(commit, chance):
    """The same with three bytes turned over."""
    scrambled = bytearray(commit)
    for _ in range(3):
        scrambled[chance.randrange(len(scrambled))] ^= 0xFF
    return bytes(scrambled)


def not_ready(server):
    """What /readyz says is not in order."""
    admin = Api(server.admin_url)
    answer = admin.call("GET", "/readyz", raw=True).decode()
    assert admin.status == 503, answer
    return answer


if __name__ == "__main__":
    unittest.main()
