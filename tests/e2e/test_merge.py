"""Tests the collector merge in the real daemon: other endpoints on its port, and an exposition that stays valid."""
import http.server
import subprocess
import threading
import unittest

from harness import PATIENCE, Case, Daemon, eventually, fetch

ON = ("--collector.disable-defaults", "--collector.loadavg", "--collector.self")
TEXT = """# HELP app_requests_total Requests.
# TYPE app_requests_total counter
app_requests_total{code="200"} 7
# TYPE node_load1 gauge
node_load1 99
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 3
"""


class Source(http.server.ThreadingHTTPServer):
    """Serves `text`; counts how often it was asked."""

    def __init__(self, case, text):
        self.text = text
        super().__init__(("127.0.0.1", 0), Answers)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        case.addCleanup(self.server_close)
        case.addCleanup(self.shutdown)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/metrics"


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = self.server.text
        self.send_response(200 if text else 500)
        self.end_headers()
        self.wfile.write((text or "").encode())

    def log_message(self, *arguments):
        pass


class MergeTest(Case):
    def config(self, *sources):
        return self.file("vitalsd.yml", "collectors:\n  merge:\n    sources:\n" + "".join(f"      - {source}\n" for source in sources))

    def promtool(self, daemon):
        done = subprocess.run(["promtool", "check", "metrics"], input=fetch(daemon.address, "/metrics")[2], capture_output=True, timeout=PATIENCE)
        self.assertNotIn(done.returncode, (1, 2), done.stderr.decode())  # 3: of style alone

    def test_series_pass_and_end_with_their_source(self):
        source = Source(self, TEXT)
        config = self.config(f"{{name: app, target: '{source.url}', interval: 1s}}")
        with Daemon(*ON, f"--config.file={config}") as daemon:
            metrics = eventually("it is merged", lambda: (m := daemon.metrics()).get('app_requests_total{code="200",source="app"}') == 7 and m)
            self.assertEqual(metrics['process_cpu_seconds_total{source="app"}'], 3)
            self.assertIn("process_cpu_seconds_total", metrics)
            self.assertNotIn('node_load1{source="app"}', metrics)
            self.assertEqual(metrics['vitalsd_merge_left_out_series{source="app",reason="own_name"}'], 1)
            self.promtool(daemon)
            source.text = ""
            gone = eventually("it is gone", lambda: (m := daemon.metrics()).get('vitalsd_merge_up{source="app"}') == 0 and m)
            self.assertNotIn('app_requests_total{code="200",source="app"}', gone)
            source.text = TEXT
            eventually("it is there again", lambda: daemon.metrics().get('app_requests_total{code="200",source="app"}') == 7)
            self.assertEqual(daemon.end(), 0)

    def test_a_textfile_that_comes_later_wins(self):
        source = Source(self, "# TYPE late gauge\nlate 1\n")
        config = self.config(f"{{name: app, target: '{source.url}', interval: 1s}}")
        textfiles = self.file("textfiles/none.txt", "")[:-len("/none.txt")]
        with Daemon(*ON, "--collector.textfile", f"--collector.textfile.directory={textfiles}", f"--config.file={config}") as daemon:
            eventually("it is merged", lambda: daemon.metrics().get('late{source="app"}') == 1)
            self.file("textfiles/late.prom", "# TYPE late counter\nlate 2\n")
            metrics = eventually("the file is read", lambda: (m := daemon.metrics()).get("late") == 2 and m)
            self.assertNotIn('late{source="app"}', metrics)
            self.assertEqual(daemon.end(), 0)


if __name__ == "__main__":
    unittest.main()
