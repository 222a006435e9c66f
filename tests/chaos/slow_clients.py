"""Clients that send one byte a second and never come to an end."""
import socket
import time
import urllib.parse

HEAD = b"GET /v1/status HTTP/1.1\r\nHost: tidings\r\nX-Slow: "


class SlowClients:
    def __init__(self, url, count):
        where = urllib.parse.urlsplit(url)
        self.count = count
        self.sockets = [socket.create_connection((where.hostname, where.port), timeout=2) for _ in range(count)]
        self.next = time.monotonic()
        for one in self.sockets:
            one.sendall(HEAD)
            one.setblocking(False)

    def drip(self):
        """One more byte of each, once a second."""
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + 1
        self.sockets = [one for one in self.sockets if self._drip(one)]

    @staticmethod
    def _drip(one):
        try:
            said = one.recv(4096)   # an answer, or the end, before the question was complete
        except BlockingIOError:
            said = None
        except OSError:
            said = b""
        try:
            if said is None:
                one.send(b"x")
                return True
        except OSError:
            pass
        one.close()
        return False

    def close(self):
        """How many were still connected."""
        self.sockets = [one for one in self.sockets if self._drip(one)]
        held = len(self.sockets)
        for one in self.sockets:
            one.close()
        self.sockets = []
        return held
