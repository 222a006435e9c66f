#!/usr/bin/env python3
"""The arrows between rooms point one way: who may include whom (docs/architecture.md)."""
import pathlib
import re
import unittest

SRC = pathlib.Path(__file__).resolve().parent.parent / "src"

ROLES = {"base", "model", "ports", "core", "wire", "net"}
MAY_INCLUDE = {
    "base": set(),
    "model": {"base"},
    "ports": {"base", "model"},
    "core": {"base", "model", "ports"},
    "wire": {"base", "model", "core"},
    "net": {"base"},
    "bridge": {"base"},
    "adapters": {"base", "model", "ports"},
    "roles": ROLES,
    "app": ROLES | {"adapters", "bridge", "roles"},
}
# Rooms that may include more than their kind does.
ALSO_INCLUDE = {
    "adapters/cassandra": {"bridge"},
    "adapters/redis": {"bridge"},
}
# Libraries that only some rooms may know.
LIBRARY_ROOMS = {
    "rocksdb/": {"adapters/rocks"},
    "sodium": {"adapters/sodium", "base"},
    "boost/asio": {"net"},
    "boost/beast": {"net"},
    "boost/json": {"wire"},
    "spdlog/": {"base"},
    "prometheus/": {"app"},
    "CLI/": {"app"},
    "toml++/": {"app"},
    "rust/": {"bridge"},
    "tidings-driver/": {"bridge"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^">]+)[">]', re.MULTILINE)


def room_of(path):
    parts = path.parts
    return "/".join(parts[:2]) if parts[0] in ("adapters", "roles") else parts[0]


def is_test(path):
    return path.name.endswith(("_test.cpp", "_contract.h")) or path.name.startswith("test_")


class Rooms(unittest.TestCase):
    def sources(self):
        found = [p for p in SRC.rglob("*") if p.suffix in (".h", ".cpp")]
        self.assertGreater(len(found), 50)
        return found

    def test_includes_follow_the_arrows(self):
        wrong = []
        for source in self.sources():
            relative = source.relative_to(SRC)
            if is_test(relative):
                continue
            room = room_of(relative)
            allowed = MAY_INCLUDE[relative.parts[0]] | ALSO_INCLUDE.get(room, set())
            for quote, name in INCLUDE.findall(source.read_text()):
                if quote == '"':
                    other = pathlib.PurePath(name)
                    if room_of(other) != room and other.parts[0] not in allowed:
                        wrong.append(f"{relative} includes {name}")
                else:
                    for library, rooms in LIBRARY_ROOMS.items():
                        if name.startswith(library) and room not in rooms:
                            wrong.append(f"{relative} includes <{name}>")
        self.assertEqual(wrong, [])

    def test_every_room_opens_with_a_readme(self):
        rooms = {room_of(p.relative_to(SRC)) for p in self.sources()}
        self.assertEqual([r for r in sorted(rooms) if not (SRC / r / "README.md").exists()], [])

    def test_headers_are_included_once(self):
        bare = [str(p.relative_to(SRC)) for p in self.sources()
                if p.suffix == ".h" and "#pragma once" not in p.read_text()]
        self.assertEqual(bare, [])


if __name__ == "__main__":
    unittest.main()
