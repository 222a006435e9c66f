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

from history.check import check, summary
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
        self.assertTrue(history.full)

    def test_twenty_kills_in_mid_traffic_lose_nothing(self):
        with Server() as server, Load(server, seed=str(self.seed)) as load:
            for _ in range(KILLS):
                time.sleep(self.random.uniform(0.1, 1.0))
                server.kill()
                server.start()
            time.sleep(1)
            self.assert_holds(load.finish())

    def test_a_torn_tail_of_the_log_loses_nothing_that_was_acknowledged(self):
        """What is behind the last acknowledged byte may be anything: a half-written record, or noise."""
        with Server() as server, Load(server, seed=str(self.seed)) as load:
            for round in range(4):
                time.sleep(self.random.uniform(0.5, 1.0))
                server.kill()
                wal = newest_wal(server.data)
                self.assertIsNotNone(wal)
                with open(wal, "ab") as log:
                    if round % 2:
                        log.write(self.random.randbytes(self.random.randrange(1, 2000)))
                    else:  # the head of a record whose body never came
                        log.write(wal.read_bytes()[:self.random.randrange(1, 40)])
                server.start()
            self.assert_holds(load.finish())

    def test_a_full_disk_refuses_writes_and_serves_reads_and_recovers(self):
        mount = tempfile.mkdtemp(prefix="tidings-small-")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", mount],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            shutil.rmtree(mount)
            self.skipTest(f"this machine does not let us mount a tmpfs: {mounted.stderr.strip()}")
        try:
            with Server(data=mount) as server:
                key = server.service("filler")
                api = Api(server.url).with_key(key)
                group = api.group("full")["id"]
                acknowledged = []
                refused = False
                for n in range(20000):
                    message_id = api.new_id()
                    try:
                        api.send(group, f"{n} " + os.urandom(6000).hex()[:9000], id=message_id)
                        acknowledged.append(message_id)
                    except Unknown:
                        refused = True
                        break
                self.assertTrue(refused, "128 MB held everything: the disk was never full")
                reader = Api(server.url, key)
                self.assertTrue(reader.history(group)["messages"], "reads go on")
                server.kill()
                subprocess.run(["mount", "-o", "remount,size=512m", mount], check=True)
                server.start()
                reader = Api(server.url, key)
                there = {m["id"] for m in reader.all_history(group)}
                self.assertEqual([i for i in acknowledged if i not in there], [])
                Api(server.url).with_key(key).send(group, "and on we go")
                self.assertEqual(server.stop(), 0)
        finally:
            subprocess.run(["umount", mount], check=True)
            shutil.rmtree(mount)


if __name__ == "__main__":
    unittest.main()
