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
# Libraries that only some rooms may know: what their headers begin with, and what docs/architecture.md calls them.
LIBRARY_ROOMS = {
    "rocksdb/": ("that library", {"adapters/rocks"}),
    "sodium": ("libsodium", {"adapters/sodium", "base"}),
    "xxhash": ("xxHash", {"model", "roles/api"}),
    "boost/asio": ("Asio", {"net"}),
    "boost/beast": ("Beast", set()),
    "boost/json": ("Boost.JSON", set()),
    "boost/uuid": ("Boost.Uuid", {"base"}),
    "openssl/": ("OpenSSL", {"net"}),
    "spdlog/": ("spdlog", {"base"}),
    "prometheus/": ("prometheus-cpp", {"app"}),
    "CLI/": ("CLI11", {"app"}),
    "toml++/": ("toml++", {"app"}),
    "rust/": ("cxx", {"bridge"}),
    "tidings-driver/": ("cxx", {"bridge"}),
}
DOCUMENT = SRC.parent / "docs/architecture.md"
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
                    for library, (_, rooms) in LIBRARY_ROOMS.items():
                        if name.startswith(library) and room not in rooms:
                            wrong.append(f"{relative} includes <{name}>")
        self.assertEqual(wrong, [])

    def table(self):
        """The rows of the document: what each room holds, and the words of what it may include."""
        rows = re.findall(r"(?m)^\| `([a-z]+)(?:/<\w+>)?` \| (.*) \| (.*) \|$", DOCUMENT.read_text().partition("## One core")[0])
        return {room: (holds, re.split(r", (?:which .* is )?", words)) for room, holds, words in rows}

    def test_the_table_for_people_says_the_same(self):
        table = self.table()
        self.assertEqual(sorted(table), sorted(MAY_INCLUDE))
        for room, (_, words) in table.items():
            allowed = set() if room == "app" else MAY_INCLUDE[room].union(
                *(also for one, also in ALSO_INCLUDE.items() if one.startswith(room)))
            libraries = {name for name, rooms in LIBRARY_ROOMS.values() if room in {one.partition("/")[0] for one in rooms}}
            if room == "adapters":
                libraries = {"that library"}
            own = {"base": {"std"}, "app": {"everything"}}.get(room, set())
            self.assertEqual(set(words), allowed | libraries | own, room)

    def test_the_table_for_people_names_every_adapter_and_role(self):
        table = self.table()
        for kind in ("adapters", "roles"):
            named = set(re.findall(r"[a-z]+", table[kind][0]))
            there = {folder.name for folder in (SRC / kind).iterdir() if folder.is_dir()}
            self.assertEqual(there - named, set())

    def test_a_room_that_may_know_a_library_does(self):
        for library, (_, rooms) in LIBRARY_ROOMS.items():
            for room in rooms:
                texts = (p.read_text() for p in (SRC / room).glob("*.*") if p.suffix in (".h", ".cpp"))
                self.assertTrue(any(f"<{library}" in text for text in texts), f"{room} does not include <{library}>")

    def test_every_room_opens_with_a_readme(self):
        rooms = {room_of(p.relative_to(SRC)) for p in self.sources()}
        self.assertEqual([r for r in sorted(rooms) if not (SRC / r / "README.md").exists()], [])

    def test_headers_are_included_once(self):
        bare = [str(p.relative_to(SRC)) for p in self.sources()
                if p.suffix == ".h" and "#pragma once" not in p.read_text()]
        self.assertEqual(bare, [])


if __name__ == "__main__":
    unittest.main()
