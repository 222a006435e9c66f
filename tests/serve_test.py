#!/usr/bin/env python3
"""The program as its users see it: what it says when it starts, serves, stops and breaks, and its commands."""
import contextlib
import datetime
import http.server
import json
import os
import pathlib
import pty
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from support.api import Api, Problem, Replica
from support.server import PROGRAM, free_port
from support.target import Server, serve_only

PASSWORD = "correct horse battery"
DONE, FAILED, USAGE, UNREACHABLE = range(4)  # exit codes


def run(*words, env=None, **options):
    """Runs `tidings WORDS…` to its end."""
    return subprocess.run([PROGRAM, *map(str, words)], env={**os.environ, **(env or {})}, capture_output=True,
                          text=True, timeout=60, **options)


def open_socket(server, token, **options):
    return connect(f"ws://127.0.0.1:{server.port}/v1/notifications", subprotocols=["tidings.v1"], compression=None,
                   additional_headers={"Authorization": f"Bearer {token}"}, **options)


def frame(web_socket):
    return json.loads(web_socket.recv(timeout=10))


class InADirectory(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="tidings-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path

    def assert_ends(self, done, code, *said):
        self.assertEqual(done.returncode, code, done.stderr)
        for text in said:
            self.assertIn(text, done.stdout + done.stderr)


@serve_only("what a settings file means is the same for every role")
class Settings(InADirectory):
    def test_the_settings_in_force_are_a_settings_file(self):
        printed = run("serve", "--print-config", "--person-sends", "7/3", env={"TIDINGS_THREADS": "3"})
        self.assert_ends(printed, DONE, 'person-sends = "7/3"', "threads = 3")
        again = run("serve", "--print-config", "--config", self.file("tidings.toml", printed.stdout))
        self.assertEqual(again.stdout, printed.stdout)

    def test_a_mistake_in_the_file_is_named_by_file_line_and_key(self):
        for text, line, key, hint in [('# mine\n\nlisen = "x"\n', 3, "lisen", 'did you mean "listen"?'),
                                      ('threads = "many"\n', 1, "threads", "number"),
                                      ('data = "d"\nlisten = "7400"\n', 2, "listen", "HOST:PORT"),
                                      ('data = "d"\n\n= 1\n', 3, "", "not TOML"),
                                      ('durability = "maybe"\n', 1, "durability", "fsync")]:
            with self.subTest(text):
                path = self.file("tidings.toml", text)
                self.assert_ends(run("serve", "--config", path), USAGE, f"{path}:{line}: ", key, hint)

    def test_a_mistake_in_a_variable_or_a_flag_is_named(self):
        self.assert_ends(run("serve", env={"TIDINGS_THREADS": "many"}), USAGE, "TIDINGS_THREADS")
        self.assert_ends(run("serve", "--durability", "maybe"), USAGE, "--durability", "fsync")
        self.assert_ends(run("serve", "--config", self.directory / "none.toml"), USAGE, "none.toml", "can't be read")
        self.assert_ends(run("serve", env={"TIDINGS_CONFIG": str(self.directory)}), USAGE, str(self.directory),
                         "can't be read")

    def test_an_unknown_command_says_where_help_is(self):
        self.assert_ends(run("sevre"), USAGE, "--help")


@serve_only("its data directory and its own ports")
class Starting(InADirectory):
    def serve(self, *flags, data="other"):
        return run("serve", "--data", self.directory / data, *flags)

    def test_a_port_that_is_taken_is_named(self):
        with Server() as server:
            for flag, port, other in [("--listen", server.port, "--admin-listen"),
                                      ("--admin-listen", server.admin_port, "--listen")]:
                done = self.serve(flag, f"127.0.0.1:{port}", other, "127.0.0.1:0")
                self.assert_ends(done, UNREACHABLE, f"127.0.0.1:{port}", "in use")

    def test_a_data_directory_that_is_in_use_is_named(self):
        with Server() as server:
            done = run("serve", "--data", server.data, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
            self.assert_ends(done, UNREACHABLE, "Another tidings", str(server.data))
            self.assertTrue(server.is_ready(), "the first one goes on")

    def test_a_data_directory_that_is_of_somebody_else_is_not_touched(self):
        (self.directory / "other").mkdir()
        (self.directory / "other" / "FORMAT").write_text("something else")
        self.assert_ends(self.serve("--listen", "127.0.0.1:0"), USAGE, "format")
        self.assertEqual((self.directory / "other" / "FORMAT").read_text(), "something else")

    def test_no_store_is_made_among_files_of_somebody_else(self):
        with Server() as server:
            self.assert_ends(run("admin", "backup", self.directory / "copy", "--data", server.data), DONE)
        (self.directory / "other").mkdir()
        (self.directory / "other" / "letter.txt").write_text("Dear")
        before = sorted(self.directory.rglob("*"))
        self.assert_ends(self.serve("--listen", "127.0.0.1:0", data="other"), USAGE, "letter.txt", "is empty")
        self.assert_ends(self.serve("--listen", "127.0.0.1:0", data="copy"), USAGE,
                         f"tidings admin restore {self.directory / 'copy'} --data NEW")
        self.assertEqual(sorted(self.directory.rglob("*")), before)

    def test_a_store_is_made_where_only_the_system_has_put_something(self):
        data = self.directory / "data"
        for name in ("lost+found", ".snapshot"):
            (data / name).mkdir(parents=True)
        with Server(data=str(self.directory)) as server:
            self.assertTrue(server.is_ready())

    def test_a_certificate_that_can_not_be_read_is_named(self):
        done = self.serve("--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--tls-cert",
                          self.directory / "none.pem", "--tls-key", self.directory / "none.key")
        self.assert_ends(done, USAGE, "none.pem", "No such file")
        self.assertFalse((self.directory / "other").exists(), "it is looked at first")
        for role in ("api", "notify"):
            done = run(role, "--tls-cert", self.directory / "none.pem", "--tls-key", self.directory / "none.key",
                       env={"TIDINGS_INTERNAL_SECRET": "x" * 32})
            self.assert_ends(done, USAGE, "none.pem")
        self.assert_ends(self.serve("--tls-cert", self.directory / "none.pem"), USAGE, "tls-key")

    def test_the_first_start_says_where_it_is_and_what_to_do_next(self):
        with Server() as server:
            self.assertIn(server.url, server.log())
            self.assertIn(str(server.data), server.log())
            self.assertIn("tidings client login alice --new", server.log())
            Api(server.url).sign_up("alice")
            server.stop()
            server.log_path.write_text("")
            server.start()
            self.assertNotIn("Nobody is here yet", server.log())


@serve_only("before a cluster the balancer speaks TLS: balancer_test.py")
class Tls(InADirectory):
    def make_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", self.directory / "key.pem", "-out", self.directory / "cert.pem"],
                       check=True, capture_output=True)
        return (self.directory / "cert.pem").read_text()

    def setUp(self):
        super().setUp()
        self.make_certificate()
        self.flags = ["--tls-cert", str(self.directory / "cert.pem"), "--tls-key", str(self.directory / "key.pem")]

    def test_curl_a_web_socket_library_and_our_own_client_speak_it(self):
        with Server(*self.flags) as server:
            url = f"https://localhost:{server.port}"
            signed_up = subprocess.run(
                ["curl", "-sS", "--cacert", self.directory / "cert.pem", f"{url}/v1/accounts", "--json",
                 json.dumps({"name": "alice", "password": PASSWORD})], capture_output=True, text=True, check=True)
            token = json.loads(signed_up.stdout)["session"]["access_token"]
            trust = ssl.create_default_context(cafile=self.directory / "cert.pem")
            with connect(f"wss://localhost:{server.port}/v1/notifications", ssl_context=trust, subprotocols=["tidings.v1"],
                         compression=None, additional_headers={"Authorization": f"Bearer {token}"}) as web_socket:
                self.assertEqual(frame(web_socket)["type"], "hello")
                state = ["--state", self.directory / "state.json", "--server", url]
                logged_in = run("client", "login", "alice", "--password-stdin", "--ca", self.directory / "cert.pem",
                                *state, input=PASSWORD)
                self.assert_ends(logged_in, DONE, "@alice")
                sent = run("client", "send", "@alice", "a note", "--ca", self.directory / "cert.pem", *state)
                self.assert_ends(sent, DONE, "Sent to @alice")
                self.assertEqual(frame(web_socket)["type"], "changed")
                distrusted = run("client", "send", "@alice", "a note", "--timeout", "1", *state)
                self.assert_ends(distrusted, UNREACHABLE, "certificate")

    def hang_up(self, server, says):
        """Sends SIGHUP and waits until the log has said that once more."""
        before = server.log().count(says)
        server.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 20
        while server.log().count(says) == before:
            self.assertLess(time.monotonic(), until, server.log())
            time.sleep(0.01)

    def shown(self, server):
        return ssl.get_server_certificate(("127.0.0.1", server.port), timeout=10)

    def test_a_hangup_renews_the_certificate_and_keeps_connections(self):
        first = (self.directory / "cert.pem").read_text()
        trust = ssl.create_default_context(cafile=self.directory / "cert.pem")
        with Server(*self.flags) as server:
            self.assertEqual(self.shown(server), first)
            with trust.wrap_socket(socket.create_connection(("127.0.0.1", server.port), 20),
                                   server_hostname="localhost") as open_before:
                second = self.make_certificate()
                self.assertEqual(self.shown(server), first)
                self.hang_up(server, "serve.certificate_renewed")
                self.assertEqual(self.shown(server), second)
                self.assertNotEqual(second, first)

                (self.directory / "cert.pem").write_text("not a certificate")
                self.hang_up(server, "serve.certificate_kept")
                self.assertRegex(server.log(), r"error +serve.certificate_kept .*cert.pem can't be used")
                self.assertEqual(self.shown(server), second)

                open_before.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertIn(b" 200 ", open_before.recv(1000))
            self.assertEqual(server.stop(), 0)

    def test_plain_http_is_not_answered_with_secrets(self):
        with Server(*self.flags) as server, socket.create_connection(("127.0.0.1", server.port), 10) as plain:
            plain.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                self.assertNotIn(b"200 OK", plain.recv(100))


@serve_only("how many files a process may open is nothing of its role")
class Files(unittest.TestCase):
    """Every connection is a file: clients get what is left over, and those who look after the server always get in."""

    def metric(self, server, name):
        return float(re.search(rf"^{name} (\S+)$", server.metrics(), re.M)[1])

    def connect(self, open_things, server, count):
        return [open_things.enter_context(socket.create_connection(("127.0.0.1", server.port), 20)) for _ in range(count)]

    def test_clients_get_no_more_connections_than_leave_files_for_health_metrics_and_the_store(self):
        with Server(files_max=120) as server, contextlib.ExitStack() as open_things:
            capped = re.search(r"listen.connections_capped connections_max=100000 fit=(\d+) files_max=120", server.log())
            self.assertIsNotNone(capped, server.log())
            fit = int(capped[1])
            self.assertEqual(self.metric(server, "tidings_connections_max"), fit)
            self.connect(open_things, server, 150)
            while self.metric(server, "tidings_connections_total") < 150:
                time.sleep(0.05)
            self.assertLess(self.metric(server, "process_open_fds"), 100, "the rest is the store's")
            with urllib.request.urlopen(f"{server.admin_url}/readyz", timeout=30) as ready:
                self.assertEqual(ready.status, 200)
            self.assertNotIn("http.accept_failed", server.log())
            open_things.close()
            while self.metric(server, "tidings_connections") > 0:
                time.sleep(0.05)
            Api(server.url).sign_up("alice")

    def test_too_few_files_to_serve_are_named_at_the_start(self):
        with tempfile.TemporaryDirectory() as directory:
            server = Server(data=directory, files_max=60)
            server.launch()
            self.addCleanup(server.process.kill)
            self.assertEqual(server.process.wait(60), USAGE, server.log())
            self.assertIn("ulimit -n", server.log())

    def test_connections_that_can_not_be_accepted_are_told_of_once_a_second_and_served_when_they_can(self):
        with contextlib.ExitStack() as open_things:
            server = open_things.enter_context(Server())
            soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
            files_open = len(os.listdir(f"/proc/{server.process.pid}/fd"))
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (files_open, hard))
            waiting, = self.connect(open_things, server, 1)
            waiting.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
            while server.log().count("http.accept_failed") < 3:
                time.sleep(0.05)
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (soft, hard))
            self.assertIn(b" 200 ", waiting.recv(1000).split(b"\r\n")[0])
            said = re.findall(r"(?m)^(\S+) warn +http.accept_failed .* failures=(\d+)$", server.log())
            self.assertGreater(int(said[1][1]), 1, "several of them in one line")
            times = [datetime.datetime.fromisoformat(time_said) for time_said, _ in said]
            for before, after in zip(times, times[1:]):
                self.assertGreater(after - before, datetime.timedelta(seconds=0.9))


