"""One program of the cluster: started, found again, killed, paused."""
import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request

from .wait import until


class Process:
    """A program on a host, with a directory of its own for what it writes.

    It leads a process group: a signal reaches the program and its children. It outlives whoever started it, and is found again by
    `pid` in its directory; a process that got the same number later is told apart by its start time. With `owned`, it is killed
    when the thread that started it ends, however that ends.

    Kinds of servers say in `prepare` what files they need, in `command` how they are started, in `address` where they are and in
    `is_ready` whether they serve.
    """

    ready_s = 60  # on a busy machine
    # What an owned one is told when its owner is gone.
    last_word = "KILL"

    def __init__(self, name, host, directory, owned=False):
        self.name = name
        self.host = host
        self.directory = pathlib.Path(directory).resolve() / name
        self.owned = owned
        self.log_path = self.directory / "log"
        self.child = None

    def prepare(self):
        """Writes the files that the program reads."""

    def command(self):
        raise NotImplementedError

    def environment(self):
        """What is added to the environment."""
        return {}

    @property
    def address(self):
        raise NotImplementedError

    def is_ready(self):
        raise NotImplementedError

    def start(self):
        """Starts it, unless it runs, and waits for nothing. Raises OSError when the program is not there."""
        if self.is_running():
            return
        self._until_gone(30)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.prepare()
        command = self.host.words(self.command())
        if self.owned:
            command = ["setpriv", "--pdeathsig", self.last_word, "--", *command]
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory,
                                          env={**os.environ, **self.environment()}, start_new_session=True)
        self._pid_path.write_text(f"{self.child.pid} {_start_time(self.child.pid)}\n")
        if not self.owned:
            self.child.returncode = 0  # it stays when we go: nobody waits for it
            self.child = None

    def wait_ready(self, wait_s=None):
        """Until it serves. Raises RuntimeError when it ended, TookTooLong when it takes too long."""
        def ready_or_ended():
            return self.is_ready() or not self.is_running()

        wait_s = wait_s or self.ready_s
        until(ready_or_ended, wait_s, f"{self.name} is not ready; see {self.log_path}")
        if not self.is_running():
            raise RuntimeError(f"{self.name} ended at once; see {self.log_path}:\n{self.log()[-2000:]}")

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def pid(self):
        """Its process id, or None when it does not run."""
        try:
            pid, start_time = self._pid_path.read_text().split()
        except (OSError, ValueError):
            return None
        return int(pid) if start_time == _start_time(int(pid)) else None

    def is_running(self):
        return self.pid is not None

    def is_paused(self):
        pid = self.pid
        return pid is not None and _stat(pid)[0] == "T"

    def kill(self):
        """As a crash: no goodbye. Afterwards it is gone, and so are its children."""
        self._signal(signal.SIGKILL)
        for orphan in self._orphans():
            os.kill(orphan, signal.SIGKILL)
        self._until_gone(30)

    def pause(self):
        """It is there and does nothing: connections to it open, and stay without an answer."""
        self._signal(signal.SIGSTOP)

    def resume(self):
        self._signal(signal.SIGCONT)

    def ask_to_stop(self):
        """Returns at once. Once is enough: at a second time, a worker drops what it has in hand."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)  # a paused one hears it, too

    def stop(self, wait_s=30):
        """Asks it to end, and ends it if it does not."""
        self.ask_to_stop()
        self.wait_stopped(wait_s)

    def wait_stopped(self, wait_s=30):
        """Until it has ended, as it was asked to; ends it if it does not."""
        deadline = time.monotonic() + wait_s
        while self.is_running():
            if time.monotonic() > deadline:
                self.kill()
            time.sleep(0.05)
        self._until_gone(30)

    @property
    def _pid_path(self):
        return self.directory / "pid"

    def _signal(self, number):
        pid = self.pid
        if pid is not None:
            try:
                os.killpg(pid, number)
            except ProcessLookupError:
                pass

    def _orphans(self):
        """Children that outlived it: of its group, and in its directory."""
        try:
            group = self._pid_path.read_text().split()[0]
        except (OSError, IndexError):
            return []
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if _stat(process.name)[2] == group and (process / "cwd").readlink() == self.directory:
                    found.append(int(process.name))
            except OSError:
                pass
        return found

    def _until_gone(self, wait_s):
        until(lambda: not self.is_running(), wait_s, f"{self.name} is still there", pause_s=0.01)
        if self.child is not None:
            self.child.wait(wait_s)


def answers_ok(url, timeout_s=2):
    """Whether a GET is answered 200."""
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:
            return answer.status == 200
    except urllib.error.HTTPError as refused:
        refused.close()
        return False
    except OSError:
        return False


def _stat(pid):
    """The fields of /proc/PID/stat from the state on, behind the name, which may hold anything."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _start_time(pid):
    """When a process began, in ticks since boot; empty when it is gone, and of one that only waits to be taken leave of."""
    try:
        fields = _stat(pid)
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
