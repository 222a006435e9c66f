#!/usr/bin/env python3
"""deploy/alerts.yml: what its alarms say of histories, of a real server and its end, and that docs/operations.md has the same."""
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

from support.api import Api
from support.server import ROOT, Server, free_port

sys.path.insert(0, str(ROOT / "tools"))
from cluster_kit.host import Host  # noqa: E402
from cluster_kit.prometheus import RULES, Prometheus  # noqa: E402
from cluster_kit.wait import until  # noqa: E402

METRIC = re.compile(r"\b(?:tidings|process)_[a-z_]+\b")
# Of Cassandra and of the notification workers of a cluster: a server that is all in one has none of them.
ONLY_OF_A_CLUSTER = {"tidings_clock_ahead_seconds", "tidings_remote_failed_total"}


def rules():
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


class Rules(unittest.TestCase):
    def promtool(self, *words):
        done = subprocess.run(["promtool", *words], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_prometheus_accepts_them(self):
        self.promtool("check", "rules", RULES)

    def test_they_say_of_each_history_what_they_should(self):
        self.promtool("test", "rules", ROOT / "tests/alerts/cases.yml")

    def test_the_table_for_people_has_the_same_in_the_same_order(self):
        text = (ROOT / "docs/operations.md").read_text()
        table = [re.split(r" (?<!\\)\| ", row) for row in re.findall(r"(?m)^\| (Tidings\w+ \| .*) \|$", text)]
        self.assertEqual([[cell.replace("\\|", "|") for cell in row] for row in table],
                         [[rule["alert"], f"`{rule['expr']}`", rule.get("for", "at once"), rule["annotations"]["summary"]]
                          for rule in rules()])


class ARealServer(unittest.TestCase):
    def test_it_has_all_that_the_alarms_ask_for_sets_off_none_of_them_and_is_missed_when_it_is_gone(self):
        here = Host("127.0.0.1")
        with Server() as server, tempfile.TemporaryDirectory() as directory:
            Api(server.url).sign_up("alice")
            asked = Prometheus("prometheus", here, directory, free_port(),
                               {"tidings": [("serve", f"127.0.0.1:{server.admin_port}")]}, owned=True)
            try:
                asked.start()
                asked.wait_ready()
                until(lambda: asked.query("tidings_ready"), 60, "it was not asked")
                wanted = {name for rule in rules() for name in METRIC.findall(rule["expr"])}
                sources = "".join(path.read_text() for path in (ROOT / "src/app").glob("*.cpp"))
                for name in sorted(wanted):
                    with self.subTest(name):
                        self.assertTrue(asked.query(name) if name not in ONLY_OF_A_CLUSTER else f'"{name}"' in sources)

                until(lambda: all(rule["health"] == "ok" for rule in asked.alarms().values()), 60, "rules were not looked at")
                # It may have looked before it asked for the first time.
                until(lambda: all(rule["state"] == "inactive" for rule in asked.alarms().values()), 60, "one is set off")
                server.kill()
                until(lambda: asked.alarms()["TidingsGone"]["state"] != "inactive", 60, "nobody misses it")
            finally:
                asked.kill()


if __name__ == "__main__":
    unittest.main()
