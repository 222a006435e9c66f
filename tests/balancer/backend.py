#!/usr/bin/env python3
"""A worker that the balancer's tests can look into: it says who it is and what it was asked, and does badly when told to.

    backend.py NAME PORT READY_PORT DIRECTORY

Every request leaves one line in DIRECTORY/NAME.requests when it has arrived. A path that ends in `/slow` is answered after 3 s; a
request with `X-Die: once` kills the first worker that gets it, with no answer; a WebSocket becomes a tunnel that says back what it
hears.
While DIRECTORY/NAME.unready is there, /readyz is answered 503; while DIRECTORY/NAME.leaving is, 404.
"""
import base64
import hashlib
import http.server
import json
import os
import pathlib
import sys
import threading
import time

NAME, PORT, READY_PORT, DIRECTORY = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), pathlib.Path(sys.argv[4])
WEB_SOCKET_KEY = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do(self):
        with open(DIRECTORY / f"{NAME}.requests", "a") as requests:
            requests.write(f"{self.command} {self.path}\n")
        if self.headers.get("Upgrade", "").lower() == "websocket":
            return self.tunnel()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.endswith("/slow"):
            time.sleep(3)
        if self.headers.get("X-Die") == "once":
            try:
                os.close(os.open(DIRECTORY / "died", os.O_CREAT | os.O_EXCL))
                os.kill(os.getpid(), 9)
            except FileExistsError:
                pass
        self.answer(200, {"name": NAME, "method": self.command, "path": self.path, "body_bytes": len(body),
                          "forwarded_for": self.headers.get_all("X-Forwarded-For"),
                          "forwarded_proto": self.headers.get("X-Forwarded-Proto")})

    do_GET = do_PUT = do_POST = do_DELETE = do

    def answer(self, status, content):
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Request-Id", f"{NAME}-1")
        self.end_headers()
        self.wfile.write(data)

    def tunnel(self):
        """Behind the handshake, bytes go back as they came; the first ones say who is there."""
        key = self.headers["Sec-WebSocket-Key"] + WEB_SOCKET_KEY
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.close_connection = True
        self.connection.settimeout(120)
        self.wfile.write(f"{NAME}\n".encode())
        while data := self.connection.recv(4096):
            self.connection.sendall(data)

    def log_message(self, *_):
        pass


class Ready(Handler):
    def do_GET(self):
        said = {"unready": 503, "leaving": 404}
        self.answer(next((status for name, status in said.items() if (DIRECTORY / f"{NAME}.{name}").exists()), 200), {})


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


ready = Listener(("127.0.0.1", READY_PORT), Ready)
threading.Thread(target=ready.serve_forever, daemon=True).start()
Listener(("127.0.0.1", PORT), Handler).serve_forever()
