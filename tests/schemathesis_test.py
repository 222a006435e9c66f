#!/usr/bin/env python3
"""The API attacked from its own description: no 500, no answer that the description does not have."""
import os
import pathlib
import random
import subprocess
import sys
import unittest

from support.server import Server

# These end the account with which everything else is tried.
NOT_TRIED = ["endAccount", "changePassword", "endSession"]


class Description(unittest.TestCase):
    def test_every_operation_answers_as_described(self):
        seed = os.environ.get("SEED", str(random.randrange(10**6)))
        with Server() as server:
            key = server.service("attacker")
            command = [str(pathlib.Path(sys.executable).parent / "schemathesis"), "run",
                       f"{server.url}/v1/openapi.json", "--base-url", server.url,
                       "--experimental=openapi-3.1", "-H", f"Authorization: Bearer {key}",
                       "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,"
                       "response_schema_conformance,response_headers_conformance",
                       "--hypothesis-max-examples", "25", "--hypothesis-seed", seed,
                       "--hypothesis-deadline", "5000", "--request-timeout", "10000",
                       "--hypothesis-suppress-health-check", "all", "--hypothesis-database", "none"]
            for operation in NOT_TRIED:
                command += ["--exclude-operation-id", operation]
            done = subprocess.run(command, capture_output=True, text=True, timeout=420)
            print(done.stdout[-6000:])
            self.assertEqual(done.returncode, 0, f"seed {seed}\n{done.stderr[-2000:]}")
            self.assertTrue(server.is_ready())
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
