#!/usr/bin/env python3
"""A whole chat taken out of one store and brought into another: `tidings admin export` and `tidings admin import`."""
import json
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from support.api import Api, Problem, Replica
from support.server import PROGRAM, Server

DONE, FAILED, USAGE, UNREACHABLE = range(4)  # exit codes


def run(*words):
    """Runs `tidings WORDS…` to its end."""
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=120)


def temporary(test):
    directory = tempfile.mkdtemp(prefix="tidings-")
    test.addClassCleanup(shutil.rmtree, directory, True)
    return pathlib.Path(directory)


def wait_until(condition, within_s=60):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.2)


def talk(server):
    """Everything that a chat can hold. Returns who said it, and where."""
    people = {name: Api(server.url).sign_up(name) for name in ("alice", "bob", "carol", "dave")}
    server.command("admin", "account", "admin", "bob")
    alice, bob, carol, dave = people.values()
    weather = Api(server.url).with_key(server.service("weather"))
    group = alice.group("friends", ["bob", "carol", "dave"], description="of old", metadata={"a": [1, "ü"]})["id"]
    joined = alice.group("newcomers", ["bob"], history="since-joined")["id"]
    news = weather.group("news", ["alice", "bob"], visibility="public")["id"]
    deleted = alice.group("over", ["bob"])["id"]
    for n in range(400):
        weather.send(news, f"{n} degrees", links=["https://example.com/"], metadata={"n": n})
    said = alice.new_id()
    alice.send(group, "hello 👋 \"you\"", id=said, mentions=["@bob"])
    bob.call("PUT", f"/v1/messages/{bob.new_id()}", {"to": [group], "kind": "reaction", "target": said, "emoji": "🎉"})
    carol.call("PUT", f"/v1/messages/{carol.new_id()}", {"to": [group], "kind": "reaction", "target": said, "emoji": "+1"})
    alice.call("PUT", f"/v1/messages/{alice.new_id()}", {"to": [group], "kind": "edit", "target": said, "text": "hello"})
    gone = bob.new_id()
    bob.send(group, "forget this", id=gone)
    bob.call("PUT", f"/v1/messages/{bob.new_id()}", {"to": [group], "kind": "delete", "target": gone})
    late = bob.new_id((time.time() - 100) * 1000)
    bob.send(group, "from the tunnel", id=late, reply_to=said)
    bob.send(group, "from the tunnel", id=late, reply_to=said)
    alice.call("PUT", f"/v1/messages/{alice.new_id()}",
               {"to": [joined], "kind": "opaque", "ciphertext": "AAH+", "scheme": "mls"})
    alice.send(deleted, "soon gone")
    alice.send("@bob", "in private")
    carol.send(group, "I was here")
    alice.call("DELETE", f"/v1/groups/{group}/members/@dave")
    alice.call("DELETE", f"/v1/groups/{deleted}")
    bob.call("PUT", "/v1/me/blocks/@dave")
    bob.call("PATCH", "/v1/me", {"display_name": "Bob", "metadata": {"b": 1}})
    dave.call("PUT", "/v1/me/status", {"status": "busy", "text": "away"})
    carol.call("DELETE", "/v1/me")
    wait_until(lambda: all("text" not in m for m in alice.all_history(group) if m["from"] == "@carol"))
    for person in (alice, bob):
        for where in (group, news):
            replica = Replica(person, where)
            replica.pull()
            person.call("PUT", f"/v1/groups/{where}/read", {"cursor": replica.cursor})
    return people | {"weather": weather}


def seen_by(api):
    """Everything that somebody can read."""
    groups = api.get("/v1/groups", limit=200)["groups"]
    seen = {"me": {k: v for k, v in api.get("/v1/me").items() if k not in ("last_seen", "status")}}
    for group in groups:
        where = f"/v1/groups/{group['id']}"
        seen[group["id"]] = {
            "group": group,
            "members": api.get(f"{where}/members", limit=200)["members"],
            "history": api.all_history(group["id"]),
            "digest": api.get(f"{where}/digest", **{"from": "00000000-0000-7000-8000-000000000000",
                                                    "to": "ffffffff-ffff-7fff-bfff-ffffffffffff"}),
            "rows": sorted((m["id"], json.dumps(m, sort_keys=True)) for m in rows(api, group["id"])),
        }
    return seen


def rows(api, group):
    replica = Replica(api, group)
    replica.pull()
    return replica.messages.values()