@serve_only("one process does everything")
class Stopping(unittest.TestCase):
    def test_a_stop_says_goodbye_and_finishes_what_is_under_way(self):
        with Server() as server:
            key = server.service("weather")
            api = Api(server.url).with_key(key)
            body = json.dumps({"to": ["@weather"], "text": "the last word"}).encode()
            head = (f"PUT /v1/messages/{api.new_id()} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
                    f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                    "Expect: 100-continue\r\n\r\n").encode()
            with contextlib.ExitStack() as open_things:
                web_sockets = [open_things.enter_context(open_socket(server, token))
                               for token in (key, key, Api(server.url).sign_up("alice").token)]
                for web_socket in web_sockets:
                    self.assertEqual(frame(web_socket)["type"], "hello")
                half_said = open_things.enter_context(socket.create_connection(("127.0.0.1", server.port), 20))
                half_said.sendall(head)
                self.assertIn(b" 100 ", half_said.recv(1000), "the server has begun to read it")
                half_said.sendall(body[:10])
                server.process.send_signal(signal.SIGTERM)
                for web_socket in web_sockets:
                    goodbye = frame(web_socket)
                    self.assertEqual(goodbye["type"], "bye")
                    self.assertGreaterEqual(goodbye["reconnect_after_ms"], 0)
                    with self.assertRaises(ConnectionClosed) as closed:
                        web_socket.recv(timeout=10)
                    self.assertEqual(closed.exception.rcvd.code, 1001)
                half_said.sendall(body[10:])
                self.assertIn(b" 201 ", half_said.recv(1000).split(b"\r\n")[0])
            self.assertEqual(server.process.wait(20), 0)
            self.assertIn("serve.stopped", server.log())
            server.start()
            api = Api(server.url, key)
            group = api.get("/v1/status")["groups"][0]["id"]
            self.assertEqual([m["text"] for m in api.all_history(group)], ["the last word"])

    def test_a_hangup_without_tls_does_nothing(self):
        with Server() as server:
            server.process.send_signal(signal.SIGHUP)
            while "serve.no_certificate_to_renew" not in server.log():
                self.assertIsNone(server.process.poll())
                time.sleep(0.01)
            self.assertTrue(server.is_ready())
            self.assertEqual(server.stop(), 0)

    def test_a_hangup_does_nothing_to_a_worker_either(self):
        for role in ("api", "notify"):
            with self.subTest(role):
                command = [PROGRAM, role, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
                           "--cassandra", "127.0.0.1:1", "--redis", "127.0.0.1:1"]  # where nobody is
                with subprocess.Popen(command, env={**os.environ, "TIDINGS_INTERNAL_SECRET": "x" * 32},
                                      stderr=subprocess.PIPE, text=True) as worker:
                    for said, then in [("worker.started", signal.SIGHUP),
                                       ("serve.no_certificate_to_renew", signal.SIGTERM)]:
                        self.assertTrue(any(said in line for line in worker.stderr), said)
                        worker.send_signal(then)
                    self.assertIn("worker.stopped", worker.stderr.read())
                self.assertEqual(worker.returncode, 0)

    def test_a_second_signal_ends_it_at_once(self):
        with Server("--stop-timeout-s", "60") as server:
            with socket.create_connection(("127.0.0.1", server.port), 20) as never_said:
                never_said.sendall(b"PUT /v1/messages/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n"
                                   b"Expect: 100-continue\r\n\r\n")
                self.assertIn(b" 100 ", never_said.recv(1000))
                server.process.send_signal(signal.SIGTERM)
                while "serve.stopping" not in server.log():
                    time.sleep(0.01)
                server.process.send_signal(signal.SIGTERM)
                self.assertEqual(server.process.wait(20), -signal.SIGTERM)


