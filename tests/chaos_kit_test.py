#!/usr/bin/env python3
"""What breaks clusters is itself tested: the judges on histories that were made up, all of it on one process that is killed."""
import contextlib
import copy
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import types
import unittest

from chaos import page, promises, report, run, schedule
from chaos.evidence import lines_for
from chaos.timeline import Window, due
from history.check import History, read_directory
from support.api import floor_id

RUN = pathlib.Path(run.__file__)
GROUP = "g1"


def window(began, healed, **fields):
    times = {"began": began, "gone": began, "struck": began, "healing": healed, "healed": healed, "whole": healed + 0.1}
    return Window(**{"kind": "kill-api", "what": "kill api1", "promise": "", "recovery_s": 5.0, "one_node_gone": True,
                     "loses_redis": False, "touches_redis": False, "no_call_fails": False, "no_acknowledgement": False,
                     "notes": [], "findings": [], **times, **fields})


class Schedule(unittest.TestCase):
    def drawn(self, seed, count):
        return list(itertools.islice(schedule.steps(seed, schedule.OF_A_CLUSTER), count))

    def test_the_same_seed_breaks_the_same_things(self):
        self.assertEqual(self.drawn("7", 80), self.drawn("7", 80))
        self.assertNotEqual(self.drawn("7", 80), self.drawn("8", 80))

    def test_everything_is_broken_once_before_anything_is_broken_twice(self):
        kinds = len(schedule.OF_A_CLUSTER)
        self.assertEqual({step.kind for step in self.drawn("7", kinds)}, set(schedule.OF_A_CLUSTER))

    def test_every_kind_says_what_is_promised(self):
        self.assertEqual([name for name, kind in schedule.OF_A_CLUSTER.items() if not kind.promise], [])


class Due(unittest.TestCase):
    def test_while_all_is_well_a_send_is_seen_within_two_seconds(self):
        self.assertEqual(due([window(10, 20)], 7), (9, False))
        self.assertEqual(due([window(10, 20)], 25.1), (27.1, False))

    def test_what_a_fault_catches_is_seen_five_seconds_after_healing(self):
        self.assertEqual(due([window(10, 20)], 8.5), (25, True))
        self.assertEqual(due([window(10, 20)], 24), (26, True))

    def test_a_fault_that_begins_before_a_message_was_due_puts_that_off(self):
        self.assertEqual(due([window(10, 20), window(24, 30)], 12), (35, True))

    def test_a_lost_redis_is_made_up_for_within_sixty_seconds_of_the_loss(self):
        self.assertEqual(due([window(10, 20, loses_redis=True)], 12), (70, True))
        self.assertEqual(due([window(10, 90, loses_redis=True)], 12), (95, True))


class Judges(unittest.TestCase):
    """One author, one reader, a send each 100 ms that is seen 100 ms later."""

    def setUp(self):
        self.operations = []
        for n in range(400):
            t = n / 10
            message_id = floor_id(1_800_000_000_000 + n)
            self.add("send", "alice", t, id=message_id, kind="text", variant=0, status=201)
            self.add("pull", "bob", t + 0.1, ids_seen=[[message_id, ""]], more=False)
        self.add("pull", "bob", 60, ids_seen=[], more=False)

    def add(self, op, client, t, took=0.01, outcome="ok", **fields):
        self.operations.append({"t_invoked": t, "t_returned": t + took, "client": client, "user": client, "op": op,
                                "outcome": outcome, "group": GROUP, **fields})

    def found(self, *windows, throttle=("alice", 1000, 10, 2)):
        history = History(copy.deepcopy(self.operations), "7")
        windows = list(windows)
        return [v.guarantee for v in promises.check(history, windows, promises.Sight(history, windows), throttle)]

    def seen_late(self, n, t):
        """The n-th send is seen at that time."""
        pull = [op for op in self.operations if op["op"] == "pull"][n]
        pull["t_invoked"], pull["t_returned"] = t, t + 0.01

    def test_a_run_in_which_all_is_well_breaks_nothing(self):
        self.assertEqual(self.found(window(10, 20)), [])

    def test_one_of_four_hundred_that_is_seen_late_while_all_is_well_is_found(self):
        self.seen_late(300, 35)
        self.assertEqual(self.found(window(10, 20)), ["G8"])

    def test_what_is_seen_five_seconds_after_healing_is_in_time_and_later_is_not(self):
        self.seen_late(150, 24.9)
        self.assertEqual(self.found(window(10, 20)), [])
        self.seen_late(150, 25.1)
        self.assertEqual(self.found(window(10, 20)), ["G8"])

    def test_whoever_is_out_of_the_group_need_not_see_anything(self):
        self.seen_late(300, 39)
        self.add("member", "owner", 29.9, subject="bob", **{"in": False})
        self.add("member", "owner", 33, subject="bob", **{"in": True})
        self.operations.sort(key=lambda op: op["t_invoked"])
        self.assertEqual(self.found(), [])

    def test_calls_without_an_answer_while_one_node_is_gone_are_found(self):
        def go_without(t, calls=promises.FEW + 1):
            for n in range(calls):
                self.add("pull", "bob", t + n / 1000, took=2.5, outcome="unknown")
            self.operations.sort(key=lambda op: op["t_invoked"])

        go_without(11)
        self.assertEqual(self.found(window(10, 20)), [], "it takes a while until that is known")
        go_without(12.1, promises.FEW)
        self.assertEqual(self.found(window(10, 20)), [], "one in a thousand is not found among so few")
        go_without(12.2, 1)
        self.assertEqual(self.found(window(10, 20)), ["G12"])
        self.assertEqual(self.found(window(10, 20, one_node_gone=False)), [])
        self.assertEqual(self.found(window(5, 20, gone=10.5)), [], "not from the preparations on")

    def test_a_call_that_fails_in_a_rolling_restart_is_found(self):
        self.add("send", "alice", 12, outcome="unknown", id=floor_id(1), kind="text", variant=0, status=503)
        self.assertEqual(self.found(window(10, 20, no_call_fails=True, one_node_gone=False)), ["G12"])

    def test_a_call_that_lost_to_other_content_under_its_id_is_no_failure_of_a_node(self):
        self.add("send", "alice", 12, outcome="unknown", id=floor_id(1), kind="text", variant=0, status=503)
        self.add("send", "alice", 12, outcome="fail", id=floor_id(1), kind="text", variant=1, status=404)
        self.operations.sort(key=lambda op: op["t_invoked"])
        self.assertEqual(self.found(window(10, 20, no_call_fails=True, one_node_gone=False)), [])

    def test_an_acknowledgement_without_a_quorum_is_found(self):
        found = self.found(window(10, 20, no_acknowledgement=True, one_node_gone=False))
        self.assertEqual(set(found), {"G1", "G5"})

    def test_a_throttle_that_grants_too_much_is_found_and_one_that_counts_alone_may_grant_more(self):
        self.assertEqual(self.found(throttle=("alice", 6, 1, 2)), ["G11"])
        self.assertEqual(self.found(window(1, 60, touches_redis=True, one_node_gone=False), throttle=("alice", 6, 1, 2)), [])
        self.assertEqual(self.found(window(1, 60, touches_redis=True, one_node_gone=False), throttle=("alice", 2, 1, 2)), ["G11"])

    def test_a_message_from_the_future_that_is_acknowledged_is_found(self):
        self.operations[100]["ahead"] = "far"
        self.assertEqual(self.found(), ["clock"])

    def test_a_message_of_now_that_is_refused_for_its_time_is_found(self):
        self.add("send", "alice", 12, outcome="fail", id=floor_id(1), kind="text", variant=0, code="clock-ahead")
        self.assertEqual(self.found(), ["clock"])

    def test_what_a_fault_found_and_what_never_came_together_again_are_told(self):
        self.assertEqual(self.found(window(10, 20, findings=[("clock", "it was ready")], whole=None)), ["clock", "healing"])


