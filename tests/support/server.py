"""A real `tidings serve` in a directory of its own, on free ports, stopped by its own process id."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

from .admin import Administered

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.environ.get("TIDINGS", str(ROOT / "build/release/tidings"))


_given = set()
_giving = threading.Lock()


def free_port():
    """A port that nobody has, and that was given to nobody else in this process: they may not have taken it yet."""
    with _giving:
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            if port not in _given:
                _given.add(port)
                return port


class Server(Administered):
    """`with Server() as server:` serves until the block ends; `kill()` and `start()` do what they say."""

    def __init__(self, *flags, data=None, program=PROGRAM, env=None, files_max=None):
        self.own_directory = None if data else tempfile.mkdtemp(prefix="tidings-")
        self.data = pathlib.Path(data or self.own_directory) / "data"
        self.flags = list(flags)
        self.program = program
        self.env = {**os.environ, **(env or {})}
        self.files_max = files_max  # as `ulimit -n`
        self.port, self.admin_port = free_port(), free_port()
        self.process = None
        self.log_path = self.data.parent / "serve.log"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def admin_url(self):
        return f"http://127.0.0.1:{self.admin_port}"

    def launch(self):
        """Starts it, and waits for nothing."""
        command = [self.program, "serve", "--data", str(self.data), "--listen",
                   f"127.0.0.1:{self.port}", "--admin-listen", f"127.0.0.1:{self.admin_port}",
                   *self.flags]
        if self.files_max:
            command = ["prlimit", f"--nofile={self.files_max}", "--", *command]
        self.said_before = len(self.log())
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self.env)

    def start(self, wait_s=30):
        self.launch()
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"serve ended with {self.process.returncode}:\n{self.log()}")
            # Another server may answer at a port that this one does not get.
            if " is ready." in self.log()[self.said_before:] and self.is_ready():
                return self
            time.sleep(0.02)
        raise RuntimeError(f"serve was not ready after {wait_s} s:\n{self.log()}")

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.admin_url}/readyz", timeout=1) as answer:
                return answer.status == 200
        except urllib.error.HTTPError as not_ready:
            not_ready.close()
            return False
        except OSError:
            return False

    def metrics(self):
        with urllib.request.urlopen(f"{self.admin_url}/metrics", timeout=30) as answer:
            return answer.read().decode()

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def kill(self):
        """As a power cut of the process: no goodbye."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, wait_s=30):
        """Asks it to stop and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(wait_s)

    def command(self, *words, check=True, **options):
        """Runs `tidings WORDS… --data DIR` and returns what it printed."""
        done = subprocess.run([self.program, *words, "--data", str(self.data)], env=self.env,
                              capture_output=True, text=True, timeout=60, **options)
        if check and done.returncode != 0:
            raise RuntimeError(f"{words} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout if check else done

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.own_directory:
            shutil.rmtree(self.own_directory, ignore_errors=True)