class Move(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.first = temporary(cls)
        cls.archive = temporary(cls) / "chat"
        with Server(data=str(cls.first)) as server:
            people = talk(server)
            cls.keys = {"weather": people["weather"].token}
            cls.seen = {name: seen_by(people[name]) for name in ("alice", "bob", "dave", "weather")}
            cls.replicas = {}
            for group in people["alice"].get("/v1/groups")["groups"]:
                replica = cls.replicas[group["id"]] = Replica(people["alice"], group["id"])
                replica.pull()
            cls.while_serving = run("admin", "export", cls.archive, "--data", server.data)
            server.stop()
            cls.exported = run("admin", "export", cls.archive, "--data", server.data)

    def assert_ends(self, done, code, *said):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for text in said:
            self.assertIn(text, done.stdout + done.stderr)

    def import_into(self, data, archive=None):
        return run("admin", "import", archive or self.archive, "--data", data)

    def assert_everything_is_there(self, server):
        for name in ("alice", "bob", "dave"):
            self.assertEqual(seen_by(Api(server.url).sign_in(name)), self.seen[name])
        self.assertEqual(seen_by(Api(server.url).with_key(self.keys["weather"])), self.seen["weather"])

    def test_a_store_that_is_in_use_is_not_exported_and_it_says_what_to_do(self):
        self.assert_ends(self.while_serving, UNREACHABLE, "is using", "Stop it first", "tidings admin backup")

    def test_everything_is_there_after_the_move_and_old_cursors_go_on(self):
        self.assert_ends(self.exported, DONE, "5 accounts", "hashes of passwords")
        second = temporary(type(self))
        self.assert_ends(self.import_into(second / "data"), DONE, "every digest agrees")
        self.assert_ends(self.import_into(second / "data"), DONE, "; 0 records were new", "every digest agrees")
        self.assert_ends(run("admin", "check", "--data", second / "data"), DONE, "sound")
        with Server(data=str(second)) as server:
            beside = self.import_into(server.data)
            self.assert_ends(beside, UNREACHABLE, "is using", "Stop it first")
            self.assertNotIn("export", beside.stderr)
            self.assert_everything_is_there(server)
            alice, bob = Api(server.url).sign_in("alice"), Api(server.url).sign_in("bob")
            self.assertEqual(bob.get("/v1/ops/figures")["role"], "serve", "the admin role has moved")
            with self.assertRaises(Problem):
                Api(server.url).sign_in("carol")
            for group, old in self.replicas.items():
                replica = Replica(alice, group)
                replica.cursor, replica.messages = old.cursor, dict(old.messages)
                late, new = bob.new_id((time.time() - 60) * 1000), bob.new_id()
                bob.send(group, "late, after the move", id=late)
                bob.send(group, "after the move", id=new)
                replica.pull()
                # Who sees the history since they joined sees nothing of before, however late it comes.
                shown = {new} if alice.get(f"/v1/groups/{group}").get("history") == "since-joined" else {late, new}
                self.assertLessEqual(shown, set(replica.messages))
                self.assertTrue(replica.agrees(replica.digest))
                self.assertTrue(replica.agrees(alice.get(f"/v1/groups/{group}/digest", last=4)))
            dave = Api(server.url).sign_in("dave")
            with self.assertRaises(Problem) as blocked:
                dave.send("@bob", "let me in")
            self.assertEqual(blocked.exception.code, "not-accepted")

    def test_a_second_archive_of_the_new_store_holds_the_same_records(self):
        second, archive = temporary(type(self)), temporary(type(self)) / "again"
        self.assert_ends(self.import_into(second / "data"), DONE)
        self.assert_ends(run("admin", "export", archive, "--data", second / "data"), DONE)
        names = sorted(path.name for path in archive.iterdir())
        self.assertEqual(names, sorted(path.name for path in self.archive.iterdir()))
        for name in names:
            self.assertEqual((archive / name).read_bytes(), (self.archive / name).read_bytes(), name)

    def test_an_import_that_is_killed_goes_on_when_it_is_run_again(self):
        chance = random.Random(4)
        second = temporary(type(self))
        killed = 0
        for _ in range(12):
            process = subprocess.Popen([PROGRAM, "admin", "import", str(self.archive), "--data", str(second / "data")],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.0, 0.25))
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
        self.assertGreater(killed, 0)
        self.assert_ends(self.import_into(second / "data"), DONE, "every digest agrees")
        with Server(data=str(second)) as server:
            self.assert_everything_is_there(server)

    def test_an_archive_that_is_finished_is_not_written_over(self):
        self.assert_ends(run("admin", "export", self.archive, "--data", self.first / "data"), FAILED, "finished archive")

    def test_a_damaged_file_is_refused_by_its_name_and_line_and_nothing_is_imported(self):
        second, damaged = temporary(type(self)), temporary(type(self)) / "chat"
        shutil.copytree(self.archive, damaged)
        path = damaged / "messages-000001.jsonl"
        lines = path.read_text().split("\n")
        at = next(n for n, line in enumerate(lines) if "40 degrees" in line)
        lines[at] = lines[at].replace("degrees", "Degrees")
        path.write_text("\n".join(lines))
        self.assert_ends(self.import_into(second / "data", damaged), FAILED, f"{path}:{at + 1}: ")
        listed = run("admin", "account", "list", "--json", "--data", second / "data")
        self.assertEqual(json.loads(listed.stdout)["accounts"], [], listed.stderr)

    def test_a_store_of_another_chat_is_left_alone(self):
        second = temporary(type(self))
        with Server(data=str(second)) as server:
            Api(server.url).sign_up("zoe")
        self.assert_ends(self.import_into(second / "data"), FAILED, "@zoe", "another chat")

    def test_a_directory_without_an_archive_is_refused_and_no_store_is_made(self):
        second = temporary(type(self))
        self.assert_ends(self.import_into(second / "data", second), FAILED, "no archive")
        self.assertFalse((second / "data").exists())
        self.assert_ends(run("admin", "export", second / "chat", "--data", second / "data"), UNREACHABLE,
                             "no store")

    def test_nobody_but_its_owner_may_read_an_archive(self):
        self.assertEqual(self.archive.stat().st_mode & 0o077, 0)
        for path in self.archive.iterdir():
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)


if __name__ == "__main__":
    unittest.main()
