"""Tests that a real Prometheus scrapes the daemon, and that promtool accepts its exposition."""
import os
import re
import shutil
import signal
import subprocess
import sys
import unittest

from harness import Case, Daemon, PATIENCE, Prometheus, eventually, run

# For some collectors, a series that Prometheus must have on every machine that runs the tests; the others need only report
# their success.
QUERIES = {
    "cgroups": "vitalsd_cgroups",
    "cpu": 'node_cpu_seconds_total{cpu="0",mode="idle"}',
    "entropy": "node_entropy_available_bits",
    "filefd": "node_filefd_maximum",
    "loadavg": "node_load1",
    "meminfo": "node_memory_MemTotal_bytes",
    "netdev": 'node_network_receive_bytes_total{device="lo"}',
    "os": "node_os_info",
    "pressure": "node_pressure_cpu_waiting_seconds_total",
    "process_groups": 'namedprocess_namegroup_num_procs{groupname="python3"} > 0',
    "self": "process_resident_memory_bytes",
    "stat": "node_context_switches_total",
    "targets": 'vitalsd_target_up{target="me"}',
    "time": "node_time_seconds",
    "uname": "node_uname_info",
    "uptime": "vitalsd_uptime_seconds",
    "vmstat": "node_vmstat_pgfault",
    "filesystem": "node_filesystem_size_bytes",
    "netclass": 'node_network_up{device="lo"}',
    "netstat": "node_netstat_Tcp_InSegs",
    "selinux": "node_selinux_enabled",
    "sockstat": "node_sockstat_TCP_inuse",
    "softnet": "node_softnet_processed_total",
    "textfile": "node_textfile_scrape_error",
    "timex": "node_timex_sync_status",
    "udp_queues": "node_udp_queues",
}
# promtool's complaints about node_exporter's names, which are kept as they are.
KNOWN_LINT = re.compile(r"^node_\S+ ")


class PrometheusTest(Case):
    def test_every_collector_arrives(self):
        enabled = {line.split()[0] for line in run("--collectors").stdout.splitlines() if line.split()[1] == "on"}
        with Daemon(f"--collector.targets.watch=me:pid={os.getpid()}", "--collector.process_groups.procnames=python3",
                    "--collector.cgroups") as daemon:
            daemon.ready()
            with Prometheus(self, daemon) as prometheus:
                query = prometheus.result
                eventually("up is 1", lambda: any(r["value"][1] == "1" for r in query('up{job="vitalsd"}')), 2 * PATIENCE)
                for collector, text in QUERIES.items():
                    with self.subTest(collector=collector):
                        eventually(text, lambda: query(text))
                ran = {r["metric"]["collector"] for r in query("vitalsd_collector_success")}
                self.assertLessEqual(enabled, ran)
                failed = {r["metric"]["collector"] for r in query("vitalsd_collector_success == 0")}
                self.assertEqual(failed, set())

    def test_the_last_scrape_sees_the_last_value(self):
        opener = "import os, sys; print(flush=True); sys.stdin.readline(); [os.dup(0) for _ in range(50)]; print(flush=True); sys.stdin.readline()"
        app = subprocess.Popen([sys.executable, "-c", opener], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(app.communicate, "\n\n")
        app.stdout.readline()
        flags = (f"--collector.targets.watch=app:pid={app.pid}", "--collector.targets.interval=1h", "--shutdown.hold-for-scrape=1h")
        with Daemon(*flags, "--collector.targets.fresh=1h") as daemon, Prometheus(self, daemon) as prometheus:
            descriptors = 'last_over_time(vitalsd_target_open_fds{target="app"}[5m])'

            def value():
                found = prometheus.result(descriptors)
                return float(found[0]["value"][1]) if found else None
            before = eventually("it is scraped", value)
            app.stdin.write("\n")
            app.stdin.flush()
            app.stdout.readline()
            self.assertEqual(value(), before)  # the next run is an hour away
            daemon.send(signal.SIGTERM)
            self.assertEqual(daemon.process.wait(PATIENCE), 0)
            eventually("the last value is there", lambda: value() == before + 50)

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
        self.assertIn(done.returncode, (0, 3))  # 3: only lint


if __name__ == "__main__":
    unittest.main()
