#!/usr/bin/env python3
"""deploy/haproxy.cfg as it is meant to be used, in front of workers that can be looked into."""
import concurrent.futures
import datetime
import http.client
import json
import pathlib
import re
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import unittest
import uuid
import warnings

from support.server import ROOT, free_port

sys.path.insert(0, str(ROOT / "tools"))
from cluster_kit.haproxy import HAProxy  # noqa: E402
from cluster_kit.host import Host  # noqa: E402
from cluster_kit.process import Process, answers_ok  # noqa: E402
from cluster_kit.wait import until  # noqa: E402

BACKEND = pathlib.Path(__file__).resolve().parent / "balancer/backend.py"
HERE = Host("127.0.0.1")
GONE_S = 2  # what a killed worker may cost
PATIENCE_S = 5  # the balancer waits 6 s for an answer
WEB_SOCKET = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
              "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


class Backend(Process):
    def __init__(self, name, directory):
        super().__init__(name, HERE, directory, owned=True)
        self.port, self.ready_port = free_port(), free_port()
        self.shared = self.directory.parent

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def command(self):
        return [sys.executable, BACKEND, self.name, self.port, self.ready_port, self.shared]

    def is_ready(self):
        return answers_ok(f"http://127.0.0.1:{self.ready_port}/readyz")

    def requests(self):
        path = self.shared / f"{self.name}.requests"
        return path.read_text().splitlines() if path.exists() else []

    def say(self, state):
        """On its /readyz: "unready" or "leaving"."""
        (self.shared / f"{self.name}.{state}").touch()


