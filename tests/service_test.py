#!/usr/bin/env python3
"""deploy/tidings.service: systemd and the program accept it, and docs/operations.md names what the program needs."""
import configparser
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from support.server import PROGRAM, ROOT

UNIT = ROOT / "deploy/tidings.service"
INSTALLED = "/usr/local/bin/tidings"


class Unit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        unit = configparser.ConfigParser(interpolation=None, strict=True)
        unit.optionxform = str
        unit.read(UNIT)
        cls.service = unit["Service"]

    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd here")
    def test_systemd_accepts_it(self):
        with tempfile.TemporaryDirectory() as directory:
            copy = pathlib.Path(directory, UNIT.name)
            copy.write_text(UNIT.read_text().replace(INSTALLED, PROGRAM))
            done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_program_accepts_its_command_and_keeps_its_data_where_the_service_may_write(self):
        words = shlex.split(self.service["ExecStart"])
        self.assertEqual(words[0], INSTALLED)
        done = subprocess.run([PROGRAM, *words[1:], "--print-config"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f'data = "/var/lib/{self.service["StateDirectory"]}/', done.stdout)

    def test_its_files_are_enough_for_all_connections(self):
        done = subprocess.run([PROGRAM, "serve", "--print-config"], capture_output=True, text=True, check=True)
        connections = int(re.search(r"(?m)^connections-max = (\d+)$", done.stdout)[1])
        self.assertGreater(int(self.service["LimitNOFILE"]), connections + 2_000)

    def test_what_is_of_no_use_to_try_again_is_not(self):
        never = self.service["RestartPreventExitStatus"].split()
        with tempfile.TemporaryDirectory() as directory:
            wrong = subprocess.run([PROGRAM, "serve", "--data", directory, "--durability", "maybe"], capture_output=True)
            pathlib.Path(directory, "FORMAT").write_text("tidings store 2\n")
            damaged = subprocess.run([PROGRAM, "serve", "--data", directory], capture_output=True, text=True)
        self.assertIn("damaged", damaged.stderr)
        self.assertEqual({str(wrong.returncode), str(damaged.returncode)}, set(never))


class Packages(unittest.TestCase):
    @unittest.skipUnless(shutil.which("dpkg"), "this is not Debian")
    def test_the_document_names_the_package_of_every_library(self):
        needed = re.findall(r"NEEDED +(\S+)", subprocess.run(["objdump", "-p", PROGRAM], capture_output=True, text=True,
                                                            check=True).stdout)
        found = dict(re.findall(r"(\S+) => (\S+)", subprocess.run(["ldd", PROGRAM], capture_output=True, text=True, check=True).stdout))
        packages = set()
        for name in needed:
            if name in found:
                # dpkg knows a file by the path at which it was packed, before /lib became a link.
                path = os.path.realpath(found[name])
                owner = next(out for out in (subprocess.run(["dpkg", "-S", one], capture_output=True, text=True).stdout
                                             for one in (path, path.removeprefix("/usr"))) if out)
                packages.add(owner.partition(":")[0])
        text = (ROOT / "docs/operations.md").read_text()
        named = re.search(r"apt-get install ((?:\\\n|[^#\n])*)", text)[1].replace("\\\n", " ").split()
        # libc and gcc's own are on every Debian.
        self.assertEqual(packages - {"libc6", "libgcc-s1"}, set(named))


if __name__ == "__main__":
    unittest.main()
