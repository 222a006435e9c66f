"""What the benchmarks share: load, who acts in it, what it cost, and rows of a table."""
import concurrent.futures
import itertools
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"
os.environ.setdefault("TIDINGS", str(BUILD / "tidings"))
sys.path.insert(0, str(ROOT / "tests"))
from support.api import Api  # noqa: E402

SECONDS = float(os.environ.get("SECONDS_EACH", "10"))
SCRATCH = tempfile.TemporaryDirectory(prefix="tidings-bench-")
TICKS = os.sysconf("SC_CLK_TCK")
REMARKS = "## What the figures say\n"  # from here on a page of figures is written by hand


def lines_file(lines):
    with tempfile.NamedTemporaryFile("w", suffix=".lines", dir=SCRATCH.name, delete=False) as file:
        for line in lines:
            file.write(line + "\n")
    return file.name


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def group_cpu_seconds(leader):
    """Of a process and all that it started."""
    def is_of_group(pid):
        try:
            return os.getpgid(pid) == leader
        except ProcessLookupError:
            return False

    pids = [int(path.name) for path in pathlib.Path("/proc").glob("[0-9]*")]
    return sum(cpu_seconds(pid) for pid in pids if is_of_group(pid))


def rss_kib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def kernel_kib():
    """Slab and socket buffers of the whole machine: both ends of loopback connections."""
    memory = {line.split(":")[0]: int(line.split()[1])
              for line in pathlib.Path("/proc/meminfo").read_text().splitlines()}
    tcp = next(line for line in pathlib.Path("/proc/net/sockstat").read_text().splitlines()
               if line.startswith("TCP:")).split()
    return memory["Slab"] + int(tcp[tcp.index("mem") + 1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def loader(*words, pid=None):
    """Runs one scenario; adds what the server's CPU did meanwhile."""
    before = cpu_seconds(pid) if pid else 0
    done = subprocess.run([str(BUILD / "loader"), *map(str, words)], capture_output=True, text=True,
                          timeout=1200)
    if done.returncode != 0:
        raise RuntimeError(f"loader {words}: {done.stderr}")
    result = json.loads(done.stdout.splitlines()[-1])
    if pid:
        result["server_cpu_s"] = round(cpu_seconds(pid) - before, 2)
        if result.get("answered") and result["server_cpu_s"]:
            result["per_cpu_second"] = round(result["answered"] / result["server_cpu_s"])
    return result


class Actors:
    """Services with keys, made once for a server, and files that say who talks where."""

    def __init__(self, server, count):
        self.server = server
        names = [f"actor{n}" for n in range(count)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            self.people = list(zip(names, pool.map(server.service, names)))
        self.ids = {}

    def api(self, n):
        return Api(self.server.url).with_key(self.people[n][1])

    def file(self, groups_of):
        """groups_of: {actor number: [group id, …]}"""
        return lines_file(" ".join([self.people[n][1], self.people[n][0], *groups])
                          for n, groups in groups_of.items())

    def direct_groups(self, pairs):
        """One first message a pair, so that its group is there; {actor: [groups]}."""
        groups = {}
        for first, pair in itertools.groupby(sorted(pairs), key=lambda pair: pair[0]):
            api = self.api(first)
            for _, second in pair:
                answer = api.call("POST", "/v1/messages", {"to": [f"@{self.people[second][0]}"], "text": "hello"})
                group = answer["groups"][0]["id"]
                groups.setdefault(first, []).append(group)
                groups.setdefault(second, []).append(group)
        return groups

    def groups(self, count, size):
        made = {}
        for g in range(count):
            members = [(g * size + i) % len(self.people) for i in range(size)]
            owner = self.api(members[0])
            group = owner.group(f"group {g}", [self.people[m][0] for m in members[1:]])["id"]
            for m in members:
                made.setdefault(m, []).append(group)
        return made


def row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |\n"


def ms(us):
    return f"{us / 1000:.1f} ms"


def machine():
    model = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    memory_gib = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    return f"{os.cpu_count()} cores of {model}, {memory_gib} GiB, Linux {platform.release()}"


def write_page(path, text):
    """Puts the figures into a page of docs/, and keeps what was written by hand about them."""
    page = ROOT / path
    _, heading, remarks = page.read_text().partition(REMARKS) if page.exists() else ("", REMARKS, "\n")
    page.write_text(text + "\n" + heading + remarks)
