#!/usr/bin/env python3
"""A few faults on a real cluster break nothing, and workers that do one thing wrong are caught there, too."""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

from chaos import run
from support.server import PROGRAM

RUN = pathlib.Path(run.__file__)
FAULTY = str(pathlib.Path(PROGRAM).with_name("tidings_faulty"))
MINUTES = os.environ.get("MINUTES", "1.5")
VISIBLE_S = "5"  # other tests may run beside this one


class OnACluster(unittest.TestCase):
    def setUp(self):
        self.seed = os.environ.get("SEED", str(random.randrange(10**6)))

    def run_it(self, *flags, env=None):
        """The exit code, and the report."""
        with tempfile.TemporaryDirectory(prefix="chaos-test-") as out:
            done = subprocess.run([sys.executable, RUN, "--seed", self.seed, "--out", out, "--visible", VISIBLE_S, *flags], env={**os.environ, **(env or {})})
            path = pathlib.Path(out) / "report.json"
            return done.returncode, json.loads(path.read_text()) if path.exists() else None

    def test_a_few_faults_break_nothing(self):
        code, data = self.run_it("--minutes", MINUTES)
        self.assertEqual(data["violations_in_all"], 0)
        self.assertGreater(len(data["faults"]), 2)
        self.assertGreater(data["counts"]["acknowledged"], 300)
        if data["not_judged"]:
            self.skipTest("nothing was lost, but this machine is too busy to say how soon things were seen")
        self.assertEqual(code, run.HELD)

    def test_workers_that_drop_an_acknowledged_send_are_caught(self):
        code, data = self.run_it("--minutes", "0.5", "--only", "reload-haproxy", "--no-restart", "--program", FAULTY,
                                 env={"FAULT": "drop-send"})
        self.assertEqual(code, run.BROKEN)
        self.assertIn("G1", {violation["guarantee"] for violation in data["violations"]})


if __name__ == "__main__":
    unittest.main()
