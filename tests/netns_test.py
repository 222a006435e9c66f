#!/usr/bin/env python3
"""The network that tests cut: two hosts that talk, and do not, and do again."""
import os
import pathlib
import signal
import subprocess
import sys
import unittest

from support import netns
from support.netns import Network

# Answers each datagram with its own name; asks another host once and says whether an answer came.
ECHO = """
import socket
at = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
at.bind(("0.0.0.0", 7000))
print("ready", flush=True)
while True:
    said, who = at.recvfrom(100)
    print(said.decode(), flush=True)
    at.sendto(said, who)
"""
ASK = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.3)
s.sendto(sys.argv[2].encode(), (sys.argv[1], 7000))
try:
    print(s.recv(100).decode())
except TimeoutError:
    print("silence")
"""
ORPHAN = """
import os, sys
sys.path.insert(0, sys.argv[1])
from support.netns import Network
with Network(["one"]) as network:
    print(network.prefix, flush=True)
    os.kill(os.getpid(), 9)
"""
TESTS = pathlib.Path(__file__).resolve().parent
WHY_NOT = netns.why_not()


class Talk:
    """A network on which every host answers."""

    def __init__(self, names):
        self.network = Network(names)

    def __enter__(self):
        self.network.__enter__()
        self.echoes = {}
        for name, host in self.network.hosts.items():
            self.echoes[name] = subprocess.Popen(host.words([sys.executable, "-c", ECHO]), stdout=subprocess.PIPE, text=True)
            self.echoes[name].stdout.readline()
        return self

    def __exit__(self, *failure):
        self.network.__exit__(*failure)
        for echo in self.echoes.values():
            echo.wait(10)
            echo.stdout.close()

    def answered(self, asker, asked, said="hello"):
        """Whether the question got there and the answer back."""
        hosts = self.network.hosts
        return hosts[asker].run([sys.executable, "-c", ASK, hosts[asked].ip, said]).stdout.strip() == said

    def heard(self, name):
        return self.echoes[name].stdout.readline().strip()


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Cuts(unittest.TestCase):
    def test_a_cut_holds_in_both_directions_until_it_is_healed_and_touches_nobody_else(self):
        with Talk(["one", "two", "three"]) as talk:
            self.assertTrue(talk.answered("one", "two"))
            talk.network.cut("one", "two")
            self.assertFalse(talk.answered("one", "two"))
            self.assertFalse(talk.answered("two", "one"))
            self.assertTrue(talk.answered("one", "three"))
            self.assertTrue(talk.answered("three", "two"))
            talk.network.heal("two", "one")
            self.assertTrue(talk.answered("one", "two"))
            self.assertTrue(talk.answered("two", "one"))

    def test_a_cut_of_one_direction_lets_questions_through_and_no_answers(self):
        with Talk(["one", "two"]) as talk:
            talk.network.cut_one_way("two", "one")
            self.assertFalse(talk.answered("one", "two", "is anybody there?"))
            self.assertEqual(talk.heard("two"), "is anybody there?")
            self.assertFalse(talk.answered("two", "one"), "it does not even hear the question")
            talk.network.heal("one", "two")
            self.assertTrue(talk.answered("one", "two"))

    def test_healing_one_cut_leaves_the_others(self):
        with Talk(["one", "two", "three"]) as talk:
            talk.network.isolate("one")
            talk.network.heal("one", "two")
            self.assertTrue(talk.answered("one", "two"))
            self.assertFalse(talk.answered("one", "three"))
            talk.network.heal_all()
            self.assertTrue(talk.answered("one", "three"))

    def test_the_maker_of_the_network_always_reaches_everybody(self):
        with Talk(["one", "two"]) as talk:
            talk.network.isolate("one")
            done = subprocess.run([sys.executable, "-c", ASK, talk.network.hosts["one"].ip, "hello"],
                                  capture_output=True, text=True)
            self.assertEqual(done.stdout.strip(), "hello")


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Tidiness(unittest.TestCase):
    def names(self):
        return subprocess.run("ip netns list; ip -br link", shell=True, capture_output=True, text=True).stdout

    def test_nothing_is_left_at_the_end_not_even_of_what_ran_there(self):
        with Talk(["one", "two"]) as talk:
            prefix = talk.network.prefix
            self.assertIn(prefix, self.names())
        self.assertNotIn(prefix, self.names())
        self.assertEqual([echo.returncode for echo in talk.echoes.values()], [-signal.SIGKILL] * 2)

    def test_what_a_killed_process_left_is_removed_by_the_next(self):
        orphan = subprocess.run([sys.executable, "-c", ORPHAN, TESTS], capture_output=True, text=True)
        self.assertEqual(orphan.returncode, -signal.SIGKILL)
        prefix = orphan.stdout.strip()
        self.assertIn(prefix, self.names())
        self.assertFalse(os.path.exists(f"/proc/{prefix[3:]}"))
        with Network(["one"]):
            self.assertNotIn(prefix, self.names())


if __name__ == "__main__":
    unittest.main()
