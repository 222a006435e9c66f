#!/usr/bin/env python3
"""The web app in a real browser against a real server: `web/tests` says what is tried."""
import os
import re
import subprocess
import unittest

from support.server import PROGRAM, ROOT

WEB = ROOT / "web"


class Web(unittest.TestCase):
    def run_node(self, *words):
        done = subprocess.run(["node", *words], cwd=WEB, env={**os.environ, "TIDINGS": PROGRAM},
                              capture_output=True, text=True, timeout=540)
        # What the tests have to say, not what their runner or the server says.
        figures = [line for line in done.stdout.splitlines() if re.match(r"# (?!Subtest)\w[^:]*: ", line)]
        print("".join(line + "\n" for line in figures))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_what_needs_no_browser(self):
        self.run_node("node_modules/vitest/vitest.mjs", "run")

    def test_the_first_two_minutes(self):
        self.run_node("--test", "tests/two_minutes.test.mjs")

    def test_nothing_moves_and_nothing_is_lost(self):
        self.run_node("--test", "tests/place.test.mjs")

    def test_what_comes_unseen_is_noticed(self):
        self.run_node("--test", "tests/attention.test.mjs")

    def test_speed_costs_nothing(self):
        self.run_node("--test", "tests/speed.test.mjs")

    def test_people_come_together(self):
        self.run_node("--test", "tests/groups.test.mjs")

    def test_bad_input_is_named_and_costs_nothing(self):
        self.run_node("--test", "tests/bad_input.test.mjs")

    def test_everybody_can_use_it(self):
        self.run_node("--test", "tests/everybody.test.mjs")

    def test_operators_see_and_do_what_is_theirs(self):
        self.run_node("--test", "tests/ops.test.mjs")


if __name__ == "__main__":
    unittest.main()
