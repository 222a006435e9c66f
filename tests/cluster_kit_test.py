#!/usr/bin/env python3
"""The kit that runs a cluster: processes that are killed, paused and found again, and a Redis cluster that fails over."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from support.server import ROOT

sys.path.insert(0, str(ROOT / "tools"))
from cluster_kit import redis  # noqa: E402
from cluster_kit.haproxy import with_servers  # noqa: E402
from cluster_kit.host import Host  # noqa: E402
from cluster_kit.layout import NAMES, REDIS, Layout, on_loopback, somewhere_on_loopback  # noqa: E402
from cluster_kit.process import Process  # noqa: E402
from cluster_kit.tidings import Settings  # noqa: E402
from cluster_kit.wait import TookTooLong, until  # noqa: E402

HERE = Host("127.0.0.1")
# Counts on and on, and has a child that does nothing.
PROGRAM = """
import subprocess, time
child = subprocess.Popen(["sleep", "1000"])
n = 0
while True:
    n += 1
    print(n, child.pid, flush=True)
    time.sleep(0.01)
"""
OWNER = """
import sys, time
sys.path[:0] = [sys.argv[1]]
from cluster_kit_test import Counter
counter = Counter(sys.argv[2], owned=True)
counter.start()
counter.wait_ready()
print(counter.pid, flush=True)
time.sleep(1000)
"""
TESTS = pathlib.Path(__file__).resolve().parent


class Counter(Process):
    def __init__(self, directory, name="counter", **options):
        super().__init__(name, HERE, directory, **options)

    @property
    def address(self):
        return "nowhere"

    def command(self):
        return [sys.executable, "-c", PROGRAM]

    def is_ready(self):
        return self.count() > 0

    def count(self):
        return len(self.log().splitlines())

    def child_pid(self):
        return int(self.log().splitlines()[0].split()[1])


class Idle(Counter):
    def command(self):
        return ["true"]


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Processes(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.counter = Counter(self.directory)
        self.addCleanup(self.counter.kill)

    def start(self):
        self.counter.start()
        self.counter.wait_ready(20)

    def test_it_outlives_its_starter_and_is_found_again_by_its_directory(self):
        self.start()
        again = Counter(self.directory)
        self.assertEqual(again.pid, self.counter.pid)
        again.start()
        self.assertEqual(again.pid, self.counter.pid, "it runs already")
        again.kill()
        self.assertFalse(self.counter.is_running())

    def test_another_process_with_its_old_number_is_not_taken_for_it(self):
        self.start()
        self.counter.kill()
        (self.counter.directory / "pid").write_text(f"{os.getpid()} 12345\n")
        self.assertFalse(self.counter.is_running())
        self.counter.kill()  # and we are still here

    def test_a_kill_takes_its_children_too_even_when_it_died_before(self):
        for dies_first in (False, True):
            with self.subTest(dies_first=dies_first):
                self.start()
                child = self.counter.child_pid()
                self.assertTrue(is_alive(child))
                if dies_first:
                    os.kill(self.counter.pid, signal.SIGKILL)
                self.counter.kill()
                until(lambda: not is_alive(child), 10, "the child lives")
                self.counter.log_path.unlink()

    def test_while_it_is_paused_it_does_nothing(self):
        self.start()
        self.counter.pause()
        until(self.counter.is_paused, 10, "it goes on")
        before = self.counter.count()
        time.sleep(0.3)
        self.assertEqual(self.counter.count(), before)
        self.counter.resume()
        until(lambda: self.counter.count() > before, 10, "it does not go on")

    def test_a_paused_one_stops_too(self):
        self.start()
        self.counter.pause()
        self.counter.stop(10)
        self.assertFalse(self.counter.is_running())

    def test_one_that_ends_at_once_is_told_apart_from_one_that_is_slow(self):
        with self.assertRaisesRegex(RuntimeError, "ended at once"):
            idle = Idle(self.directory, "idle")
            idle.start()
            idle.wait_ready(20)
        self.start()
        self.counter.is_ready = lambda: False
        with self.assertRaisesRegex(TookTooLong, "counter is not ready"):
            self.counter.wait_ready(0.1)

    def test_an_owned_one_dies_with_its_owner_however_that_ends(self):
        owner = subprocess.Popen([sys.executable, "-c", OWNER, TESTS, self.directory], stdout=subprocess.PIPE, text=True)
        pid = int(owner.stdout.readline())
        owner.stdout.close()
        self.assertTrue(is_alive(pid))
        owner.kill()
        owner.wait()
        until(lambda: not is_alive(pid), 10, "it lives")


class Layouts(unittest.TestCase):
    def test_no_two_servers_listen_on_the_same_address(self):
        for layout in (on_loopback(), somewhere_on_loopback()):
            addresses = [(layout.hosts[name.split()[0]].ip, port) for name, port in layout.ports.items()]
            self.assertEqual(len(set(addresses)), len(addresses))
            nodes = [layout.hosts[name].ip for name in ("cassandra1", "cassandra2", "cassandra3")]
            self.assertEqual(len(set(nodes)), 3)

    def test_a_server_without_a_host_is_named(self):
        with self.assertRaisesRegex(ValueError, "redis3"):
            Layout({name: HERE for name in NAMES if name != "redis3"})


class Configurations(unittest.TestCase):
    def test_the_secret_is_made_once_and_only_its_owner_may_read_it(self):
        with tempfile.TemporaryDirectory() as directory:
            settings = Settings(pathlib.Path(directory, "tidings.toml"), ["10.0.0.1:9042"], ["10.0.0.2:6379"], threads=2)
            settings.write()
            first = settings.path.read_text()
            self.assertEqual(settings.path.stat().st_mode & 0o077, 0)
            self.assertRegex(first, r'\nthreads = 2\ninternal-secret = "[0-9a-f]{64}"\n\Z')
            settings.write()
            self.assertEqual(settings.path.read_text(), first)

    def test_a_configuration_without_a_place_for_servers_is_refused(self):
        with self.assertRaisesRegex(ValueError, "notify"):
            with_servers("# begin api\n# end\n", {"api": [], "notify": []})


class RedisCluster(unittest.TestCase):
    def test_a_copy_takes_over_from_a_master_that_is_killed_and_the_old_one_becomes_a_copy(self):
        with tempfile.TemporaryDirectory() as directory:
            layout = somewhere_on_loopback()
            servers = [redis.Redis(name, layout.hosts[name], directory, layout.ports[name], owned=True) for name in REDIS]
            try:
                for server in servers:
                    server.start()
                for server in servers:
                    server.wait_ready()
                redis.join(servers)
                self.assertEqual([server.is_master() for server in servers], [True] * 3 + [False] * 3)
                self.assertEqual(servers[0].ask("CONFIG", "GET", "maxmemory-policy").split()[-1], "noeviction")
                servers[0].kill()
                until(lambda: sum(server.is_master() for server in servers[1:]) == 3, 30, "nobody took over")
                servers[0].start()
                servers[0].wait_ready()
                until(lambda: not servers[0].is_master(), 30, "there are two masters")
            finally:
                for server in servers:
                    server.kill()


class Command(unittest.TestCase):
    def test_a_name_that_is_not_there_is_refused_with_the_names_that_are(self):
        done = subprocess.run([ROOT / "tools/cluster", "kill", "api3"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        for name in ("api3", *NAMES):
            self.assertIn(name, done.stderr)


if __name__ == "__main__":
    unittest.main()