class OneProcess(unittest.TestCase):
    """The whole machine on `tidings serve`, which is killed."""

    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="chaos-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        options = types.SimpleNamespace(target="serve", minutes=0.4, seed=os.environ.get("SEED", "7"), only=None, rate=10, visible=5,
                                        program=run.PROGRAM, restart=True)
        with contextlib.redirect_stdout(sys.stderr):
            cls.played = run.play(options, cls.directory)

    def judged(self, history=None):
        known, own, windows, changes = self.played
        return run.judge(known, history or own, windows, changes, workers=1, healthy_s=5)

    def test_a_right_server_breaks_nothing_and_was_really_killed(self):
        violations, data = self.judged()
        self.assertEqual(violations, [])
        self.assertGreater(len(data["faults"]), 0)
        self.assertGreater(data["counts"]["acknowledged"], 100)
        self.assertGreater(data["counts"]["unknown"], 0)
        self.assertIn("no violation", list(report.as_lines(data)))

    def test_one_acknowledged_send_that_is_missing_in_the_recorded_reads_is_found_and_proven(self):
        lost = next(i for i, sends in self.played[1].acknowledged().items() if sends[0]["kind"] == "text")
        operations = copy.deepcopy(self.played[1].operations)
        for op in operations:
            if op["op"] in ("pull", "page") and "ids_seen" in op:
                op["ids_seen"] = [row for row in op["ids_seen"] if row[0] != lost]
        violations, data = self.judged(History(operations, self.played[1].seed))
        self.assertIn("G1", {violation.guarantee for violation in violations})
        told = next(violation for violation in data["violations"] if violation["guarantee"] == "G1")
        self.assertIn(lost, told["what"])
        proof = [json.loads(line) for line in told["lines"]]
        self.assertTrue(any(op["op"] == "send" and op["id"] == lost and op["outcome"] == "ok" for op in proof))
        self.assertTrue(any(op.get("full") and not op["ids_seen"] for op in proof))
        self.assertIn("The proof", page.page(data))

    def test_the_page_needs_nothing_but_itself(self):
        text = page.page(self.judged()[1])
        self.assertIn("<svg", text)
        self.assertEqual(re.findall(r"""(?:src|href)\s*=|@import|url\(|https?:""", text), [])

    def test_the_histories_on_disk_are_those_that_were_judged(self):
        self.assertEqual(len(read_directory(self.directory / "histories").operations), len(self.played[1].operations))


class Ends(unittest.TestCase):
    def test_interrupted_it_leaves_no_process_and_no_directory(self):
        with tempfile.TemporaryDirectory(prefix="chaos-test-") as out:
            running = subprocess.Popen([sys.executable, RUN, "--target", "serve", "--minutes", "5", "--out", out],
                                       stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": out}, start_new_session=True)
            for line in running.stdout:
                if "kill-serve" in line:
                    break
            running.send_signal(signal.SIGINT)
            running.stdout.read()
            self.assertEqual(running.wait(60), run.NOBODY_KNOWS)
            running.stdout.close()
            self.assertEqual(list(pathlib.Path(out).iterdir()), [])
            left = subprocess.run(["pgrep", "-f", out], capture_output=True, text=True)
            self.assertEqual(left.stdout, "")


if __name__ == "__main__":
    unittest.main()
