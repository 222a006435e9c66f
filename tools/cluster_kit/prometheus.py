"""Prometheus, which asks everything that tells about itself, and has the alarms of deploy/alerts.yml."""
import json
import urllib.parse
import urllib.request

from .paths import ROOT
from .process import Process, answers_ok

CONFIG = """\
global:
  scrape_interval: 2s
  evaluation_interval: 2s
rule_files: ["{rules}"]
scrape_configs:
"""
RULES = ROOT / "deploy/alerts.yml"
JOB = """\
  - job_name: {job}
    static_configs:
"""
TARGET = """\
      - targets: ["{address}"]
        labels: {{instance: "{name}"}}
"""


class Prometheus(Process):
    """`jobs` names for each kind of server whom to ask: (name, HOST:PORT)."""

    ready_s = 30

    def __init__(self, name, host, directory, port, jobs, **options):
        super().__init__(name, host, directory, **options)
        self.port = port
        self.jobs = jobs

    @property
    def address(self):
        return f"{self.host.ip}:{self.port}"

    @property
    def url(self):
        return f"http://{self.address}"

    def prepare(self):
        text = CONFIG.format(rules=RULES)
        for job, targets in self.jobs.items():
            text += JOB.format(job=job) + "".join(TARGET.format(name=name, address=address) for name, address in targets)
        (self.directory / "prometheus.yml").write_text(text)

    def command(self):
        return ["prometheus", f"--config.file={self.directory}/prometheus.yml",
                f"--storage.tsdb.path={self.directory}/data", "--storage.tsdb.retention.time=7d",
                f"--web.listen-address={self.address}", "--log.level=warn"]

    def is_ready(self):
        return answers_ok(f"{self.url}/-/ready")

    def query(self, expression):
        """What an expression is now: a list of (labels, value)."""
        found = self._ask("query", query=expression)["result"]
        return [(one["metric"], float(one["value"][1])) for one in found]

    def alarms(self):
        """Every rule of RULES by its name, as Prometheus' own API has it: `query`, `state`, `health`, …"""
        return {rule["name"]: rule for group in self._ask("rules")["groups"] for rule in group["rules"]}

    def _ask(self, what, **parameters):
        with urllib.request.urlopen(f"{self.url}/api/v1/{what}?{urllib.parse.urlencode(parameters)}", timeout=10) as answer:
            return json.load(answer)["data"]
