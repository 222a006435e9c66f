#!/usr/bin/env python3
"""The main job, on real input: two people and a service on three clients that we did not write.

Alice uses curl, Bob the fetch of Node, the service a WebSocket library. They talk in a direct group, a group of 5 and a
group of 150, in four scripts. Bob is offline for a while with a clock that is two hours wrong. The server is killed with -9
in mid-traffic and started again. Nobody misses anything, and everybody can prove it.
"""
import json
import pathlib
import subprocess
import threading
import time
import unittest
import urllib.parse

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from support.api import Api, Replica, Unknown, digest_sum, mint
from support.target import Server

TEXTS = ["Good morning, everybody.", "صباح الخير جميعًا، كيف حالكم؟", "大家早上好，今天天气怎么样？",
         "🌞☕️👩‍👩‍👧‍👦 👍🏽"]
TWO_HOURS_MS = 2 * 3600 * 1000


class Curl:
    """Alice: every call is a curl process."""

    def __init__(self, url):
        self.url, self.token, self.user = url, None, None

    def call(self, method, path, body=None):
        command = ["curl", "-sS", "-m", "10", "-X", method, self.url + path]
        if self.token:
            command += ["-H", f"Authorization: Bearer {self.token}"]
        if body is not None:
            command += ["-H", "Content-Type: application/json", "--data-binary", "@-"]
        done = subprocess.run(command, input=json.dumps(body, ensure_ascii=False) if body is not None else None,
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Unknown(done.stderr)
        return json.loads(done.stdout) if done.stdout else {}

    def get(self, path, **query):
        text = urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})
        return self.call("GET", path + ("?" + text if text else ""))

    def changes(self, group, cursor=None, **query):
        return self.get(f"/v1/groups/{group}/changes", cursor=cursor, **query)

    def sign_up(self, name):
        answer = self.call("POST", "/v1/accounts", {"name": name, "password": "correct horse battery"})
        self.token, self.user = answer["session"]["access_token"], answer["user"]

    def send(self, to, text):
        """Repeats with the same id until there is an answer, as every client should."""
        message_id = mint(self.user["id"], time.time() * 1000)
        for _ in range(100):
            try:
                answer = self.call("PUT", f"/v1/messages/{message_id}", {"to": [to], "text": text})
                if "groups" in answer:
                    return answer
            except Unknown:
                pass
            time.sleep(0.1)
        raise AssertionError("the server never answered")


