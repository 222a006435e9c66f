#!/usr/bin/env python3
"""The tests of the API a second time, on a cluster, and what is only true of one.

    cluster_test.py                      everything
    cluster_test.py Moves                one class of this file
    TARGET=cluster scene_test.py         one of the others, on a cluster of its own
"""
import contextlib
import os
import random
import sys
import threading
import time
import unittest

os.environ["TARGET"] = "cluster"

from history.check import BLIND_S, check, summary  # noqa: E402
from history.run import Load  # noqa: E402
from move_test import DONE, run, seen_by, talk, temporary  # noqa: E402
from support import server as embedded  # noqa: E402
from support.api import Api, Problem, Replica, Unknown  # noqa: E402
from support.target import Server  # noqa: E402

CONFORMANCE = ["readme_test", "scene_test", "serve_test", "schemathesis_test"]
NEVER = (float("inf"), float("-inf"))  # how soon things are seen is not judged while workers are being killed
GONE_S = 2  # what a killed worker may cost its clients


def seed():
    chosen = os.environ.get("SEED", str(random.randrange(10**6)))
    print(f"SEED={chosen}", flush=True)
    return chosen


class Histories(unittest.TestCase):
    """The history checker on what several people did and saw."""

    def assert_holds(self, history, **options):
        found = check(history, blind_s=BLIND_S, **options)
        print(summary(history), flush=True)
        self.assertEqual(found[:10], [])
        self.assertGreater(len(history.acknowledged()), 100)
        self.assertTrue(history.full and history.pages and history.probes)

    def test_a_healthy_cluster_breaks_nothing(self):
        with Server() as server, Load(server, seed=seed()) as load:
            load.wait_for(300, op="send")
            self.assert_holds(load.finish())

    def test_workers_that_are_killed_in_mid_traffic_break_nothing(self):
        with Server() as server, Load(server, seed=seed()) as load:
            load.wait_for(100)
            for worker in server.cluster.workers * 2:
                time.sleep(1)
                worker.kill()
                time.sleep(1)
                worker.start()
                worker.wait_ready()
            self.assert_holds(load.finish(), healthy=NEVER)


class Workers(unittest.TestCase):
    def test_what_one_worker_took_the_other_knows(self):
        with Server() as server:
            one, other = (f"http://{worker.address}" for worker in server.cluster.api)
            alice = Api(one).sign_up("alice")
            group = alice.group("group")["id"]
            there = Api(other, alice.token)
            there.user = alice.user
            for n in range(10):
                sent = alice.send(group, f"{n}")["id"]
                self.assertIn(sent, [m["id"] for m in there.history(group)["messages"]])
            replica = Replica(there, group)
            replica.pull()
            self.assertEqual(len(replica.messages), 10)
            self.assertTrue(replica.agrees())

    def test_an_api_worker_that_is_killed_costs_its_clients_two_seconds_at_most(self):
        with Server() as server:
            key = server.service("weather")
            group = Api(server.url).with_key(key).group("group")["id"]
            longest, failed, stop = [0.0], [], threading.Event()

            def talk():
                """Sends each message until it is acknowledged, and remembers the longest time that took."""
                api = Api(server.url).with_key(key)
                while not stop.is_set():
                    message, begun = api.new_id(), time.monotonic()
                    while not stop.is_set():
                        try:
                            api.send(group, "and on", id=message)
                            break
                        except Unknown:
                            failed.append(message)
                            time.sleep(0.05)
                    longest[0] = max(longest[0], time.monotonic() - begun)

            talking = [threading.Thread(target=talk) for _ in range(4)]
            for thread in talking:
                thread.start()
            time.sleep(2)
            server.cluster["api1"].kill()
            time.sleep(4)
            stop.set()
            for thread in talking:
                thread.join()
            print(f"the longest send took {longest[0]:.2f} s; {len(failed)} were repeated by the client", flush=True)
            self.assertLess(longest[0], GONE_S)


