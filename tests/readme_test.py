#!/usr/bin/env python3
"""The README's tour works word for word."""
import pathlib
import re
import subprocess
import tempfile
import unittest

from support.server import ROOT
from support.target import Server

DEFAULT_ADDRESS = "http://127.0.0.1:7400"


class Tour(unittest.TestCase):
    def test_the_tour_does_what_it_says(self):
        blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
        self.assertEqual(len(blocks), 2)
        with Server() as server, tempfile.TemporaryDirectory() as directory:
            def run(script):
                script = script.replace(DEFAULT_ADDRESS, server.url)
                done = subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=directory,
                                      capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stderr)
                return done.stdout

            keep = "\ndeclare -p alice bob id group cursor T > state\n"
            before = run(blocks[0] + keep)
            self.assertIn('"already"', before)
            self.assertIn('"id-conflict"', before)
            self.assertIn("@alice: Good morning, Bob! ☀️", before)
            self.assertIn('[{"emoji":"🎉","count":1,"me":false}]', before)
            server.kill()
            server.start()
            after = run(pathlib.Path(directory, "state").read_text() + blocks[1])
            self.assertIn('"reaction"', after)
            self.assertIn('"text"', after)
            self.assertIn('"count": 3', after)


if __name__ == "__main__":
    unittest.main()