class Node:
    """Bob: a Node process that holds his clock and his outbox."""

    def __init__(self, url, clock_error_ms):
        script = pathlib.Path(__file__).parent / "scene" / "bob.mjs"
        self.process = subprocess.Popen(["node", str(script), url, str(clock_error_ms)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def do(self, op, **arguments):
        self.process.stdin.write(json.dumps({"op": op, **arguments}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def get(self, path, **query):
        text = urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})
        return self.do("call", method="GET", path=path + ("?" + text if text else ""))

    def changes(self, group, cursor=None, **query):
        return self.get(f"/v1/groups/{group}/changes", cursor=cursor, **query)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


class Listener(threading.Thread):
    """The service's socket: pulls what it is told of; comes back after a cut."""

    def __init__(self, api, groups):
        super().__init__(daemon=True)
        self.api = api
        self.replicas = {g: Replica(api, g) for g in groups}
        self.told = 0
        self.hellos = 0
        self.stopped = threading.Event()

    def run(self):
        url = self.api.url.geturl().replace("http", "ws", 1) + "/v1/notifications"
        while not self.stopped.is_set():
            try:
                with connect(url, subprotocols=["tidings.v1"], compression=None, open_timeout=5,
                             additional_headers={"Authorization": f"Bearer {self.api.token}"}) as socket:
                    self.listen(socket)
            except (OSError, WebSocketException, TimeoutError, Unknown, EOFError):
                self.stopped.wait(0.1)

    def listen(self, socket):
        while not self.stopped.is_set():
            try:
                frame = json.loads(socket.recv(timeout=0.2))
            except TimeoutError:
                continue
            if frame["type"] == "hello":
                self.hellos += 1
            if frame["type"] == "changed":
                self.told += 1
                socket.send(json.dumps({"type": "ack", "n": frame["n"]}))
            for group in frame.get("groups", self.replicas if frame["type"] != "bye" else []):
                if group in self.replicas:
                    self.replicas[group].pull()


def patiently(send, *arguments):
    """Repeats a call that is harmless to repeat until it is answered."""
    until = time.monotonic() + 30
    while True:
        try:
            return send(*arguments)
        except Unknown:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


class Scene(unittest.TestCase):
    def test_nobody_misses_anything(self):
        # Nobody waits for tokens: what is played here is not how much one may say.
        with Server("--person-sends", "100/10", "--service-writes", "1000/10") as server:
            alice, bob = Curl(server.url), Node(server.url, TWO_HOURS_MS)
            self.addCleanup(bob.close)
            alice.sign_up("alice")
            bob_name = bob.do("sign_up", name="bob", password="correct horse battery")["user"]["name"]
            self.assertEqual(bob_name, "bob")
            weather = Api(server.url).with_key(server.service("weather"))

            guests = {f"guest{n}": server.service(f"guest{n}") for n in range(147)}
            five = weather.group("five", ["alice", "bob", "guest0", "guest1"])["id"]
            big = weather.group("everyone", ["alice", "bob", *guests])["id"]
            shown = weather.get(f"/v1/groups/{big}")
            self.assertEqual((shown["size"], shown["push"]), (150, False))
            direct = alice.send("@bob", TEXTS[0])["groups"][0]["id"]
            groups = [direct, five, big]
            sent = {direct: {TEXTS[0]}, five: set(), big: set()}

            # What each of them holds, from the first to the last: the same cursors, before the crash and after.
            replicas = {(name, group): Replica(client, group)
                        for name, client in [("alice", alice), ("bob", bob), ("weather", weather)]
                        for group in groups if (name, group) != ("weather", direct)}
            listener = Listener(Api(server.url, weather.token), [five])
            listener.start()

            def say(send, group, text):
                send(group, text)
                sent[group].add(text)

            # A morning's talk, in every group and every script.
            for n, text in enumerate(TEXTS):
                say(alice.send, five, f"alice {n}: {text}")
                say(weather.send, big, f"weather {n}: {text}")
                say(alice.send, direct, f"alice to bob {n}: {text}")
                for group in groups:
                    bob.do("write", to=group, text=f"bob {n}: {text}")
                    sent[group].add(f"bob {n}: {text}")
                self.assertEqual([a["late"] for a in bob.do("flush")["answers"]], [False] * 3,
                                 "a clock that is two hours wrong is corrected by the server's")
            for replica in replicas.values():
                replica.pull()
            self.assertEqual({m["text"] for m in replicas["bob", five].messages.values()}, sent[five])

            # Bob goes into a tunnel and writes on; meanwhile the server is killed with people in mid-sentence.
            for group in groups:
                bob.do("write", to=group, text=f"bob in the tunnel: {TEXTS[3]}")
                sent[group].add(f"bob in the tunnel: {TEXTS[3]}")
            written = time.monotonic()

            def forecast():
                for n in range(200):
                    message_id = weather.new_id()
                    for group in (five, big):
                        patiently(weather.send, group, f"forecast {n}", message_id)
                        sent[group].add(f"forecast {n}")

            talking = [threading.Thread(target=lambda: [say(alice.send, five, f"alice meanwhile {n}") for n in range(20)]),
                       threading.Thread(target=forecast)]
            for thread in talking:
                thread.start()
            while not {"alice meanwhile 3", "forecast 3"} <= sent[five]:
                time.sleep(0.01)
            server.kill()
            self.assertTrue(all(thread.is_alive() for thread in talking), "it was killed in mid-traffic")
            self.assertIn("error", bob.do("flush"), "nobody is there")
            server.start()
            for thread in talking:
                thread.join()
            time.sleep(max(0, 5.5 - (time.monotonic() - written)))
            late = bob.do("flush")["answers"]
            self.assertEqual([a["late"] for a in late], [True] * 3, "said long before it arrived")

            # Everybody pulls; everybody holds everything, in the order in which it was said, and can prove it.
            held = {}
            for (name, group), replica in replicas.items():
                replica.pull()
                ordered = [replica.messages[i] for i in sorted(replica.messages)]
                self.assertEqual({m["text"] for m in ordered}, sent[group], name)
                self.assertTrue(replica.agrees(replica.digest), name)
                self.assertTrue(replica.agrees(), name)
                held.setdefault(group, []).append([(m["id"], m["text"]) for m in ordered])
                [tunnel] = [n for n, m in enumerate(ordered) if "tunnel" in m["text"]]
                self.assertTrue(ordered[tunnel]["late"])
                self.assertEqual(ordered[tunnel + 1:] != [], group != direct, "it stands where it was said")
            for reads in held.values():
                self.assertTrue(all(read == reads[0] for read in reads))
            for name, key in guests.items():
                digest = Api(server.url, key).get(f"/v1/groups/{big}/digest", last=10000)
                self.assertEqual((digest["count"], digest["sum"]), digest_sum([i for i, _ in held[big][0]]), name)

            # The service was told of the small group over its socket, came back after the cut, and lacks nothing.
            deadline = time.monotonic() + 10
            while {m["text"] for m in listener.replicas[five].messages.values()} != sent[five] \
                    and time.monotonic() < deadline:
                time.sleep(0.1)
            self.assertEqual({m["text"] for m in listener.replicas[five].messages.values()}, sent[five])
            self.assertGreaterEqual(listener.hellos, 2)
            self.assertGreater(listener.told, 0)
            listener.stopped.set()
            listener.join(5)
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
