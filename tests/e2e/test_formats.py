"""Each form of the exposition, scraped by a real Prometheus; and what the daemon remembers."""
import json
import os
import subprocess
import sys
import unittest

from harness import Case, Daemon, PATIENCE, Prometheus, eventually

PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
OPENMETRICS = "application/openmetrics-text;version=1.0.0"


def burner():
    return subprocess.Popen([sys.executable, "-c", "while True: pass"])


class FormatsTest(Case):
    def test_what_is_asked_for_is_answered(self):
        with Daemon() as daemon:
            daemon.ready()
            for accept, kind, beginning in (
                    ("*/*", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", b"# HELP "),
                    ("text/plain;version=1.0.0;escaping=allow-utf-8", "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8", b"# HELP "),
                    (OPENMETRICS, "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores", b"# HELP "),
                    (f"{PROTOBUF},{OPENMETRICS};q=0.5",
                     "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores", None)):
                with self.subTest(accept=accept):
                    status, headers, body = daemon.get(headers={"Accept": accept})
                    self.assertEqual((status, headers["Content-Type"]), (200, kind))
                    if beginning:
                        self.assertTrue(body.startswith(beginning))
                        self.assertEqual(body.endswith(b"# EOF\n"), "openmetrics" in accept)

    def test_prometheus_takes_each(self):
        for features in ((), ("--enable-feature=native-histograms",)):
            with self.subTest(features=features):
                flags = ("--collector.process_groups.procnames=python3", "--collector.process_groups.histograms", "--collector.defaults.interval=1s")
                burning = burner()
                try:
                    with Daemon(*flags) as daemon:
                        daemon.ready()
                        # 2.42 asks for protobuf first where it takes native histograms, else for OpenMetrics.
                        with Prometheus(self, daemon, flags=features) as prometheus:
                            eventually("up is 1", lambda: any(r["value"][1] == "1" for r in prometheus.result('up{job="vitalsd"}')), 2 * PATIENCE)
                            eventually("no error", lambda: [t["lastError"] for t in prometheus.ask("/api/v1/targets").get("data", {}).get("activeTargets", [])] == [""])
                            eventually("a counter", lambda: prometheus.result('node_cpu_seconds_total{cpu="0",mode="idle"}'))
                            eventually("a gauge", lambda: prometheus.result("node_load1"))
                            eventually("one that is unknown", lambda: prometheus.result("node_vmstat_pgfault"))
                            metadata = eventually("metadata", lambda: prometheus.ask("/api/v1/metadata?metric=node_load1").get("data"))
                            self.assertEqual(metadata["node_load1"][0]["type"], "gauge")
                            name = "vitalsd_process_cpu_usage_cores"
                            if features:
                                eventually("a native histogram", lambda: prometheus.result(f"histogram_count({name}) > 0"))
                                found = prometheus.result(f"histogram_quantile(0.99, {name})")
                                self.assertGreater(float(found[0]["value"][1]), 0)
                            else:
                                eventually("classic buckets", lambda: prometheus.result(f'{name}_bucket{{le="+Inf"}} > 0'))
                finally:
                    burning.kill()
                    burning.wait()


class HistoryTest(Case):
    def test_the_last_minutes_are_remembered_at_full_resolution(self):
        with Daemon("--collector.loadavg.interval=100ms", "--reports.keep=0", "--history.families=node_uname_info") as daemon:
            daemon.ready()

            def ask(query):
                status, _, body = daemon.get("/api/v1/history?" + query)
                self.assertEqual(status, 200, body)
                return json.loads(body)["data"]["series"]
            def points():
                found = ask("match=node_load1&step=100ms&from=-60")
                return found[0]["points"] if found else []
            eventually("more than a scrape in 5 s would see", lambda: len(points()) > 20)
            self.assertEqual({len(point) for point in points()}, {4})
            cpus = os.cpu_count()
            self.assertEqual(len(ask("match=node_cpu_seconds_total%7Bmode%3D%22idle%22%7D")), cpus)
            self.assertTrue(ask("match=node_uname_info"))
            listed = json.loads(daemon.get("/api/v1/series")[2])["data"]
            self.assertIn("node_memory_MemAvailable_bytes", [series["name"] for series in listed["series"]])
            self.assertEqual(daemon.get("/api/v1/history")[0], 400)
            self.assertEqual(daemon.get("/api/v1/history?match=node_load1&step=1ms")[0], 422)


if __name__ == "__main__":
    unittest.main()
