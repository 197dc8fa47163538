"""A real Prometheus scrapes the daemon; promtool reads what it says."""
import json
import os
import re
import shutil
import socket
import subprocess
import unittest
import urllib.parse

from harness import Case, Daemon, PATIENCE, eventually, fetch, run

# One series that each collector must have put into Prometheus on any Linux machine.
QUERIES = {
    "cpu": 'node_cpu_seconds_total{cpu="0",mode="idle"}',
    "entropy": "node_entropy_available_bits",
    "filefd": "node_filefd_maximum",
    "loadavg": "node_load1",
    "meminfo": "node_memory_MemTotal_bytes",
    "netdev": 'node_network_receive_bytes_total{device="lo"}',
    "os": "node_os_info",
    "pressure": "node_pressure_cpu_waiting_seconds_total",
    "self": "process_resident_memory_bytes",
    "stat": "node_context_switches_total",
    "targets": 'vitalsd_target_up{target="me"}',
    "time": "node_time_seconds",
    "uname": "node_uname_info",
    "uptime": "vitalsd_uptime_seconds",
    "vmstat": "node_vmstat_pgfault",
}
# What promtool says of node_exporter's own names, which are kept as they are.
KNOWN_LINT = re.compile(r"^node_\S+ ")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class PrometheusTest(Case):
    def test_every_collector_arrives(self):
        prometheus = shutil.which("prometheus")
        self.assertTrue(prometheus, "install the package prometheus (./dev deps test)")
        names = {line.split()[0] for line in run("--collectors").stdout.splitlines()}
        self.assertEqual(names, set(QUERIES), "each collector needs a query here")
        with Daemon(f"--collector.targets.watch=me:pid={os.getpid()}") as daemon:
            daemon.ready()
            port = free_port()
            config = self.file("prometheus.yml", "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
                               f"- job_name: vitalsd\n  static_configs: [{{targets: ['{daemon.address}']}}]\n")
            server = subprocess.Popen([prometheus, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}",
                                       f"--storage.tsdb.path={self.directory}/data", "--log.level=error"])
            try:
                def query(text):
                    try:
                        _, _, body = fetch(f"127.0.0.1:{port}", "/api/v1/query?query=" + urllib.parse.quote(text))
                        return json.loads(body)["data"]["result"]
                    except (OSError, ValueError, KeyError):
                        return []
                eventually("up is 1", lambda: any(r["value"][1] == "1" for r in query('up{job="vitalsd"}')), 2 * PATIENCE)
                for collector, text in QUERIES.items():
                    with self.subTest(collector=collector):
                        eventually(text, lambda: query(text))
                failed = {r["metric"]["collector"] for r in query("vitalsd_collector_success == 0")}
                self.assertEqual(failed, set())
            finally:
                server.terminate()
                server.wait()

    def test_promtool_finds_nothing_but_the_neighbours_own(self):
        promtool = shutil.which("promtool")
        self.assertTrue(promtool, "install the package prometheus (./dev deps test)")
        with Daemon(f"--collector.targets.watch=me:pid={os.getpid()}", "--collector.cpu.info") as daemon:
            daemon.ready()
            daemon.get("/health")
            body = daemon.get()[2]
        done = subprocess.run([promtool, "check", "metrics"], input=body, capture_output=True)
        complaints = [line for line in done.stderr.decode().splitlines() if not KNOWN_LINT.match(line)]
        self.assertEqual(complaints, [])
        self.assertIn(done.returncode, (0, 3))  # 3: lint alone


if __name__ == "__main__":
    unittest.main()
