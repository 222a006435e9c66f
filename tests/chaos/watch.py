"""Looks at readiness and at the machine itself while a run goes on."""
import threading
import time

EVERY_S = 0.25


class Watch:
    """`changes` are (t, name, ready); `stalls` are (t, seconds) in which this process itself did not get on: a machine that is too
    busy to be judged by. `with Watch(target) as watch`."""

    def __init__(self, target):
        self.target = target
        self.changes = []
        self.stalls = []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=run, daemon=True) for run in (self._look, self._feel)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def _look(self):
        known = {}
        while not self.stopped.wait(EVERY_S):
            for name, ready in self.target.readiness().items():
                if known.get(name) != ready:
                    known[name] = ready
                    self.changes.append((time.monotonic(), name, ready))

    def _feel(self):
        last = time.monotonic()
        while not self.stopped.wait(0.05):
            now = time.monotonic()
            if now - last > 0.3:
                self.stalls.append((last, now - last))
            last = now

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join(10)
