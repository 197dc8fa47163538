"""Tests packaging/migrate/compare, which says what a move from another exporter would break."""
import http.server
import os
import subprocess
import sys
import threading
import unittest

from harness import Case, Daemon, eventually

COMPARE = os.path.join(os.path.dirname(__file__), "../../packaging/migrate/compare")
OLD = """# HELP a_total Things.
# TYPE a_total counter
a_total{x="1",y="q\\"{,} \\\\"} 5
a_total{x="2"} 6
# TYPE b gauge
b 1.5
# TYPE gone gauge
gone{i="1"} 1
gone{i="2"} NaN
# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="+Inf"} 2
h_sum 3
h_count 2
go_goroutines 7
"""


class Answers(http.server.BaseHTTPRequestHandler):
    """Serves the next of a list of texts at each request, and at last the last one."""
    texts = []

    def do_GET(self):
        text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments):
        pass


class CompareTest(Case):
    def compare(self, old, new, *options):
        """-> the exit status and the lines of the output."""
        done = subprocess.run([sys.executable, COMPARE, old, new, *options], capture_output=True, text=True)
        return done.returncode, (done.stdout + done.stderr).splitlines()

    def files(self, old, new, *options):
        return self.compare(self.file("old.prom", old), self.file("new.prom", new), *options)

    def test_the_order_of_lines_and_labels_does_not_matter(self):
        new = OLD.replace('x="1",y="q\\"{,} \\\\"', 'y="q\\"{,} \\\\", x="1", empty=""').replace("Things.", "Other things.")
        blocks = new.split("# TYPE b gauge\n")
        code, lines = self.files(OLD, "# TYPE b gauge\n" + blocks[1] + blocks[0] + "more 1\n")
        self.assertEqual((code, lines), (0, ["0 differences that break, 9 series equal, 0 moving gauges not compared"]))

    def test_names_all_that_would_break(self):
        new = OLD.replace('a_total{x="2"} 6\n', "").replace("b gauge", "b counter").replace("b 1.5", "b 1.6").replace('le="1"} 1', 'le="1"} 2')
        new = new.replace('gone{i="1"} 1\ngone{i="2"} NaN\n', "").replace("go_goroutines 7\n", "")
        code, lines = self.files(OLD, new)
        self.assertEqual(code, 1)
        self.assertEqual(lines[:-1], ['lost series a_total{x="2"} = 6', "type b: gauge, counter", "value b: 1.5, 1.6000000000000001",
                                      "lost family gone: 2 series", 'value h_bucket{le="1"}: 1, 2'])
        self.assertNotIn("value b", "".join(self.files(OLD, new, "--no-values")[1]))
        self.assertEqual(self.files(OLD, new, "--include", "^go_", "--exclude", "^no")[1][0], "lost family go_goroutines: 1 series")

    def test_what_is_new_and_texts_are_shown_on_request(self):
        code, lines = self.files(OLD, OLD.replace("Things.", "Others.") + 'b{x="1"} 2\nc 3\n', "--more", "--help-texts")
        self.assertEqual((code, lines[:-1]), (0, ["help a_total: Things. | Others.", 'more series b{x="1"} = 2', "more family c: 1 series"]))

    def test_what_moves_between_two_answers_must_lie_between(self):
        again = OLD.replace('"2"} 6', '"2"} 8').replace("b 1.5", "b 2").replace('gone{i="1"} 1\n', "")
        for value, code in (("6", 0), ("7", 0), ("8", 0), ("5", 1), ("9", 1)):
            new = OLD.replace('"2"} 6', f'"2"}} {value}').replace("b 1.5", "b 9").replace('gone{i="1"} 1\n', "")
            self.assertEqual(self.files(OLD, new, "--again", self.file("again.prom", again))[0], code, value)

    def test_asks_an_address_before_and_after(self):
        Answers.texts = ["a_total 1\n# TYPE a_total counter\n", "a_total 3\n# TYPE a_total counter\n"]
        with http.server.HTTPServer(("127.0.0.1", 0), Answers) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            code, lines = self.compare(f"http://127.0.0.1:{server.server_port}/metrics", self.file("new.prom", "a_total 2\n# TYPE a_total counter\n"),
                                       "--wait", "0")
            server.shutdown()
        self.assertEqual((code, lines[0]), (0, "0 differences that break, 1 series equal, 0 moving gauges not compared"))

    def test_the_daemon_equals_itself(self):
        with Daemon("--collector.disable-defaults", "--collector.uname", "--collector.stat") as daemon:
            eventually("the daemon is ready", lambda: daemon.get("/-/ready")[0] == 200)
            address = f"http://{daemon.address}/metrics"
            code, lines = self.compare(address, address, "--include", "^node_(uname|boot)", "--wait", "0")
        self.assertEqual(code, 0, lines)
        self.assertRegex(lines[-1], "^0 differences that break, 2 series equal")

    def test_what_cannot_be_read_is_an_error(self):
        good = self.file("good.prom", "a 1\n")
        for bad in ("/nowhere.prom", "http://127.0.0.1:1/metrics", self.file("bad.prom", "a{b=c} 1\n"), self.file("page.prom", "<html>\n")):
            code, lines = self.compare(good, bad)
            self.assertEqual(code, 2, bad)
            self.assertEqual(len(lines), 1)
            self.assertIn(bad, lines[0])
        self.assertEqual(self.compare(good, good, "--include", "(")[0], 2)


if __name__ == "__main__":
    unittest.main()
