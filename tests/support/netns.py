"""Hosts on a network that can be cut: network namespaces on one bridge, and nftables rules between them.

    with Network(["cassandra1", "api1", "haproxy"]) as network:
        network.hosts["api1"].run([...])                  # a command there
        network.cut("api1", "cassandra1")                 # nothing gets through, in either direction
        network.cut_one_way("cassandra1", "api1")         # what cassandra1 says does not reach api1
        network.heal("api1", "cassandra1")                # as if nothing had been
        network.heal_all()

A cut drops packets without a word, as a dead switch does: nobody is told that a connection is gone, and connections that were
open go on after healing if their ends still want to. Only between hosts: this process reaches all of them always.

Needs root, iproute2 and nftables (`why_not()` says what is missing). What it made is named `tdg<process id>…` and removed at the
end of the block; what a killed process left behind is removed by the next one that makes a network.
"""
import os
import pathlib
import random
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "tools"))
from cluster_kit.host import Host  # noqa: E402

TABLE = "inet cuts"


class Network:
    """One host a name, each with an address of its own. Not for several threads at once."""

    def __init__(self, names):
        self.names = list(names)
        if len(self.names) > 200:
            raise ValueError("too many hosts for one /24")
        self.prefix = f"tdg{os.getpid()}"
        self.subnet = f"10.{random.randrange(64, 128)}.{random.randrange(256)}"
        self.bridge = self.prefix
        self.hosts = {name: Host(f"{self.subnet}.{n}", f"{self.prefix}-{n}") for n, name in enumerate(self.names, 1)}
        self.cuts = set()  # (from, to)

    def __enter__(self):
        remove_leftovers()
        try:
            self._make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        _remove(self.prefix)

    def cut(self, one, other):
        """Nothing gets from the one to the other, or back."""
        self.cut_one_way(one, other)
        self.cut_one_way(other, one)

    def cut_one_way(self, sender, receiver):
        """Nothing that `sender` sends reaches `receiver`."""
        if (sender, receiver) in self.cuts:
            return
        rule = f"ip saddr {self.hosts[sender].ip} drop"
        self._nft(receiver, f"add rule {TABLE} input {rule}")
        self.cuts.add((sender, receiver))

    def heal(self, one, other):
        """Everything gets through between the two again."""
        for sender, receiver in ((one, other), (other, one)):
            if (sender, receiver) in self.cuts:
                self.cuts.remove((sender, receiver))
                self._drop_only(receiver)

    def heal_all(self):
        for receiver in {receiver for _, receiver in self.cuts}:
            self._nft(receiver, f"flush chain {TABLE} input")
        self.cuts.clear()

    def isolate(self, name):
        """Cuts one host from all others."""
        for other in self.names:
            if other != name:
                self.cut(name, other)

    def _drop_only(self, receiver):
        """Makes the rules of a receiver those that `cuts` names, in one step."""
        rules = [f"flush chain {TABLE} input"]
        rules += [f"add rule {TABLE} input ip saddr {self.hosts[sender].ip} drop"
                  for sender, to in self.cuts if to == receiver]
        self._nft(receiver, "\n".join(rules))

    def _nft(self, name, script):
        _run(self.hosts[name].words(["nft", "-f", "-"]), input=script + "\n")

    def _make(self):
        _run(["ip", "link", "add", self.bridge, "type", "bridge"])
        _run(["ip", "address", "add", f"{self.subnet}.254/24", "dev", self.bridge])
        _run(["ip", "link", "set", self.bridge, "up"])
        for n, (name, host) in enumerate(self.hosts.items(), 1):
            outer = f"{self.prefix}v{n}"
            _run(["ip", "netns", "add", host.namespace])
            _run(["ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", host.namespace])
            _run(["ip", "link", "set", outer, "master", self.bridge, "up"])
            inside = ["ip", "-n", host.namespace]
            _run([*inside, "address", "add", f"{host.ip}/24", "dev", "eth0"])
            _run([*inside, "link", "set", "lo", "up"])
            _run([*inside, "link", "set", "eth0", "up"])
            self._nft(name, f"add table {TABLE}\n"
                            f"add chain {TABLE} input {{ type filter hook input priority 0; policy accept; }}")


def why_not():
    """Why there can't be networks on this machine; empty when there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    try:
        with Network(["probe"]):
            return ""
    except (OSError, RuntimeError) as trouble:
        return str(trouble)


def remove_leftovers():
    """Removes what processes made that are no more."""
    listed = _run(["ip", "netns", "list"]) + _run(["ip", "-br", "link"])
    for pid in set(re.findall(r"^tdg(\d+)(?:v|\b)", listed, re.MULTILINE)):
        if not pathlib.Path(f"/proc/{pid}").exists():
            _remove(f"tdg{pid}")


def _remove(prefix):
    """Kills what runs in the namespaces of that prefix, and removes them and their links."""
    for namespace in re.findall(rf"^({prefix}-\d+)\b", _run(["ip", "netns", "list"]), re.MULTILINE):
        for pid in _run(["ip", "netns", "pids", namespace]).split():
            try:
                os.kill(int(pid), 9)
            except ProcessLookupError:
                pass
        _run(["ip", "netns", "delete", namespace])
    # The links would go with their namespaces, but only some time later.
    for link in re.findall(rf"^({prefix}(?:v\d+)?)\b", _run(["ip", "-br", "link"]), re.MULTILINE):
        subprocess.run(["ip", "link", "delete", link], capture_output=True, timeout=30)


def _run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
