#!/usr/bin/env python3
"""What somebody new finds when the demo is on: a group with history, one late message, and a bot that answers."""
import pathlib
import tempfile
import time
import unittest
import urllib.request

from support.api import Api
from support.server import Server

WAIT_S = 10


def texts(api, group):
    return api.get(f"/v1/groups/{group}/messages")["messages"]


class Demo(unittest.TestCase):
    def wait_for(self, found):
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            if value := found():
                return value
            time.sleep(0.02)
        self.fail("it did not come")

    def test_somebody_new_finds_a_group_that_lives(self):
        with Server("--demo", "on") as server:
            alice, bob = Api(server.url), Api(server.url)
            alice.sign_up("alice")
            bob.sign_up("bob")

            group, = alice.get("/v1/groups")["groups"]
            self.assertNotEqual(group["id"], bob.get("/v1/groups")["groups"][0]["id"])
            history = texts(alice, group["id"])
            self.assertEqual([m["late"] for m in history].count(True), 1)
            self.assertEqual(history, sorted(history, key=lambda m: m["id"]))
            self.assertIn("Hello, alice!", history[-1]["text"])

            said = alice.send(group["id"], "Hello, guide")
            answered = self.wait_for(lambda: [m for m in texts(alice, group["id"]) if m["id"] > said["id"]])
            self.assertEqual([m["from"] for m in answered], ["@tidings.guide"])
            # Signing up again is a sign-in: no second group, and the bot is still the same after a crash.
            server.kill()
            server.start()
            again = Api(server.url)
            again.sign_up("alice")
            self.assertEqual([g["id"] for g in again.get("/v1/groups")["groups"]], [group["id"]])
            said = again.send(group["id"], "Are you still there?")
            answered = self.wait_for(lambda: [m for m in texts(again, group["id"]) if m["id"] > said["id"]])
            self.assertNotEqual(answered[0]["text"], history[-1]["text"])
            self.assertEqual(server.stop(), 0)

    def test_nobody_gets_it_unasked(self):
        with Server() as server:
            alice = Api(server.url)
            alice.sign_up("alice")
            self.assertEqual(alice.get("/v1/groups")["groups"], [])


class Page(unittest.TestCase):
    def test_a_browser_finds_the_app_and_a_program_the_api(self):
        with tempfile.TemporaryDirectory() as directory:
            pathlib.Path(directory, "index.html").write_text("<!doctype html>the app")
            with Server("--web", directory) as server:
                with urllib.request.urlopen(server.url + "/", timeout=5) as page:
                    self.assertEqual(page.read(), b"<!doctype html>the app")
                    self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
                head = urllib.request.Request(server.url + "/", method="HEAD")
                with urllib.request.urlopen(head, timeout=5) as page:
                    self.assertEqual(page.headers["Content-Length"], "22")
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    urllib.request.urlopen(server.url + "/..%2f..%2fetc/passwd", timeout=5)
                self.assertEqual(refused.exception.code, 404)


if __name__ == "__main__":
    unittest.main()