class Balancer:
    """Two workers of each role behind a balancer, which is ready."""

    def __init__(self, **settings):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="balancer-"))
        self.workers = {name: Backend(name, self.directory) for name in ("api1", "api2", "notify1", "notify2")}
        api, notify = ([(w.name, w.address, w.ready_port) for w in self.workers.values() if w.name.startswith(role)]
                       for role in ("api", "notify"))
        self.haproxy = HAProxy("haproxy", HERE, self.directory, free_port(), free_port(),
                               {**dict.fromkeys(("api", "api_by_group", "api_by_address"), api), "notify": notify}, settings,
                               owned=True)

    def __enter__(self):
        try:
            for process in (*self.workers.values(), self.haproxy):
                process.start()
                process.wait_ready()
            self.wait_for_all_workers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in (self.haproxy, *self.workers.values()):
            process.kill()
        shutil.rmtree(self.directory)

    def wait_for_all_workers(self):
        until(lambda: all(len(self.haproxy.ready_servers(b)) == 2 for b in self.haproxy.backends), 20, "workers are not asked")

    def connection(self, timeout_s=20, client="127.0.0.1"):
        return http.client.HTTPConnection("127.0.0.1", self.haproxy.port, timeout=timeout_s, source_address=(client, 0))

    def ask(self, method, path, body=None, headers=None, client="127.0.0.1"):
        """Status, headers and decoded body of one request on a connection of its own, from any address of the loopback."""
        connection = self.connection(client=client)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read())
        finally:
            connection.close()

    def who_answers(self, method, path, client="127.0.0.1"):
        return self.ask(method, path, client=client)[2]["name"]

    def tunnel(self):
        """A WebSocket's connection behind the handshake, and the name of who holds the other end."""
        connection = socket.create_connection(("127.0.0.1", self.haproxy.port), 20)
        head = "".join(f"{name}: {value}\r\n" for name, value in WEB_SOCKET.items())
        connection.sendall(f"GET /v1/notifications HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
        said = b""
        while said.count(b"\n") == 0 or not said.rpartition(b"\r\n\r\n")[2].endswith(b"\n"):
            said += connection.recv(4096)
        assert b" 101 " in said.split(b"\r\n")[0], said
        return connection, said.rpartition(b"\r\n\r\n")[2].decode().strip()


def group_path(n, rest=""):
    return f"/v1/groups/{uuid.UUID(int=n * 7919 << 64 | n)}{rest}"


class Configuration(unittest.TestCase):
    def test_it_is_valid_as_it_stands_and_with_a_certificate(self):
        for variables in [{}, {"BALANCER_LOG_STDOUT": "1"}, {"BALANCER_CERT": "cert.pem"}]:
            with self.subTest(variables), tempfile.TemporaryDirectory() as directory:
                make_certificate(directory)
                done = subprocess.run(["haproxy", "-c", "-f", ROOT / "deploy/haproxy.cfg"], cwd=directory,
                                      env={"PATH": "/usr/sbin:/usr/bin", **variables}, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn("WARNING", done.stderr)

    def test_it_shares_neither_a_variable_nor_a_port_with_a_worker_on_the_same_machine(self):
        text = (ROOT / "deploy/haproxy.cfg").read_text()
        variables = set(re.findall(r"presetenv (\w+)|defined\((\w+)\)|\$\{(\w+)\}", text))
        self.assertGreater(len(variables), 5)
        self.assertEqual({name for names in variables for name in names if name and not name.startswith("BALANCER_")}, set())
        ports = re.findall(r"presetenv \w+_LISTEN \S+:(\d+)", text)
        settings = (ROOT / "src/app/settings.h").read_text()
        workers = set(re.findall(r"(?:admin|internal)_listen = \"127.0.0.1:(\d+)", settings))
        self.assertEqual((len(ports), len(workers), workers & set(ports)), (2, 2, set()))


class Routing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.balancer = cls.enterClassContext(Balancer())

    def test_calls_go_to_the_api_workers_in_turn(self):
        names = [self.balancer.who_answers("GET", "/v1/me") for _ in range(20)]
        self.assertEqual((names.count("api1"), names.count("api2")), (10, 10))

    def test_calls_about_one_group_go_to_one_worker_however_they_are_spelt_and_groups_are_spread(self):
        homes, away = [], 0
        for n in range(1, 41):
            calls = [("GET", group_path(n)), ("GET", group_path(n).upper().replace("/V1/GROUPS", "/v1/groups")),
                     ("GET", group_path(n, "/changes?limit=5")), ("PUT", group_path(n, "/members/@bob"))]
            names = [self.balancer.who_answers(*call) for call in calls]
            homes.append(statistics.mode(names))
            away += len(calls) - names.count(homes[-1])
        self.assertGreater(min(homes.count("api1"), homes.count("api2")), 8)
        # The call before may not be over for the balancer: then its worker has more than its share, of two calls.
        self.assertLess(away, 16, "of 160")

    def test_a_group_that_everybody_calls_at_once_is_not_left_to_one_worker(self):
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            names = list(pool.map(lambda _: self.balancer.who_answers("GET", group_path(1, "/slow")), range(12)))
        self.assertGreaterEqual(min(names.count("api1"), names.count("api2")), 2)

    def test_all_tries_of_a_password_from_one_address_go_to_one_worker_and_addresses_are_spread(self):
        tries = [("POST", "/v1/sessions"), ("POST", "/v1/%73essions"), ("POST", "/v1/sessions?x"), ("POST", "/v1/accounts"),
                 ("PUT", "/v1/me/password"), ("PUT", "/v1/me/p%61ssword")]
        homes = []
        for n in range(1, 31):
            names = {self.balancer.who_answers(*one, client=f"127.0.1.{n}") for one in tries}
            self.assertEqual(len(names), 1, n)
            homes.append(names.pop())
        self.assertGreater(min(homes.count("api1"), homes.count("api2")), 4)

    def test_an_address_that_tries_many_passwords_at_once_still_meets_one_worker(self):
        held = "/v1/sessions?and=/slow"
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            names = list(pool.map(lambda _: self.balancer.who_answers("POST", held), range(12)))
        self.assertEqual(len(set(names)), 1)

    def test_the_list_of_sessions_is_a_call_like_any_other(self):
        names = [self.balancer.who_answers("GET", "/v1/sessions") for _ in range(10)]
        self.assertEqual((names.count("api1"), names.count("api2")), (5, 5))

    def test_web_sockets_go_to_the_gateway_with_the_fewest(self):
        tunnels = [self.balancer.tunnel() for _ in range(6)]
        try:
            names = [name for _, name in tunnels]
            self.assertEqual((names.count("notify1"), names.count("notify2")), (3, 3))
            for connection, _ in tunnels:
                connection.sendall(b"hello")
                self.assertEqual(connection.recv(100), b"hello")
        finally:
            for connection, _ in tunnels:
                connection.close()

    def test_where_a_request_comes_from_is_written_by_the_balancer_alone(self):
        _, _, seen = self.balancer.ask("GET", "/v1/me", headers={"X-Forwarded-For": "203.0.113.9"})
        self.assertEqual(seen["forwarded_for"], ["127.0.0.1"])
        self.assertEqual(seen["forwarded_proto"], "http")

    def test_a_body_of_the_largest_size_passes(self):
        self.assertEqual(self.balancer.ask("PUT", "/v1/messages/x", b"x" * 256 * 1024)[2]["body_bytes"], 256 * 1024)

    def test_the_balancer_tells_prometheus_about_itself(self):
        admin = http.client.HTTPConnection("127.0.0.1", self.balancer.haproxy.admin_port, timeout=10)
        admin.request("GET", "/metrics")
        text = admin.getresponse().read().decode()
        admin.close()
        self.assertIn('haproxy_backend_http_responses_total{proxy="api"', text)

    def test_a_client_that_never_finishes_its_head_is_told_so(self):
        with socket.create_connection(("127.0.0.1", self.balancer.haproxy.port), 20) as slow:
            slow.sendall(b"GET /v1/me HTTP/1.1\r\nHost: x\r\n")
            begun = time.monotonic()
            answer = slow.recv(4096)
            self.assertTrue(9 < time.monotonic() - begun < 13)
            self.assertIn(b" 408 ", answer.split(b"\r\n")[0])


class TooMany(unittest.TestCase):
    def test_an_address_that_asks_too_much_gets_a_problem_that_says_when_to_return(self):
        with Balancer(BALANCER_IP_REQUESTS="20", BALANCER_IP_EXEMPT="192.0.2.0/24") as balancer:
            answers = [balancer.ask("GET", "/v1/me") for _ in range(30)]
            self.assertEqual([status for status, _, _ in answers], [200] * 20 + [429] * 10)
            _, headers, problem = answers[-1]
            self.assertEqual(headers["Content-Type"], "application/problem+json")
            self.assertEqual(headers["Retry-After"], "10")
            self.assertEqual(headers["X-Request-Id"], problem["request_id"])
            self.assertEqual((problem["type"], problem["code"], problem["status"], problem["retry_after_ms"]),
                             ("/problems/too-many-requests", "too-many-requests", 429, 10_000))
            said = datetime.datetime.strptime(problem["server_time"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.UTC)
            self.assertLess(abs(time.time() - said.timestamp()), 0.5, "clients set their clocks by it")
            self.assertRegex(problem["server_time"], r"\.\d{3}Z\Z")
            time.sleep(int(headers["Retry-After"]))
            self.assertEqual(balancer.ask("GET", "/v1/me")[0], 200, "as it was told")

    def test_an_exempt_address_is_not_counted(self):
        with Balancer(BALANCER_IP_REQUESTS="20", BALANCER_IP_EXEMPT="127.0.0.0/8") as balancer:
            self.assertEqual({balancer.ask("GET", "/v1/me")[0] for _ in range(60)}, {200})


class Faults(unittest.TestCase):
    def setUp(self):
        self.balancer = self.enterContext(Balancer())

    def ask_in_time(self, method, path, body=None, headers=None):
        begun = time.monotonic()
        answer = self.balancer.ask(method, path, body, headers)
        self.assertLess(time.monotonic() - begun, GONE_S)
        return answer

    def ask_to_death(self, method, path, body=None):
        """The answer to a request of which the first worker dies, and how many workers got it. Then all are well again."""
        (self.balancer.directory / "died").unlink(missing_ok=True)
        answer = self.ask_in_time(method, path, body, {"X-Die": "once"})
        workers = self.balancer.workers.values()
        asked = sum(worker.requests().count(f"{method} {path}") for worker in workers)
        for worker in workers:
            worker.start()
            worker.wait_ready()
        self.balancer.wait_for_all_workers()
        return answer, asked

    def test_a_killed_worker_costs_nobody_an_answer(self):
        self.balancer.workers["api1"].kill()
        for n in range(1, 21):
            for method, path in [("GET", "/v1/me"), ("POST", "/v1/messages"), ("PUT", group_path(n, "/read"))]:
                status, _, seen = self.ask_in_time(method, path)
                self.assertEqual((status, seen["name"]), (200, "api2"))

    def test_a_put_or_a_get_that_a_worker_dies_of_is_answered_by_another(self):
        for method, path, body in [("GET", "/v1/status", None), ("PUT", "/v1/messages/x", b"x" * 40_000),
                                   ("PUT", group_path(1, "/read"), b"x")]:
            with self.subTest(f"{method} {path}"):
                (status, _, seen), asked = self.ask_to_death(method, path, body)
                self.assertEqual((status, seen["body_bytes"]), (200, len(body or b"")))
                self.assertEqual(asked, 2)

    def test_what_is_not_harmless_to_repeat_is_never_sent_twice_and_its_problem_says_that_nobody_knows(self):
        for method, path in [("POST", "/v1/messages"), ("DELETE", group_path(1)), ("PUT", "/v1/me/password")]:
            with self.subTest(f"{method} {path}"):
                (status, headers, problem), asked = self.ask_to_death(method, path, b"{}")
                self.assertEqual((status, problem["status"], problem["code"]), (503, 503, "unavailable"))
                self.assertEqual(headers["Retry-After"], "1")
                self.assertEqual(headers["X-Request-Id"], problem["request_id"])
                self.assertIn("may have happened", problem["detail"])
                self.assertEqual(asked, 1)

    def test_a_worker_that_is_paused_is_found_and_what_it_holds_is_answered_by_another(self):
        paused = self.balancer.workers["api1"]
        paused.pause()
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            held = list(pool.map(lambda _: self.balancer.ask("GET", "/v1/me"), range(4)))
        self.assertEqual({(status, seen["name"]) for status, _, seen in held}, {(200, "api2")})
        self.assertLess(time.monotonic() - begun, PATIENCE_S, "it was waited for though it was known to be dead")
        until(lambda: self.balancer.haproxy.ready_servers("api") == ["api2"], GONE_S, "it is still asked")
        for _ in range(10):
            self.ask_in_time("GET", "/v1/me")
        paused.resume()
        until(lambda: len(self.balancer.haproxy.ready_servers("api")) == 2, 5, "it is not asked again")

    def test_a_worker_that_leaves_finishes_what_it_has_in_hand_and_gets_nothing_new(self):
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            under_way = pool.submit(self.balancer.ask, "POST", "/v1/slow")
            until(lambda: any(worker.requests() for worker in self.balancer.workers.values()), 2, "nobody was asked")
            leaving = next(worker for worker in self.balancer.workers.values() if worker.requests())
            leaving.say("leaving")
            until(lambda: len(self.balancer.haproxy.ready_servers("api")) == 1, 2, "it is still asked")
            self.assertNotIn(leaving.name, {self.ask_in_time("GET", "/v1/me")[2]["name"] for _ in range(10)})
            status, _, seen = under_way.result()
            self.assertEqual((status, seen["name"]), (200, leaving.name))

    def test_a_worker_that_is_not_ready_is_not_asked_and_keeps_its_web_sockets(self):
        connection, name = self.balancer.tunnel()
        with connection:
            self.balancer.workers[name].say("unready")
            until(lambda: len(self.balancer.haproxy.ready_servers("notify")) == 1, 5, "it is still asked")
            other, its_name = self.balancer.tunnel()
            other.close()
            self.assertNotEqual(its_name, name)
            connection.sendall(b"still here?")
            self.assertEqual(connection.recv(100), b"still here?")

    def test_without_workers_everybody_gets_a_problem(self):
        for name in ("api1", "api2"):
            self.balancer.workers[name].kill()
        status, headers, problem = self.ask_in_time("GET", "/v1/me")
        self.assertEqual((status, problem["code"], headers["Retry-After"]), (503, "unavailable", "1"))


class Reload(unittest.TestCase):
    def test_nothing_is_refused_or_cut_by_a_reload_and_new_servers_are_used(self):
        with Balancer() as balancer:
            tunnel, _ = balancer.tunnel()
            kept = balancer.connection()
            kept.request("GET", "/v1/me")
            kept.getresponse().read()
            statuses = []
            with tunnel, concurrent.futures.ThreadPoolExecutor(4) as pool:
                def ask_for_a_while(_):
                    until_s = time.monotonic() + 4
                    while time.monotonic() < until_s:
                        statuses.append(balancer.ask("GET", "/v1/me")[0])
                asking = [pool.submit(ask_for_a_while, n) for n in range(4)]
                time.sleep(0.5)
                balancer.haproxy.backends["api"] = balancer.haproxy.backends["api"][:1]
                for _ in range(3):
                    balancer.haproxy.reload()
                    time.sleep(0.7)
                for task in asking:
                    task.result()
                self.assertEqual(set(statuses), {200})
                self.assertGreater(len(statuses), 100)
                tunnel.sendall(b"still here?")
                self.assertEqual(tunnel.recv(100), b"still here?")
            kept.close()
            self.assertEqual({balancer.who_answers("GET", "/v1/me") for _ in range(10)}, {"api1"})


class Tls(unittest.TestCase):
    def test_http_2_and_web_sockets_are_spoken_at_the_edge_and_nothing_older_than_tls_1_2(self):
        with tempfile.TemporaryDirectory() as directory:
            certificate = make_certificate(directory)
            with Balancer(BALANCER_CERT=str(certificate)) as balancer:
                url = f"https://localhost:{balancer.haproxy.port}"
                done = subprocess.run(["curl", "-sS", "--cacert", certificate, "-w", "\n%{http_version}", f"{url}/v1/me"],
                                      capture_output=True, text=True)
                seen, version = done.stdout.rsplit("\n", 1)
                self.assertEqual(version, "2", done.stderr)
                self.assertEqual(json.loads(seen)["forwarded_proto"], "https")

                trust = ssl.create_default_context(cafile=certificate)
                with socket.create_connection(("127.0.0.1", balancer.haproxy.port), 10) as plain, \
                        trust.wrap_socket(plain, server_hostname="localhost") as tunnel:
                    head = "".join(f"{name}: {value}\r\n" for name, value in WEB_SOCKET.items())
                    tunnel.sendall(f"GET /v1/notifications HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
                    self.assertIn(b" 101 ", tunnel.recv(4096).split(b"\r\n")[0])

                with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
                    trust.minimum_version, trust.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
                with socket.create_connection(("127.0.0.1", balancer.haproxy.port), 10) as plain, \
                        self.assertRaises((ssl.SSLError, ConnectionError)):
                    trust.wrap_socket(plain, server_hostname="localhost")


def make_certificate(directory):
    """One PEM file with a certificate for localhost and its key."""
    key, certificate = pathlib.Path(directory, "key.pem"), pathlib.Path(directory, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    certificate.write_text(certificate.read_text() + key.read_text())
    return certificate


if __name__ == "__main__":
    unittest.main()