@serve_only("the files of the embedded store")
class Damage(InADirectory):
    """A store whose files were changed from outside: nobody is served from it as if nothing were."""

    @classmethod
    def setUpClass(cls):
        cls.sound = pathlib.Path(tempfile.mkdtemp(prefix="tidings-"))
        cls.addClassCleanup(shutil.rmtree, cls.sound)
        with Server(data=str(cls.sound)) as server:
            api = Api(server.url).with_key(server.service("weather"))
            cls.groups = [api.group(f"group {n}")["id"] for n in range(2)]
            for group in cls.groups:
                for n in range(40):
                    api.send(group, f"{n} " + os.urandom(600).hex())
            assert server.stop() == 0

    def damaged(self, damage):
        data = self.directory / "data"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self.sound / "data", data)
        damage(data / "db")
        return data

    def serve(self, data):
        return run("serve", "--data", data, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")

    def check(self, data):
        return run("admin", "check", "--data", data)

    def test_a_sound_store_is_said_to_be_sound(self):
        self.assert_ends(self.check(self.damaged(lambda db: None)), DONE, "80 messages of 2 groups", "sound")

    def test_a_start_without_a_file_of_the_store_is_refused(self):
        for name in ("CURRENT", "MANIFEST-*", "*.sst"):
            with self.subTest(name):
                data = self.damaged(lambda db: largest(db, name).unlink())
                self.assert_ends(self.serve(data), FAILED, "is damaged", "tidings admin check", "restore from a backup")
                checked = self.check(data)
                self.assert_ends(checked, FAILED, "problem", "tidings admin restore FROM")
                self.assertNotIn("tidings admin check", checked.stdout + checked.stderr, "it was that")

    def test_a_start_with_flipped_bytes_where_it_must_read_is_refused(self):
        for name, place in [("MANIFEST-*", 0.5), ("*.sst", 1)]:
            with self.subTest(name):
                data = self.damaged(lambda db: flip(largest(db, name), place))
                self.assert_ends(self.serve(data), FAILED, "is damaged", "restore from a backup")
                self.assert_ends(self.check(data), FAILED, "problem")

    def test_flipped_bytes_among_messages_are_an_error_and_the_check_names_the_group(self):
        data = self.damaged(lambda db: flip(largest(db, "*.sst"), 0.2))
        checked = self.check(data)
        self.assert_ends(checked, FAILED, "checksum")
        touched = [group for group in self.groups if f"group {group}: " in checked.stdout]
        self.assertEqual(len(touched), 1, checked.stdout)
        self.assertFalse(json.loads(run("admin", "check", "--json", "--data", data).stdout)["sound"])

        with Server(data=str(self.directory)) as server:
            key = server.service("weather")
            answers = []
            for group in self.groups:
                api = Api(server.url, key)
                api.call("GET", f"/v1/groups/{group}/messages?limit=200", raw=True)
                answers.append(api.status)
            self.assertEqual([status for group, status in zip(self.groups, answers) if group in touched], [500])
            self.assertEqual([status for group, status in zip(self.groups, answers) if group not in touched], [200])
            self.assertIn("store.damaged", server.log())
            self.assert_ends(run("admin", "check", "--data", server.data), FAILED, touched[0])

    def test_a_damaged_store_is_not_backed_up(self):
        data = self.damaged(lambda db: flip(largest(db, "*.sst"), 0.2))
        copy = self.directory / "copy"
        self.assert_ends(run("admin", "backup", copy, "--data", data), FAILED, "damaged", ".sst")
        with Server(data=str(self.directory)) as server:
            self.assertIn("tidings_store_damage_total 0\n", server.metrics())
            self.assert_ends(run("admin", "backup", copy, "--data", data), FAILED, "damaged", ".sst")
            self.assertIn("tidings_store_damage_total 1\n", server.metrics())
        self.assertEqual(list(copy.iterdir()), [])

    def test_signing_keys_that_are_damaged_are_named_and_nobody_is_signed_out_without_them(self):
        with Server(data=str(self.directory)) as server:
            alice = Api(server.url).sign_up("alice")
            server.stop()
            keys = server.data / "access-keys"
            self.assertEqual(keys.stat().st_mode & 0o077, 0)
            keys.write_text("not keys")
            self.assert_ends(self.serve(server.data), FAILED, str(keys), "remove that file")
            keys.unlink()
            server.start()
            renewed = Api(server.url).call("POST", "/v1/sessions/refresh",
                                           {"refresh_token": alice.session["refresh_token"]})
            Api(server.url, renewed["session"]["access_token"]).get("/v1/me")

    def test_a_flipped_byte_of_an_acknowledged_commit_in_the_log_is_refused(self):
        with Server(data=str(self.directory)) as server:
            api = Api(server.url).with_key(server.service("weather"))
            group = api.group("group")["id"]
            for n in range(5):
                api.send(group, f"message {n}")
            server.kill()
            log = largest(server.data / "db", "*.log")
            flip(log, 0.5)
            done = self.serve(server.data)
            self.assert_ends(done, FAILED, log.name, "acknowledged", "restore from a backup")
            self.assert_ends(self.check(server.data), FAILED, "acknowledged writes are lost")


def largest(db, pattern):
    return max(db.glob(pattern), key=lambda path: path.stat().st_size)


def flip(path, place):
    """Turns 8 bytes over, so far into the file."""
    content = bytearray(path.read_bytes())
    at = min(int(len(content) * place), len(content) - 8)
    content[at:at + 8] = bytes(byte ^ 0xFF for byte in content[at:at + 8])
    path.write_bytes(content)


def open_to_others(*paths):
    return [path for path in paths if path.lstat().st_mode & 0o077]


@serve_only("a cluster is backed up by the means of Cassandra")
class Backup(InADirectory):
    def test_a_backup_that_is_made_while_people_talk_is_a_whole_store(self):
        with Server() as server:
            key = server.service("weather")
            api = Api(server.url).with_key(key)
            alice = Api(server.url).sign_up("alice")
            group = api.group("group", ["alice"])["id"]
            before = [api.send(group, f"before {n}")["id"] for n in range(20)]
            reader = Replica(alice, group)
            reader.pull()
            stop = threading.Event()

            def talk():
                talker = Api(server.url).with_key(key)
                while not stop.is_set():
                    talker.send(group, "meanwhile")

            talking = threading.Thread(target=talk)
            talking.start()
            made = run("admin", "backup", self.directory / "copy", "--data", server.data)
            stop.set()
            talking.join()
            self.assert_ends(made, DONE, "The backup in", "MiB" if "MiB" in made.stdout else "KiB")
            self.assert_ends(run("admin", "backup", self.directory / "copy", "--data", server.data), FAILED, "there already")
            lost = api.send(group, "after the backup")["id"]
            reader.pull()
            self.assertIn(lost, reader.messages)
            self.assert_ends(run("admin", "restore", self.directory / "copy", "--data", server.data), FAILED)

        restored = run("admin", "restore", self.directory / "copy", "--data", self.directory / "data")
        self.assert_ends(restored, DONE, f"tidings serve --data {self.directory / 'data'}")
        again = run("admin", "restore", self.directory / "copy", "--data", self.directory / "again", "--json")
        self.assertGreater(json.loads(again.stdout)["files"], 0)
        self.assert_ends(run("admin", "check", "--data", self.directory / "data"), DONE, "sound")
        with Server(data=str(self.directory)) as server:
            # Signing keys stay where they were: an old access token is not good, a refresh token is, and a key.
            api = Api(server.url, key)
            old = Api(server.url, alice.token)
            with self.assertRaises(Problem) as refused:
                old.get("/v1/me")
            self.assertEqual(refused.exception.status, 401)
            renewed = old.call("POST", "/v1/sessions/refresh", {"refresh_token": alice.session["refresh_token"]})
            reader.api = Api(server.url, renewed["session"]["access_token"])

            # Cursors of the life before are times in this one: what is new is not missed.
            new = api.call("POST", "/v1/messages", {"to": [group], "text": "in the new life"})["id"]
            reader.pull()
            self.assertIn(new, reader.messages)
            there = {m["id"] for m in api.all_history(group)}
            self.assertLessEqual(set(before), there)
            self.assertNotIn(lost, there)
            self.assertFalse(reader.agrees(), "it holds what the restored store has lost, and can tell")
            del reader.messages[lost]
            self.assertEqual({i for i in reader.messages if i not in there}, set(reader.messages) - there)

    def test_nobody_else_can_read_a_store_or_a_backup(self):
        self.addCleanup(os.umask, os.umask(0o022))
        data, copy, restored = (self.directory / name for name in ("data", "copy", "restored"))
        data.mkdir(mode=0o755)  # as mkdir and systemd make it; it keeps its rights, what is in it does not show
        with Server(data=str(self.directory)) as server:
            Api(server.url).sign_up("alice")
            self.assert_ends(run("admin", "backup", copy, "--data", data), DONE)
            self.assertEqual(open_to_others(*data.rglob("*"), copy, *copy.rglob("*")), [])
        self.assert_ends(run("admin", "restore", copy, "--data", restored), DONE)
        self.assertEqual(open_to_others(restored, *restored.rglob("*")), [])
        self.assert_ends(run("admin", "backup", self.directory / "again", "--data", restored), DONE)
        self.assertEqual(open_to_others(self.directory / "again", *(self.directory / "again").rglob("*")), [])
        (restored / "db").chmod(0o755)  # as a version before this one left it
        self.assert_ends(run("admin", "account", "list", "--data", restored), DONE, "@alice")
        self.assertEqual(open_to_others(restored / "db"), [])

    def test_a_damaged_backup_is_not_restored(self):
        with Server() as server:
            api = Api(server.url).with_key(server.service("weather"))
            group = api.group("group")["id"]
            for n in range(20):
                api.send(group, "x" * 500)
            run("admin", "backup", self.directory / "copy", "--data", server.data)
        flip(max((p for p in (self.directory / "copy").rglob("*") if p.is_file()), key=lambda p: p.stat().st_size), 0.5)
        done = run("admin", "restore", self.directory / "copy", "--data", self.directory / "data")
        self.assert_ends(done, FAILED, "damaged")
        self.assertFalse((self.directory / "data" / "FORMAT").exists())


@serve_only("the checks of the embedded store")
class Health(unittest.TestCase):
    def test_the_admin_listener_tells_how_it_does(self):
        with Server() as server:
            admin = Api(server.admin_url)
            self.assertIn(b"ok", admin.call("GET", "/healthz", raw=True).lower())
            ready = admin.call("GET", "/readyz", raw=True).decode()
            for check in ("disk", "store", "clock", "revocations"):
                self.assertIn(check, ready)
            self.assertEqual(self.status(server.url, "/metrics"), 404, "only on the admin listener")
            self.assertEqual(self.status(server.admin_url, "/v1/me"), 404)

    def status(self, url, path):
        api = Api(url)
        api.call("GET", path, raw=True)
        return api.status

    def test_metrics_are_what_prometheus_reads(self):
        with Server() as server:
            key = server.service("weather")
            Api(server.url).with_key(key).send("@weather", "counted")
            text = server.metrics()
            described, seen = {}, set()
            for line in text.splitlines():
                if line.startswith("#"):
                    word, name, rest = re.fullmatch(r"# (HELP|TYPE) (\S+) (.+)", line).groups()
                    described.setdefault(name, set()).add(word)
                    continue
                name = re.fullmatch(r'([a-z_]+)(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? (-?[0-9.e+-]+|\+Inf)',
                                    line).group(1)
                seen.add(line.rsplit(" ", 1)[0])
                base = re.sub(r"_(bucket|sum|count)$", "", name)
                self.assertEqual(described.get(name, described.get(base)), {"HELP", "TYPE"}, line)
            self.assertEqual(len(seen), len([li for li in text.splitlines() if not li.startswith("#")]), "none twice")
            for name in ("tidings_commit_seconds_count", "tidings_sockets", "tidings_store_writes_refused_total"):
                self.assertIn(name, text)
            self.assertIn('tidings_ready{check="disk"} 1', text)


@serve_only("a cluster keeps no data directory")
class Administration(InADirectory):
    def commands(self, data):
        """Every command that needs no server, one after the other; the same beside one."""
        def admin(*words, **options):
            return run("admin", *words, "--data", data, **options)

        self.assert_ends(admin("account", "create", "bob", "--password-stdin", input="short"), FAILED, "password")
        made = admin("account", "create", "bob", "--display-name", "Bob", "--password-stdin", input=PASSWORD)
        self.assert_ends(made, DONE, "@bob")
        again = admin("account", "create", "bob", "--password-stdin", input="another good password")
        self.assert_ends(again, FAILED, "Somebody has this name")
        self.assert_ends(admin("account", "disable", "bob"), DONE, "@bob")
        self.assert_ends(admin("account", "list"), DONE, "@bob", "disabled")
        self.assert_ends(admin("account", "enable", "@bob"), DONE, "@bob")
        self.assertNotIn("disabled", admin("account", "list").stdout)
        self.assert_ends(admin("account", "disable", "nobody"), FAILED, "There is no account @nobody.")
        self.assert_ends(admin("account", "admin", "bob"), DONE, "@bob is an admin")
        self.assertRegex(admin("account", "list").stdout, r"@bob .* admin")
        self.assert_ends(admin("account", "admin", "bob", "--off"), DONE, "no admin any more")
        self.assertNotRegex(admin("account", "list").stdout, r"@bob .* admin")
        self.assert_ends(admin("account", "admin", "nobody"), FAILED, "There is no account @nobody.")
        made_at = [re.search(r"@bob +(\S+ \S+)", admin("account", "list", env={"TZ": zone}).stdout)[1]
                   for zone in ("UTC", "JST-9")]
        utc, tokyo = (datetime.datetime.fromisoformat(each) for each in made_at)
        self.assertEqual(tokyo - utc, datetime.timedelta(hours=9))

        made = json.loads(admin("service", "create", "weather", "--rate", "5/1", "--scope", "import", "--json").stdout)
        self.assertTrue(made["token"].startswith("tdg_"))
        second = admin("service", "create", "weather")
        self.assertRegex(second.stdout, r"\Atdg_\S+\n\Z")  # so that a script can take it
        self.assert_ends(admin("account", "admin", "weather"), FAILED, "person")
        listed = admin("service", "list")
        self.assert_ends(listed, DONE, "@weather", made["key"], "rate 5/1", "import")
        self.assertNotIn("tdg_", listed.stdout)
        self.assert_ends(admin("service", "revoke", "@weather", "--key", made["key"]), DONE, "@weather")
        self.assert_ends(admin("service", "revoke", "bob"), FAILED, "There is no service @bob.")
        self.assertIn("revoked", admin("service", "list").stdout)
        self.assert_ends(admin("check"), DONE, "sound")
        return made["token"], second.stdout.strip()

    def test_all_commands_work_beside_a_server_and_take_effect(self):
        with Server() as server:
            revoked, good = self.commands(server.data)
            done = re.findall(r"ops\.(\w+) request=\S+ by=\(shell\) account=(\w+)$", server.log(), re.M)
            self.assertEqual(done, [("account_made", "bob"), ("account_disabled", "bob"), ("account_enabled", "bob"),
                                    ("admin_given", "bob"), ("admin_taken", "bob"), ("key_made", "weather"),
                                    ("key_made", "weather"), ("key_revoked", "weather")])
            self.assertEqual(Api(server.url).with_key(good).user["name"], "weather")
            bob = Api(server.url).sign_in("bob")
            self.assertEqual(bob.user["display_name"], "Bob")
            self.assert_ends(run("admin", "status", "--data", server.data), DONE, "running", "takes writes")
            status = json.loads(run("admin", "status", "--json", "--data", server.data).stdout)
            self.assertIs(status["running"], True)
            self.assertIs(status["takes_writes"], True)
            self.assertEqual(status["listen"], f"127.0.0.1:{server.port}")
            for number in ("up_seconds", "messages_estimated", "disk_bytes", "damage_met", "connections", "sockets"):
                self.assertIsInstance(status[number], int)
            self.assert_ends(run("admin", "service", "revoke", "weather", "--data", server.data), DONE)
            self.assert_ends(run("admin", "account", "disable", "bob", "--data", server.data), DONE)
            for token in (revoked, good, bob.token):
                self.assert_refused_soon(server, token)
            with self.assertRaises(Problem):
                Api(server.url).sign_in("bob")

    def assert_refused_soon(self, server, token):
        until = time.monotonic() + 10  # in force within 5 s
        while True:
            api = Api(server.url, token)
            api.call("GET", "/v1/me", raw=True)
            api.close()
            if api.status == 401:
                return
            self.assertLess(time.monotonic(), until)
            time.sleep(0.1)

    def test_all_commands_work_on_the_directory_alone(self):
        with Server(data=str(self.directory)) as server:
            server.stop()
            _, good = self.commands(server.data)
            self.assert_ends(run("admin", "status", "--data", server.data), UNREACHABLE, "not running", str(server.data))
            status = run("admin", "status", "--json", "--data", server.data)
            self.assert_ends(status, UNREACHABLE)
            self.assertIs(json.loads(status.stdout)["running"], False)
            given = run("admin", "account", "admin", "bob", "--data", server.data)
            self.assertRegex(given.stderr, r"\A\S+ info  ops\.admin_given request=\S+ by=\(shell\) account=bob\n\Z")
            server.start()
            self.assertEqual(Api(server.url).with_key(good).user["name"], "weather")

    def test_no_command_makes_a_store_where_there_is_none(self):
        (self.directory / "empty").mkdir()
        (self.directory / "other").mkdir()
        (self.directory / "other" / "file").write_text("somebody's")
        before = sorted(self.directory.rglob("*"))
        for name in ("none", "empty", "other"):
            for words in (["status"], ["account", "list"], ["account", "create", "bob", "--password-stdin"],
                          ["service", "create", "weather"], ["rotate-keys"], ["backup", self.directory / "copy"],
                          ["check"], ["export", self.directory / "archive"]):
                with self.subTest(name=name, words=words):
                    done = run("admin", *words, "--data", self.directory / name, input=PASSWORD)
                    self.assert_ends(done, UNREACHABLE, f"There is no store in {self.directory / name}", "--data")
                    self.assertEqual(done.stdout, "")
        self.assertEqual(sorted(self.directory.rglob("*")), before)

    def test_others_may_not_use_the_admin_socket(self):
        with Server() as server:
            sockets = [p for p in server.data.iterdir() if p.is_socket()]
            self.assertEqual(len(sockets), 1)
            self.assertEqual(sockets[0].stat().st_mode & 0o077, 0)
            self.assertEqual(server.data.stat().st_mode & 0o077, 0)


class Operators(unittest.TestCase):
    """The calls under /v1/ops. On a cluster each may be answered by another worker, and all know within 5 s."""

    def soon(self, says, what):
        until = time.monotonic() + 10
        while not says():
            self.assertLess(time.monotonic(), until, what)
            time.sleep(0.1)

    def status(self, api, path="/v1/ops/figures"):
        api.call("GET", path, raw=True)
        return api.status

    def test_who_is_given_the_admin_role_has_it_until_it_is_taken(self):
        with Server() as server:
            root, bob = (Api(server.url).sign_up(name) for name in ("root", "bob"))
            self.assertEqual(self.status(root), 403)
            server.command("admin", "account", "admin", "root")
            self.soon(lambda: self.status(root) == 200, "the role is there")
            self.assertEqual(self.status(bob), 403)
            server.command("admin", "account", "admin", "root", "--off")
            self.soon(lambda: self.status(root) == 403, "the role is gone")

    def test_figures_are_of_the_process_that_answers(self):
        with Server() as server:
            root = Api(server.url).sign_up("root")
            server.command("admin", "account", "admin", "root")
            self.soon(lambda: self.status(root) == 200, "the role is there")
            group = root.group("loud")["id"]
            for n in range(5):
                root.send(group, str(n))
            seen = {}

            def all_are_counted():
                figures = root.get("/v1/ops/figures")
                seen[figures["process"]] = figures
                return sum(each["stored"] for each in seen.values()) == 5
            self.soon(all_are_counted, "each send is counted by the process that took it")
            for each in seen.values():
                self.assertTrue(each["process"].startswith(each["role"] + " "))
                self.assertGreater(each["connections"], 0)
                self.assertGreater(each["commits"], 0)
                self.assertGreater(each["commit_us"], 0)
                if each["stored"] > 0:
                    self.assertEqual([busy["id"] for busy in each["busy_groups"]], [group])
            self.assertEqual(len({each["process"].rsplit(" ", 1)[1] for each in seen.values()}), len(seen))

    def test_accounts_and_keys_are_managed(self):
        with Server() as server:
            root, bob = (Api(server.url).sign_up(name) for name in ("root", "bob"))
            server.command("admin", "account", "admin", "root")
            self.soon(lambda: self.status(root) == 200, "the role is there")
            self.assertEqual([each["name"] for each in root.get("/v1/ops/accounts")["accounts"]], ["bob", "root"])
            self.assertTrue(root.call("PATCH", "/v1/ops/accounts/@bob", {"disabled": True})["disabled"])
            self.soon(lambda: self.status(bob, "/v1/me") == 401, "bob is signed out")
            with self.assertRaises(Problem) as refused:
                root.call("PATCH", "/v1/ops/accounts/@root", {"disabled": True})
            self.assertEqual(refused.exception.code, "forbidden")
            self.assertFalse(root.call("PATCH", "/v1/ops/accounts/@bob", {"disabled": False})["disabled"])

            made = root.call("POST", "/v1/ops/services", {"name": "weather", "rate_count": 100, "rate_seconds": 10})
            weather = Api(server.url).with_key(made["token"])
            self.assertEqual(self.status(weather), 403)
            self.assertEqual(root.get("/v1/ops/services")["services"][0]["keys"][0]["rate"], "100/10")
            root.call("DELETE", f"/v1/ops/services/@weather/keys/{made['key']}")
            self.soon(lambda: self.status(weather, "/v1/me") == 401, "the key is refused")


@contextlib.contextmanager
def handing_on(url):
    """The URL of something that hands sends on to a server and never answers them."""
    class Deaf(http.server.BaseHTTPRequestHandler):
        def do_PUT(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name: self.headers[name] for name in ("Authorization", "Content-Type")}
            urllib.request.urlopen(urllib.request.Request(url + self.path, body, headers, method="PUT")).close()
            self.close_connection = True

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Deaf) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class Client(InADirectory):
    def setUp(self):
        super().setUp()
        self.server = Server()
        self.addCleanup(self.server.__exit__)
        self.server.__enter__()

    def client(self, name, *words, **options):
        return run("client", *words, env={"TIDINGS_CLIENT_STATE": str(self.directory / f"{name}.json"),
                                          "TIDINGS_SERVER": self.server.url}, **options)

    def log_in(self, name):
        done = self.client(name, "login", name, "--new", "--password-stdin", input=PASSWORD)
        self.assert_ends(done, DONE, f"as @{name}")

    def follow(self, name):
        """Starts a tail, and gives a function that reads from it."""
        env = {**os.environ, "TIDINGS_CLIENT_STATE": str(self.directory / f"{name}.json"), "TZ": "UTC"}
        tail = subprocess.Popen([PROGRAM, "client", "tail"], env=env, text=True, bufsize=1,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(tail.stdout.close)
        self.addCleanup(tail.wait)
        self.addCleanup(tail.kill)
        watchdog = threading.Timer(180, tail.kill)
        watchdog.start()
        self.addCleanup(watchdog.cancel)

        def until(*patterns):
            """Reads until there was a line for each, in whatever order; the last of them. The watchdog ends a wait in vain."""
            seen, open_ = [], set(patterns)
            for line in tail.stdout:
                seen.append(line)
                open_ -= {pattern for pattern in open_ if re.search(pattern, line)}
                if not open_:
                    return line
            self.fail(f"{open_} is not in {seen}")

        return until

    def test_two_people_talk_from_their_terminals(self):
        self.assert_ends(self.client("alice", "status"), FAILED, "login")
        self.log_in("alice")
        self.log_in("bob")
        self.assertEqual((self.directory / "alice.json").stat().st_mode & 0o077, 0)
        wrong = self.client("eve", "login", "alice", "--password-stdin", input="wrong password")
        self.assert_ends(wrong, FAILED)
        self.assert_ends(self.client("alice", "login", "@alice", "--password-stdin", input=PASSWORD), DONE, "as @alice")

        self.assert_ends(self.client("alice", "send", "@bob", "See you at six?"), DONE, "Sent to @bob")
        self.assert_ends(self.client("alice", "send", "@bob", "-", input="صباح الخير\nand a second line\n"), DONE)
        self.assert_ends(self.client("alice", "send", "@bob,@nobody", "x"), FAILED, "not to @nobody")
        status = self.client("bob", "status")
        self.assert_ends(status, DONE, "(direct)", " 3 ")
        group = re.search(r"[0-9a-f-]{36}", status.stdout)[0]
        for where in ("@alice", group):
            history = self.client("bob", "history", where)
            self.assert_ends(history, DONE)
            self.assertRegex(history.stdout, r"@alice  See you at six\?\n.*@alice  صباح الخير\n    and a second line\n")
        self.assertNotIn("See you", self.client("bob", "history", "@alice", "--limit", "2").stdout)
        for words in (["history", "@eve"], ["send", "@eve", "x"], ["tail", "@eve"]):
            self.assert_ends(self.client("bob", *words), FAILED, "There is nobody called @eve.")

    def test_who_signs_out_has_no_session_any_more(self):
        self.log_in("alice")
        state = json.loads((self.directory / "alice.json").read_text())
        self.server.kill()
        for words in (["status"], ["logout"]):
            done = self.client("alice", *words)
            self.assert_ends(done, UNREACHABLE)
            self.assertEqual(done.stdout, "")
        self.server.start()
        self.assert_ends(self.client("alice", "status"), DONE)
        self.assert_ends(self.client("alice", "logout"), DONE, "@alice is signed out")
        with self.assertRaises(Problem) as refused:
            Api(self.server.url).call("POST", "/v1/sessions/refresh", {"refresh_token": state["refresh_token"]})
        self.assertEqual(refused.exception.code, "unauthenticated")
        self.assertFalse((self.directory / "alice.json").exists())
        for words in (["status"], ["logout"]):
            self.assert_ends(self.client("alice", *words), FAILED, "Nobody is signed in")

        # Somebody else may have ended it.
        (self.directory / "alice.json").write_text(json.dumps(state))
        self.assert_ends(self.client("alice", "logout"), DONE, "@alice is signed out")
        self.assertFalse((self.directory / "alice.json").exists())

    @serve_only("the file of signing keys")
    def test_nobody_is_locked_out_when_the_server_has_lost_its_signing_keys(self):
        for name in ("alice", "bob"):
            self.log_in(name)
        self.client("alice", "send", "@bob", "the first")
        until = self.follow("bob")
        until("digests agree")
        self.server.stop()
        (self.server.data / "access-keys").unlink()
        self.server.start()
        self.assert_ends(self.client("alice", "status"), DONE)
        self.assert_ends(self.client("alice", "send", "@bob", "still here"), DONE, "Sent to @bob")
        until("still here", "back; the digests agree")

        state = json.loads((self.directory / "bob.json").read_text())
        bob = Api(self.server.url, state["access_token"])
        session = next(each for each in bob.get("/v1/sessions")["sessions"] if each["current"])
        bob.call("DELETE", f"/v1/sessions/{session['id']}")
        until("This session has ended. .*client login bob")
        self.assert_ends(self.client("bob", "status"), FAILED, "client login bob")

    def test_a_tail_whose_key_is_revoked_ends(self):
        key = self.server.service("weather")
        env = {"TIDINGS_KEY": key, "TIDINGS_SERVER": self.server.url}
        self.server.command("admin", "service", "revoke", "weather")
        self.assert_ends(run("client", "tail", "--for", "40", env=env), FAILED, "key")

    def test_tail_prints_what_comes_marks_what_is_late_and_comes_back_after_a_cut(self):
        self.log_in("alice")
        self.log_in("bob")
        self.client("alice", "send", "@bob", "the first")
        group = re.search(r"[0-9a-f-]{36}", self.client("bob", "status").stdout)[0]
        until = self.follow("bob")
        until("@alice  the first")
        until("digests agree")
        alice = Api(self.server.url).sign_in("alice")
        alice.send(group, "as it comes")
        self.assertIn("@alice  @alice  as it comes", until("as it comes"))
        alice.send(group, "from the tunnel", id=alice.new_id(time.time() * 1000 - 60_000))
        self.assertRegex(until("from the tunnel"), r"\(late: arrived \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\)")
        self.server.kill()
        until("no connection")
        self.server.start()
        Api(self.server.url, alice.token).call("POST", "/v1/messages", {"to": [group], "text": "after the cut"})
        # It may be back before that is sent.
        until("after the cut", "back; the digests agree: none of the newest [34] is missing")

    def test_send_tries_again_and_stores_once(self):
        self.log_in("alice")
        self.server.kill()
        env = {**os.environ, "TIDINGS_CLIENT_STATE": str(self.directory / "alice.json")}
        sending = subprocess.Popen([PROGRAM, "client", "send", "@alice", "patience"], env=env, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertIn("trying again", sending.stderr.readline())
        self.server.start()
        out, _ = sending.communicate(timeout=60)
        self.assertIn("Sent to @alice", out)
        self.assertEqual(self.client("alice", "history", "@alice").stdout.count("patience"), 1)
        self.server.kill()
        self.assert_ends(self.client("alice", "send", "@alice", "nobody is there", "--timeout", "1"), UNREACHABLE,
                         "unknown")

    def test_a_send_of_which_no_answer_came_is_stored_once_when_it_is_repeated_with_its_id(self):
        self.log_in("alice")
        with handing_on(self.server.url) as deaf:
            given_up = self.client("alice", "send", "@alice", "unheard", "--timeout", "1", "--server", deaf)
            self.assert_ends(given_up, UNREACHABLE, "unknown whether")
            env = {**os.environ, "TIDINGS_CLIENT_STATE": str(self.directory / "alice.json")}
            with subprocess.Popen([PROGRAM, "client", "send", "@alice", "killed", "--server", deaf], env=env, text=True,
                                  stderr=subprocess.PIPE) as sending:
                line = sending.stderr.readline()
                sending.kill()
        for text, said in (("unheard", given_up.stderr), ("killed", line)):
            id = re.search(r"--id ([0-9a-f-]{36})", said)[1]
            again = self.client("alice", "send", "@alice", text, "--id", id)
            self.assert_ends(again, DONE, "it was there already", id)
            self.assertEqual(self.client("alice", "history", "@alice").stdout.count(text), 1)
        self.assert_ends(self.client("alice", "send", "@alice", "x", "--id", "seven"), USAGE, "--id", "UUIDv7")

    def test_import_stores_old_messages_once_and_shows_how_far_it_is(self):
        key = self.server.service("importer", scope="import")
        group = Api(self.server.url).with_key(key).group("archive")["id"]
        lines = [json.dumps({"sent_at": f"2019-05-01T09:30:{n % 60:02}Z", "text": f"old {n}"}) for n in range(200)]
        path = self.file("old.jsonl", "\n".join(lines) + "\n")
        env = {"TIDINGS_KEY": key, "TIDINGS_SERVER": self.server.url, "TIDINGS_CLIENT_STATE": ""}

        leader, terminal = pty.openpty()
        done = subprocess.run([PROGRAM, "client", "import", path, "--to", group], env={**os.environ, **env},
                              stdout=subprocess.PIPE, stderr=terminal, text=True, timeout=60)
        os.close(terminal)
        shown = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while part := os.read(leader, 65536):
                shown += part
        os.close(leader)
        self.assertEqual((done.returncode, done.stdout), (DONE, "200 stored, 0 were there already, 0 refused.\n"))
        self.assertIn(b"100 %  200 lines", shown)
        again = run("client", "import", path, "--to", group, env=env)
        self.assert_ends(again, DONE, "0 stored, 200 were there already, 0 refused.")
        with path.open("a") as more:
            more.write('{"sent_at": "yesterday", "text": "x"}\nnot JSON\n')
        self.assert_ends(run("client", "import", path, "--to", group, env=env), FAILED, "line 201: sent_at", "line 202",
                         "2 refused")
        history = Api(self.server.url, key).all_history(group)
        self.assertEqual({m["text"] for m in history}, {f"old {n}" for n in range(200)})
        self.assertEqual([m["id"] for m in history], sorted(m["id"] for m in history))
        person = {"TIDINGS_KEY": self.server.service("nobody"), "TIDINGS_SERVER": self.server.url}
        self.assert_ends(run("client", "import", path, "--to", group, env=person), FAILED)


if __name__ == "__main__":
    unittest.main()
