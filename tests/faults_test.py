#!/usr/bin/env python3
"""Servers that do one thing wrong (tests/faults) are caught by the history checker; one that does not is not."""
import concurrent.futures
import os
import pathlib
import random
import unittest

from history.check import check, summary
from history.run import Load
from support.server import PROGRAM, Server

FAULTY = str(pathlib.Path(PROGRAM).with_name("tidings_faulty"))
FAULTS = ["none", "rounds", "drop-send", "garble-body", "swap-rows", "hide-arrival", "no-overlap",
          "accept-second-content", "clear-mark-at-ack", "skip-membership-check", "forget-edits", "forget-deletes"]
# Of sends: how many reads there are beside them depends on the machine.
SENDS = 400
# Longer than anything takes on a slow machine, and shorter than the quiet after the last send.
VISIBLE_S = 5
QUIET_S = VISIBLE_S + 1
AT_A_TIME = 3
THROTTLE = (20, 2)  # sends in seconds


def play(fault, seed, **options):
    """The history of a few users on a server with that fault."""
    with Server(program=FAULTY, env={"FAULT": fault}) as server, \
            Load(server, seed=f"{seed}/{fault}", **options) as load:
        load.wait_for(SENDS, op="send")
        return load.finish(QUIET_S)


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        seed = os.environ.get("SEED", random.randrange(10**6))
        print(f"SEED={seed}", flush=True)
        with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
            throttled = pool.submit(play, "none", seed, sends="{}/{}".format(*THROTTLE))
            cls.histories = dict(zip(FAULTS, pool.map(lambda fault: play(fault, seed), FAULTS)))
            cls.throttled = throttled.result()

    def violations(self, fault):
        history = self.histories[fault]
        print(f"{fault}: {summary(history)}", flush=True)
        self.assertGreater(len(history.acknowledged()), 100)
        return check(history, VISIBLE_S)

    def assert_caught(self, fault, guarantee):
        found = [violation for violation in self.violations(fault) if violation.guarantee == guarantee]
        self.assertTrue(found, f"nobody noticed {fault}")
        print(f"{guarantee}: {found[0].what}", flush=True)

    def test_a_right_server_breaks_nothing(self):
        self.assertEqual(self.violations("none"), [])

    def test_a_right_server_that_reads_rounds_breaks_nothing(self):
        self.assertEqual(self.violations("rounds"), [])

    def test_throttles_hold_while_everybody_sends_as_much_as_they_can(self):
        self.assertEqual(check(self.throttled, VISIBLE_S, throttle=THROTTLE), [])
        half = (THROTTLE[0] / 2, THROTTLE[1])
        self.assertTrue(check(self.throttled, VISIBLE_S, throttle=half), "nobody pressed against the throttle")

    def test_an_acknowledged_send_that_is_dropped_is_caught(self):
        self.assert_caught("drop-send", "G1")

    def test_a_body_that_is_changed_is_caught(self):
        self.assert_caught("garble-body", "G2")

    def test_two_rows_that_are_swapped_are_caught(self):
        self.assert_caught("swap-rows", "G4")

    def test_a_hole_in_the_arrival_log_is_caught(self):
        self.assert_caught("hide-arrival", "G5")

    def test_a_cursor_without_overlap_is_caught(self):
        self.assert_caught("no-overlap", "G5")

    def test_other_content_that_is_acknowledged_is_caught(self):
        self.assert_caught("accept-second-content", "G6")

    def test_a_mark_that_is_cleared_at_the_ack_instead_of_the_claim_is_caught(self):
        self.assert_caught("clear-mark-at-ack", "G8")

    def test_a_membership_check_that_is_skipped_on_a_cache_hit_is_caught(self):
        self.assert_caught("skip-membership-check", "G10")

    def test_an_edit_that_is_forgotten_is_caught(self):
        self.assert_caught("forget-edits", "G13")

    def test_a_delete_that_is_forgotten_is_caught(self):
        self.assert_caught("forget-deletes", "G13")


if __name__ == "__main__":
    unittest.main()
