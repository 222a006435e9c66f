#!/usr/bin/env python3
"""The running server against its own description of the API, by a tool that we did not write.

Schemathesis reads /v1/openapi.json, makes requests that keep to it and requests that break it, and compares every answer with
what the description promises: no 5xx, a documented status, content type, headers and body; nonsense refused, a missing or bad
token refused, what was deleted gone.
"""
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

from support.api import Api
from support.target import Server

EXAMPLES = os.environ.get("EXAMPLES", "15")  # an operation and phase
ENDING = ["endAccount", "deleteGroup"]  # after these, most other calls would only be refused
UNLIMITED = [word for setting in ("person-sends", "person-reads", "person-writes") for word in
             (f"--{setting}", "1000000/10")]


class Description(unittest.TestCase):
    def run_tool(self, server, token, *words, config=""):
        seed = os.environ.get("SEED", str(random.randrange(10**6)))
        print(f"SEED={seed}", flush=True)
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory, "schemathesis.toml")
            file.write_text(config)
            done = subprocess.run(
                [sys.executable, "-m", "schemathesis.cli", "--config-file", str(file), "run",
                 f"{server.url}/v1/openapi.json", "-H", f"Authorization: Bearer {token}", "--seed", seed,
                 "--max-examples", EXAMPLES, "--warnings", "off",
                 # Much that keeps to the description is refused all the same: a name that is taken, a cursor of
                 # another group, an id of last year.
                 "--exclude-checks", "positive_data_acceptance", *words],
                cwd=directory, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr + server.log()[-2000:])
        count = re.search(r"(\d+) generated", done.stdout)
        print(f"{count[1]} requests", flush=True)
        return int(count[1])

    def test_every_answer_is_as_described(self):
        with Server(*UNLIMITED) as server:
            alice = Api(server.url).sign_up("alice")
            Api(server.url).sign_up("bob")
            group = alice.group("Climbers", ["bob"])["id"]
            message = alice.send(group, "Shall we climb on Sunday?")["id"]
            # Real ids, so that calls get past the door.
            config = f"""
                [[operations]]
                include-path-regex = '^/v1/groups/\\{{id\\}}'
                parameters = {{ "path.id" = "{group}", "path.message" = "{message}" }}
                """
            but = [word for name in ENDING for word in ("--exclude-operation-id", name)]
            self.assertGreater(self.run_tool(server, alice.token, *but, config=config), 500)
            only = [word for name in ENDING for word in ("--include-operation-id", name)]
            self.assertGreater(self.run_tool(server, alice.token, *only, "--phases", "examples,coverage"), 2)
            self.assertEqual(server.stop(), 0)

    def test_a_service_is_answered_as_described_too(self):
        with Server("--service-writes", "1000000/10") as server:
            key = server.service("weather")
            self.run_tool(server, key, "--phases", "examples,fuzzing", "--exclude-operation-id", "endAccount")

    def test_an_operator_is_answered_as_described_too(self):
        with Server(*UNLIMITED) as server:
            root = Api(server.url).sign_up("root")
            Api(server.url).sign_up("bob")
            server.service("weather")
            server.command("admin", "account", "admin", "root")
            key = root.call("POST", "/v1/ops/services", {"name": "weather"})["key"]
            # Names that there are, so that calls get past the door.
            config = f"""
                [[operations]]
                include-operation-id = "changeAccount"
                parameters = {{ "path.name" = "@bob" }}

                [[operations]]
                include-operation-id = "revokeKey"
                parameters = {{ "path.name" = "@weather", "path.key" = "{key}" }}
                """
            self.assertGreater(self.run_tool(server, root.token, "--include-tag", "operation", config=config), 100)
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
