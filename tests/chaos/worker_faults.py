"""What happens to workers, `tidings api` and `tidings notify`, and to the balancer before them."""
import glob
import time

from support.api import Api, Problem, Unknown

from .fault import Fault, revive
from .slow_clients import SlowClients

FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
OUT_S = 5  # a worker whose clock is wrong says so by then


class KillServe(Fault):
    name = "kill serve"
    promise = "nothing that was acknowledged is lost; everything goes on when it is back"
    one_node_gone = False
    seconds = (0.2, 2.0)

    def strike(self):
        self.target.server.kill()

    def heal(self):
        self.target.server.start(60)


class KillApi(Fault):
    name = "kill"
    promise = "calls go to the other worker; what the dead one had in hand is sent again by the balancer"

    def strike(self):
        self.victim = self.aim(self.cluster.api)
        self.victim.kill()

    def heal(self):
        revive(self.victim)


class KillNotify(Fault):
    name = "kill"
    promise = "its clients connect to the other gateway and miss nothing; its claims lapse and are taken by others"

    def strike(self):
        self.victim = self.aim(self.cluster.notify)
        self.victim.kill()

    def heal(self):
        revive(self.victim)


class KillNotifyWithClaims(KillNotify):
    """It can't reach the other gateway for a moment, so that it holds claims when it dies."""

    name = "kill with claims"
    needs_cuts = True

    def strike(self):
        self.victim = self.aim(self.cluster.notify)
        other = next(worker for worker in self.cluster.notify if worker is not self.victim)
        self.target.network.cut(self.victim.name, other.name)
        time.sleep(1.5)
        self.victim.kill()
        self.target.network.heal(self.victim.name, other.name)


class PauseWorker(Fault):
    """It is there and does nothing, then goes on as if no time had passed."""

    name = "pause"
    promise = "calls go to the other worker; when it goes on, nothing old that it does can hide or repeat anything"
    seconds = (5.0, 15.0)

    def strike(self):
        self.victim = self.aim(self.workers())
        self.victim.pause()

    def heal(self):
        self.victim.resume()


class PauseApi(PauseWorker):
    def workers(self):
        return self.cluster.api


class PauseNotify(PauseWorker):
    promise = "after the pause it tells all its clients to look for themselves; its claims were taken by others"

    def workers(self):
        return self.cluster.notify


class RollingRestart(Fault):
    name = "rolling restart"
    promise = "no call fails: each worker says goodbye, finishes what it has in hand, and comes back"
    seconds = (0.5, 1.0)
    no_call_fails = True

    def strike(self):
        for worker in self.cluster.workers:
            begun = time.monotonic()
            worker.ask_to_stop()
            gone = self.until(lambda: not worker.is_running(), 40)
            self.notes.append(f"{worker.name} drained in {gone:.1f} s" if gone is not None else f"{worker.name} hung")
            if gone is None:
                self.findings.append(("G12", f"{worker.name} did not end within 40 s of SIGTERM"))
            worker.wait_stopped(0)
            if gone is not None and worker.child.returncode != 0:
                self.findings.append(("G12", f"{worker.name} ended with {worker.child.returncode} after SIGTERM"))
            revive(worker)
            self.until(self.target.is_whole, 15)
            self.notes.append(f"back after {time.monotonic() - begun:.1f} s")

    def heal(self):
        pass


class ReloadBalancer(Fault):
    name = "reload haproxy"
    promise = "no call fails and no socket is cut"
    seconds = (3.0, 4.0)
    no_call_fails = True

    def strike(self):
        self.cluster.haproxy.reload()

    def heal(self):
        pass


class ClockSkew(Fault):
    """A worker under libfaketime, whose clock steps while it works."""

    name = "clock step"
    promise = f"the worker is not ready within {OUT_S} s, answers 503 itself, and is ready again when its clock is right"
    seconds = (5.0, 8.0)

    def strike(self):
        self.victim = self.aim(self.cluster.api)
        self.offset_s = self.random.choice([-300, -30, -3, 3, 30, 300])
        self.what = f"clock {self.offset_s:+} s {self.victim.name}"
        self.key = self.target.service(f"clock{self.random.randrange(10**9)}", "10/10")
        self.clock = self.victim.directory / "clock"
        self.clock.write_text("+0\n")
        self.victim.stop()
        self.victim.environment = self._environment
        revive(self.victim)
        self.until(self.target.is_whole, 15)
        self.clock.write_text(f"{self.offset_s:+}\n")
        out = self.until(lambda: not self.victim.is_ready(), 2 * OUT_S)
        self.gone_at = time.monotonic()  # libfaketime reads the file once a second
        if out is None or out > OUT_S:
            self.findings.append(("clock", f"{self.victim.name} was ready with a clock that is {self.offset_s:+} s off"))
        else:
            self.notes.append(f"not ready after {out:.1f} s")
            self._must_refuse()

    def _environment(self):
        return {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}

    def _must_refuse(self):
        """Whoever asks it all the same is told 503."""
        api = Api(f"http://{self.victim.address}", self.key, timeout_s=3)
        try:
            api.call("GET", "/v1/status")
            said = "an answer"
        except Problem as problem:
            said = f"{problem.status} {problem.code}"
        except Unknown:
            said = str(api.status)
        if said != "503":
            self.findings.append(("clock", f"{self.victim.name} is not ready and answers {said} instead of 503"))

    def heal(self):
        self.clock.write_text("+0\n")
        back = self.until(self.victim.is_ready, 30)
        if back is None:
            self.findings.append(("clock", f"{self.victim.name} was not ready 30 s after its clock was right again"))
        else:
            self.notes.append(f"ready {back:.1f} s after the clock was right")
        del self.victim.environment
        self.victim.stop()
        revive(self.victim)


class SlowClientsComing(Fault):
    name = "slow clients"
    promise = "a hundred clients that send a byte a second cost the others nothing, and are shown out"
    seconds = (14.0, 16.0)

    def strike(self):
        self.slow = SlowClients(self.target.url, 100)

    def meanwhile(self):
        self.slow.drip()

    def heal(self):
        held = self.slow.close()
        self.notes.append(f"{held} of {self.slow.count} were still connected at the end")
        if held > self.slow.count / 10:
            self.findings.append(("G12", f"{held} of {self.slow.count} slow clients were never shown out"))
