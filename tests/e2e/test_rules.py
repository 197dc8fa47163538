"""Tests rules with the whole daemon, and with a real Alertmanager where Debian's is installed."""
import json
import shutil
import socket
import subprocess
import unittest

from harness import Case, Daemon, eventually, fetch, run

RULES = """groups:
- name: host
  interval: 1s
  rules:
  - {record: "host:memory:used", expr: 1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes}
  - alert: Used
    expr: host:memory:used > 0
    affects: ready
    labels: {severity: page}
    annotations: {summary: "{{ $value }} of memory is used"}
"""


class RulesTest(Case):
    def test_a_firing_alert_is_seen_everywhere(self):
        with Daemon("--rules.files=" + self.file("rules.yml", RULES)) as daemon:
            series = 'ALERTS{alertname="Used",alertstate="firing",severity="page"}'
            eventually("the alert fires", lambda: daemon.metrics().get(series) == 1)
            status, _, body = daemon.get("/api/v1/alerts")
            self.assertEqual(status, 200)
            self.assertEqual(json.loads(body)["data"]["alerts"][0]["state"], "firing")
            self.assertEqual(daemon.get("/-/ready")[0], 503)
            self.assertEqual(daemon.get("/health")[0], 200)

    def test_a_fault_has_its_place_and_a_caret(self):
        path = self.file("rules.yml", RULES.replace("> 0", "> bool_or(0)"))
        result = run("--config.check", "--rules.files=" + path)
        self.assertEqual(result.returncode, 2)
        self.assertIn(f"{path}:7:30: the expression: unknown function 'bool_or'", result.stderr)
        self.assertIn("\n" + " " * 33 + "^\n", result.stderr)

    @unittest.skipUnless(shutil.which("prometheus-alertmanager"), "prometheus-alertmanager is not installed")
    def test_a_real_alertmanager_has_the_alert(self):
        config = self.file("alertmanager.yml", "route: {receiver: none}\nreceivers: [{name: none}]\n")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % free.getsockname()[1]
        manager = subprocess.Popen(["prometheus-alertmanager", "--config.file=" + config, "--web.listen-address=" + address,
                                    "--storage.path=" + self.directory, "--cluster.listen-address="], stderr=subprocess.DEVNULL)
        self.addCleanup(manager.wait)
        self.addCleanup(manager.kill)
        with Daemon("--rules.files=" + self.file("rules.yml", RULES), "--alertmanager.urls=http://" + address,
                    "--external-labels=cluster=eu"):
            def alerts():
                try:
                    return json.loads(fetch(address, "/api/v2/alerts")[2])
                except (OSError, ValueError):
                    return None
            found = eventually("the Alertmanager has it", alerts)
            self.assertEqual(found[0]["labels"], {"alertname": "Used", "severity": "page", "cluster": "eu"})
            self.assertRegex(found[0]["annotations"]["summary"], "of memory is used")


if __name__ == "__main__":
    unittest.main()