class Administration(unittest.TestCase):
    def test_a_command_beside_the_workers_takes_effect_on_all_of_them_within_seconds(self):
        with Server() as server:
            key = server.service("weather")
            urls = [f"http://{worker.address}" for worker in server.cluster.api]
            for url in urls:
                self.assertEqual(Api(url).with_key(key).user["name"], "weather")
            self.assertIn("@weather", server.command("admin", "service", "list"))
            server.command("admin", "service", "revoke", "weather")
            until_s = time.monotonic() + 10  # in force within 5 s
            for url in urls:
                while self.status(url, key) != 401:
                    self.assertLess(time.monotonic(), until_s)
                    time.sleep(0.1)

    def test_an_operator_reads_the_figures_of_every_api_worker_through_the_balancer(self):
        with Server() as server:
            operator = Api(server.url).sign_up("operator")
            with self.assertRaises(Problem) as refused:
                operator.get("/v1/ops/figures")
            self.assertEqual(refused.exception.code, "forbidden")
            server.command("admin", "account", "admin", "operator")
            until_s = time.monotonic() + 10
            read = set()
            while len(read) < len(server.cluster.api):
                self.assertLess(time.monotonic(), until_s, read)
                with contextlib.suppress(Problem):  # of a worker that does not know it yet
                    read.add(operator.get("/v1/ops/figures")["process"])
                time.sleep(0.1)

    def test_what_is_about_a_data_directory_is_refused(self):
        with Server() as server:
            done = server.command("admin", "backup", "/nowhere", check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn("a cluster has none", done.stderr)

    def status(self, url, key):
        api = Api(url, key)
        api.call("GET", "/v1/me", raw=True)
        api.close()
        return api.status


class Moves(unittest.TestCase):
    def assert_done(self, done, *said):
        self.assertEqual(done.returncode, DONE, done.stdout + done.stderr)
        for text in said:
            self.assertIn(text, done.stdout + done.stderr)

    def test_a_chat_moves_to_a_cluster_and_back_and_nobody_misses_anything(self):
        home = temporary(type(self))
        there, back = home / "there", home / "back"
        with embedded.Server(data=str(home)) as server:
            people = talk(server)
            names = ("alice", "bob", "dave")
            seen = {name: seen_by(people[name]) for name in names}
            server.stop()
            self.assert_done(run("admin", "export", there, "--data", server.data))
        with Server() as server:
            self.assert_done(server.command("admin", "import", str(there), check=False), "every digest agrees")
            self.assert_done(server.command("admin", "import", str(there), check=False), "; 0 records were new")
            for name in names:
                self.assertEqual(seen_by(Api(server.url).sign_in(name)), seen[name], name)
            with self.assertRaises(Problem) as blocked:
                Api(server.url).sign_in("dave").send("@bob", "let me in")
            self.assertEqual(blocked.exception.code, "not-accepted")
            self.assert_done(server.command("admin", "export", str(back), check=False))
        self.assert_done(run("admin", "import", back, "--data", home / "second/data"), "every digest agrees")
        with embedded.Server(data=str(home / "second")) as server:
            for name in names:
                self.assertEqual(seen_by(Api(server.url).sign_in(name)), seen[name], name)


class Redis(unittest.TestCase):
    def test_a_fail_over_loses_no_message_and_no_sender_is_refused(self):
        with Server() as server:
            alice = Api(server.url).with_key(server.service("weather"))
            group = alice.group("group")["id"]
            master = next(node for node in server.cluster.redis if node.is_master())
            sent = []
            for n in range(200):
                if n == 50:
                    master.kill()
                sent.append(alice.send(group, f"{n}")["id"])
            self.assertEqual([m["id"] for m in alice.all_history(group)], sent)
            master.start()
            master.wait_ready()


class Cassandra(unittest.TestCase):
    """Nodes that are there and do nothing: nobody is told that they are gone."""

    def setUp(self):
        self.server = self.enterContext(Server())
        self.api = Api(self.server.url).with_key(self.server.service("weather"))
        self.group = self.api.group("group")["id"]
        self.addCleanup(self.resume)

    def pause(self, count):
        for node in self.server.cluster.cassandra[:count]:
            node.pause()

    def resume(self):
        for node in self.server.cluster.cassandra:
            node.resume()

    def say(self, text, message, wait_s):
        """Sends until it is acknowledged; whether it was within that time."""
        until_s = time.monotonic() + wait_s
        while time.monotonic() < until_s:
            try:
                self.api.send(self.group, text, id=message)
                return True
            except Unknown:
                time.sleep(0.05)
        return False

    def test_with_one_node_gone_every_send_is_acknowledged(self):
        self.pause(1)
        sent = [self.api.new_id() for _ in range(100)]
        slow = 0
        for n, message in enumerate(sent):
            begun = time.monotonic()
            self.assertTrue(self.say(f"{n}", message, wait_s=10))
            slow += time.monotonic() - begun > GONE_S
        print(f"{slow} of {len(sent)} took longer than {GONE_S} s", flush=True)
        self.resume()
        self.assertEqual([m["id"] for m in self.api.all_history(self.group)], sorted(sent))

    def test_with_two_nodes_gone_nothing_is_acknowledged_and_all_goes_on_when_they_are_back(self):
        before = self.api.send(self.group, "before")["id"]
        self.pause(2)
        sent = [self.api.new_id() for _ in range(3)]
        for n, message in enumerate(sent):
            self.assertFalse(self.say(f"{n}", message, wait_s=1), "one node of three can't promise anything")
        self.resume()
        for n, message in enumerate(sent):
            self.assertTrue(self.say(f"{n}", message, wait_s=30))
        self.assertEqual([m["id"] for m in self.api.all_history(self.group)], sorted([before, *sent]))


def load_tests(loader, own, _):
    """All of this file, then all of the others."""
    suite = unittest.TestSuite([own])
    for name in CONFORMANCE:
        suite.addTests(loader.loadTestsFromName(name))
    return suite


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    unittest.main(verbosity=2)
