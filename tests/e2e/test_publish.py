"""Tests publishing: pushed series appear as in a Pushgateway, completely or not at all, however the daemon ends."""
import gzip
import http.client
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

from harness import PATIENCE, Case, Daemon, eventually, fetch, free_port, parse, run

ON = ("--publish.enabled", "--collector.disable-defaults", "--collector.loadavg")


def send(address, path, body=b"", method="PUT", headers=None):
    """-> status and text of the response."""
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def pushed(address):
    """The series of pushed groups with sorted labels, without the times of pushes and the server's own series."""
    series = {in_order(name): value for name, value in parse(fetch(address, "/metrics")[2].decode()).items()}
    return {name: value for name, value in series.items() if 'job="' in name and not name.startswith("push_")}


def in_order(series):
    name, brace, labels = series.partition("{")
    return name + brace + ",".join(sorted(re.findall(r'\w+="(?:[^"\\]|\\.)*"', labels))) + ("}" if brace else "")


class PublishTest(Case):
    def daemon(self, *arguments, state=True, **more):
        if state:
            arguments = (f"--path.state={self.directory}/state", *arguments)
        return Daemon(*ON, *arguments, **more)

    def left(self):
        return sorted(os.listdir(f"{self.directory}/state/publish")), os.listdir(f"{self.directory}/state/publish/tmp")

    def promtool(self, daemon):
        text = fetch(daemon.address, "/metrics")[2]
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=PATIENCE)
        self.assertNotIn(done.returncode, (1, 2), done.stderr.decode())  # 3: of style alone

    def test_off_by_default(self):
        with Daemon("--collector.disable-defaults", "--collector.loadavg") as daemon:
            self.assertEqual(send(daemon.address, "/metrics/job/a", b"m 1\n")[0], 404)
            self.assertEqual(send(daemon.address, "/api/v1/publish/a", b"m 1\n")[0], 404)

    def test_put_replaces_post_merges_delete_removes(self):
        with self.daemon() as daemon:
            at = daemon.address
            self.assertEqual(send(at, "/api/v1/publish/j/host/h", b"# TYPE m counter\nm 1\nn 2\n"), (200, ""))
            self.assertEqual(pushed(at), {'m{host="h",instance="",job="j"}': 1, 'n{host="h",instance="",job="j"}': 2})
            self.assertEqual(send(at, "/metrics/job/j/host/h", b"n{a=\"1\"} 3\no 4\n", "POST"), (200, ""))
            self.assertEqual(pushed(at), {'m{host="h",instance="",job="j"}': 1, 'n{a="1",host="h",instance="",job="j"}': 3,
                                          'o{host="h",instance="",job="j"}': 4})
            self.assertEqual(send(at, "/metrics/job/j", b"m 5\n")[0], 400)  # of another type
            self.assertEqual(send(at, "/metrics/job/j/host/h", b"m 6\n")[0], 200)
            self.assertEqual(pushed(at), {'m{host="h",instance="",job="j"}': 6})
            self.promtool(daemon)
            self.assertEqual(send(at, "/metrics/job/j/host/h", b"ignored", "DELETE"), (202, ""))
            self.assertEqual(send(at, "/metrics/job/never", b"", "DELETE"), (202, ""))
            self.assertEqual(pushed(at), {})
            self.assertEqual(fetch(at, "/metrics/job/j")[0], 405)
            self.assertEqual(self.left(), (["group-2", "tmp"], []))  # of the push of another type: its time

    def test_a_bad_body_changes_nothing(self):
        with self.daemon("--publish.max-series=1000", "--publish.max-size=500k") as daemon:
            at = daemon.address
            send(at, "/metrics/job/j", b"m 1\n")
            for status, text, body in [
                (400, "line 2, column 3", b"m 2\nn x\n"), (400, "line 1, column 6: no UTF-8 text", b"m{a=\"\xff\"} 1\n"),
                (400, "line 1, column 2: a NUL", b"m\0 1\n"), (400, "line 2, column 1: the same series twice", b"m 2\nm 3\n"),
                (400, "line 1, column 5: pushed metrics must not have timestamps", b"m 2 1700000000\n"),
                (400, "line 2, ", b"# TYPE m gauge\n# TYPE m counter\nm 1\n"), (400, "line 1, column 4", b"m 2"),
                (400, "node_load1 is a family of the daemon's own", b"# TYPE node_load1 gauge\nnode_load1 2\n"),
                (400, "node_load1 is", b"# TYPE node_load1 counter\nnode_load1 2\n"),
                (400, "vitalsd_event_loop_lag_seconds", b"vitalsd_event_loop_lag_seconds_count 2\n"),
                (413, "max_series", b"".join(b"m{a=\"%d\"} 1\n" % i for i in range(30_000))[:450_000] + b"\n"),
                (413, "max_size", b"m{a=\"" + b"x" * 600_000 + b"\"} 1\n"),
            ]:
                got = send(at, "/metrics/job/j", body)
                self.assertEqual(got[0], status, got)
                self.assertIn(text, got[1])
                self.assertEqual(pushed(at), {'m{instance="",job="j"}': 1}, text)
            series = daemon.metrics()
            self.assertGreater(series['push_failure_time_seconds{instance="",job="j"}'], time.time() - 300)
            self.assertGreater(series['push_time_seconds{instance="",job="j"}'], time.time() - 300)
            for path in ("/metrics/job/", "/metrics/job/a/b", "/metrics/job/a/1/b", "/api/v1/publish/%ff", "/metrics/job/j?ttl=soon"):
                self.assertEqual(send(at, path, b"m 1\n")[0], 400, path)
            for kind in ("application/vnd.google.protobuf; encoding=delimited", "application/openmetrics-text; version=1.0.0"):
                self.assertEqual(send(at, "/metrics/job/j", b"m 1\n", headers={"Content-Type": kind})[0], 415)
            self.assertEqual(send(at, "/metrics/job/j", b"m 1\n", headers={"Content-Encoding": "br"})[0], 415)
            self.assertEqual(self.left()[1], [])

    def test_gzip_and_chunks(self):
        with self.daemon() as daemon:
            at = daemon.address
            self.assertEqual(send(at, "/metrics/job/z", gzip.compress(b"m 1\n"), headers={"Content-Encoding": "gzip"}), (200, ""))
            self.assertEqual(pushed(at), {'m{instance="",job="z"}': 1})
            bomb = gzip.compress(b"#" * 50_000_000)
            self.assertEqual(send(at, "/metrics/job/z", bomb, headers={"Content-Encoding": "gzip"})[0], 413)
            self.assertEqual(send(at, "/metrics/job/z", b"m 1\n", headers={"Content-Encoding": "gzip"})[0], 400)
            self.assertEqual(send(at, "/metrics/job/c", iter([b"m", b" 2", b"\n"]))[0], 200)
            self.assertEqual(pushed(at)['m{instance="",job="c"}'], 2)

    def test_curl_works_as_one_expects(self):
        path = self.file("a.prom", "m 1\n" * 1 + "".join(f'n{{i="{i}"}} {i}\n' for i in range(20_000)))
        with self.daemon() as daemon:
            def curl(*arguments, **more):
                return subprocess.run(["curl", "-sS", "-w", "%{http_code}", *arguments], capture_output=True, text=True,
                                      timeout=PATIENCE, **more).stdout
            self.assertEqual(curl("-T", path, f"http://{daemon.address}/api/v1/publish/backup"), "200")
            self.assertEqual(len(pushed(daemon.address)), 20_001)
            self.assertEqual(curl("-T", "-", f"http://{daemon.address}/api/v1/publish/backup", input="m 2\n"), "200")
            self.assertEqual(pushed(daemon.address), {'m{instance="",job="backup"}': 2})
            self.assertEqual(curl("--data-binary", "@-", f"http://{daemon.address}/metrics/job/backup", input="n 3\n"), "200")
            self.assertEqual(len(pushed(daemon.address)), 2)
            self.assertEqual(curl("-X", "DELETE", f"http://{daemon.address}/metrics/job/backup"), "202")
            self.assertEqual(pushed(daemon.address), {})

    def test_pythons_client_works_unchanged(self):
        try:
            import prometheus_client as client
        except ImportError:
            self.skipTest("install the package python3-prometheus-client (./dev deps test)")
        registry = client.CollectorRegistry()
        client.Gauge("last_success", "When.", ["kind"], registry=registry).labels("full").set(7)
        client.Histogram("took", "How long.", registry=registry).observe(0.3)
        client.Summary("size", "How large.", registry=registry).observe(5)
        with self.daemon() as daemon:
            key = {"path": "/var/tmp", "empty": "", "instance": "i"}
            client.push_to_gateway(daemon.address, "batch", registry, grouping_key=key)
            shown = pushed(daemon.address)
            self.assertEqual(shown['last_success{empty="",instance="i",job="batch",kind="full",path="/var/tmp"}'], 7)
            self.assertEqual(shown['took_count{empty="",instance="i",job="batch",path="/var/tmp"}'], 1)
            client.pushadd_to_gateway(daemon.address, "all", client.REGISTRY)  # its process_* stand beside ours
            self.assertIn('process_open_fds{instance="",job="all"}', pushed(daemon.address))
            self.promtool(daemon)
            client.delete_from_gateway(daemon.address, "batch", grouping_key=key)
            self.assertEqual([name for name in pushed(daemon.address) if "batch" in name], [])

    def test_it_does_what_a_pushgateway_does(self):
        program = shutil.which("prometheus-pushgateway")
        self.assertTrue(program, "install the package prometheus-pushgateway (./dev deps test)")
        gateway = f"127.0.0.1:{free_port()}"
        with subprocess.Popen([program, f"--web.listen-address={gateway}", "--log.level=error",
                               f"--persistence.file={self.directory}/pushed"], stderr=subprocess.DEVNULL) as process, self.daemon() as daemon:
            try:
                def is_up():
                    try:
                        return fetch(gateway, "/-/ready")[0] == 200
                    except OSError:
                        return False
                eventually("the gateway answers", is_up)
                steps = [
                    ("PUT", "/metrics/job/a", b"# TYPE m counter\nm{x=\"1\"} 1\n# TYPE g gauge\ng 2\n"),
                    ("POST", "/metrics/job/a", b"# TYPE g gauge\ng{y=\"2\"} 3\n"),
                    ("POST", "/metrics/job/a/instance/i", b"# TYPE g gauge\ng 4\n"),
                    ("PUT", "/metrics/job/b/x/1", b"# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"),
                    ("PUT", "/metrics/job/c", b"g 1\n"), ("PUT", "/metrics/job/c", b"m{ 1\n"), ("PUT", "/metrics/job/c", b"t 1 1\n"),
                    ("PUT", "/metrics/job/d", b"m{job=\"1\"} 1\nm{job=\"2\"} 2\n"), ("PUT", "/metrics/job/e", b""),
                    ("POST", "/metrics/job@base64/L2E=/p@base64/L2I", b"u{job=\"other\",instance=\"own\",p=\"other\"} 1\n"),
                    ("PUT", "/metrics/job/", b"m 1\n"), ("PUT", "/metrics/job/f/x", b"m 1\n"), ("PUT", "/metrics/job/f/1/x", b"m 1\n"),
                    ("DELETE", "/metrics/job/a", b""), ("DELETE", "/metrics/job/nobody", b""),
                ]
                for method, path, body in steps:
                    ours, theirs = send(daemon.address, path, body, method), send(gateway, path, body, method)
                    if path != "/metrics/job/":  # no route of theirs
                        self.assertEqual(ours[0], theirs[0], (method, path, body, ours, theirs))
                    self.assertEqual(pushed(daemon.address), pushed(gateway), (method, path, body))
                times = lambda at: {name for name in parse(fetch(at, "/metrics")[2].decode()) if name.startswith("push_") and 'job="c"' not in name}
                self.assertEqual(times(daemon.address), times(gateway))
            finally:
                process.terminate()

    def test_it_goes_when_its_time_has_come(self):
        with self.daemon("--publish.ttl=1h") as daemon:
            at = daemon.address
            self.assertEqual(send(at, "/metrics/job/short?ttl=1s", b"m 1\n")[0], 200)
            self.assertEqual(send(at, "/metrics/job/header", b"m 1\n", headers={"X-Vitalsd-TTL": "1s"})[0], 200)
            self.assertEqual(send(at, "/metrics/job/long", b"m 1\n")[0], 200)
            self.assertEqual(send(at, "/metrics/job/ever?ttl=0", b"m 1\n")[0], 200)
            eventually("they have gone", lambda: sorted(pushed(at)) == ['m{instance="",job="ever"}', 'm{instance="",job="long"}'])
            eventually("their files, too", lambda: self.left()[0] == ["group-3", "group-4", "tmp"])

    def test_it_outlives_the_daemon(self):
        with self.daemon() as daemon:
            send(daemon.address, "/metrics/job/a%20b/x/%C3%A9", b"# HELP m Help.\n# TYPE m counter\nm{l=\"\\\\ \\\" \\n\"} 1.5\n")
            send(daemon.address, "/metrics/job/gone", b"m{ 1\n")
            before = [line for line in fetch(daemon.address, "/metrics")[2].decode().splitlines() if "job=" in line or " m " in line]
            self.assertEqual(daemon.end(), 0)
        with self.daemon() as again:
            after = [line for line in fetch(again.address, "/metrics")[2].decode().splitlines() if "job=" in line or " m " in line]
            self.assertEqual(after, before)
            self.assertIn("# HELP m Help.", after)

    def test_without_a_state_directory_it_is_kept_in_memory(self):
        with self.daemon(state=False) as daemon:
            self.assertEqual(send(daemon.address, "/metrics/job/a", b"m 1\n")[0], 200)
            self.assertEqual(pushed(daemon.address), {'m{instance="",job="a"}': 1})

    def test_a_kill_leaves_the_old_or_the_new(self):
        def body(generation):
            return "".join(f'm{{i="{i}"}} {generation}\n' for i in range(300)).encode()
        generation = 0
        shown = set()
        for _ in range(25):
            with self.daemon() as daemon:
                values = set(pushed(daemon.address).values())
                self.assertLessEqual(len(values), 1, "a mixture")
                if generation:
                    self.assertEqual(len(pushed(daemon.address)), 300)
                    self.assertIn(values.copy().pop(), range(sure, generation + 1))
                    shown |= values
                self.assertEqual(self.left()[1], [])
                killer = threading.Timer(random.uniform(0.001, 0.15), daemon.process.kill)
                if generation:
                    killer.start()
                sure = int(values.pop()) if values else 0
                try:
                    while True:
                        generation += 1
                        if send(daemon.address, "/metrics/job/j", body(generation))[0] == 200:
                            sure = generation
                        if not killer.is_alive():
                            break
                except OSError:
                    pass
                killer.join() if generation > 1 else None
        self.assertGreater(len(shown), 5)

    def test_two_writers_never_mix(self):
        with self.daemon() as daemon:
            send(daemon.address, "/metrics/job/j", b"".join(b"m{i=\"%d\"} 0\n" % i for i in range(500)))
            end = time.monotonic() + 3
            failures = []

            def write(value):
                body = b"".join(b"m{i=\"%d\"} %d\n" % (i, value) for i in range(500))
                while time.monotonic() < end:
                    status, text = send(daemon.address, "/metrics/job/j", body)
                    if status != 200:
                        failures.append((status, text))
            writers = [threading.Thread(target=write, args=(n,)) for n in (1, 2)]
            for writer in writers:
                writer.start()
            seen = set()
            while time.monotonic() < end:
                values = list(pushed(daemon.address).values())
                self.assertEqual(len(values), 500)
                self.assertEqual(len(set(values)), 1)
                seen |= set(values)
            for writer in writers:
                writer.join()
            self.assertEqual(failures, [])
            self.assertLessEqual({1, 2}, seen)

    def test_a_full_disk_costs_the_push_alone(self):
        state = f"{self.directory}/state"
        os.mkdir(state)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs", state]).returncode != 0:
            self.skipTest("needs to mount a small file system")
        try:
            with self.daemon() as daemon:
                self.assertEqual(send(daemon.address, "/metrics/job/j", b"m 1\n")[0], 200)
                status, text = send(daemon.address, "/metrics/job/j", b"#" * 500_000 + b"\n")
                self.assertEqual(status, 507, text)
                with open(f"{state}/filler", "wb") as filler:
                    try:
                        filler.write(b"x" * 1_000_000)
                    except OSError:
                        pass
                status, text = send(daemon.address, "/metrics/job/j", b"m 2\n")
                self.assertEqual(status, 507, text)
                self.assertEqual(pushed(daemon.address), {'m{instance="",job="j"}': 1})
                os.unlink(f"{state}/filler")
                self.assertEqual(send(daemon.address, "/metrics/job/j", b"m 3\n")[0], 200)
                self.assertEqual(self.left(), (["group-1", "tmp"], []))
                self.assertEqual(daemon.end(), 0)
        finally:
            subprocess.run(["umount", state], check=False)

    def test_what_is_left_of_an_upload_goes(self):
        with self.daemon() as daemon:
            host, port = daemon.address.rsplit(":", 1)
            with socket.create_connection((host, int(port))) as client:
                client.sendall(b"PUT /metrics/job/j HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 200_000)
                eventually("the body is on its way", lambda: self.left()[1])
                daemon.process.kill()
                daemon.process.wait()
            self.assertNotEqual(self.left()[1], [])
        with self.daemon() as again:
            self.assertEqual(self.left()[1], [])
            with socket.create_connection(again.address.rsplit(":", 1)) as client:
                client.sendall(b"PUT /metrics/job/j HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 200_000)
                eventually("the body is on its way", lambda: self.left()[1])
            eventually("it is gone", lambda: not self.left()[1])
            other = run(*ON, f"--path.state={self.directory}/state", "--once")
            self.assertEqual(other.returncode, 0, other.stderr)

    def test_a_token_is_asked_for(self):
        token = self.file("token", "a-token-of-some-length\n")
        with self.daemon(f"--publish.token-file={token}") as daemon:
            at = daemon.address
            self.assertEqual(send(at, "/metrics/job/j", b"m 1\n")[0], 401)
            for shown in ("Bearer wrong", "Bearer ", "Basic Og==", "Bearer a-token-of-some-length2"):
                self.assertEqual(send(at, "/metrics/job/j", b"m 1\n", headers={"Authorization": shown})[0], 401, shown)
            self.assertEqual(send(at, "/metrics/job/j", b"m 1\n", headers={"Authorization": "Bearer a-token-of-some-length"})[0], 200)
            basic = "Basic YW55Ym9keTphLXRva2VuLW9mLXNvbWUtbGVuZ3Ro"  # anybody:a-token-of-some-length
            self.assertEqual(send(at, "/metrics/job/j", b"m 1\n", headers={"Authorization": basic})[0], 200)
            self.assertEqual(fetch(at, "/metrics")[0], 200)
        short = run(*ON, f"--publish.token-file={self.file('short', 'x')}", "--config.check")
        self.assertEqual(short.returncode, 2)
        self.assertIn("at least 16 characters", short.stderr + short.stdout)

    def test_a_family_of_the_daemons_own_drives_a_pushed_one_out(self):
        config = self.file("v.yml", "collectors: {disable_defaults: true, loadavg: {enabled: true}}\n")
        with Daemon("--publish.enabled", f"--config.file={config}", "--path.state=" + self.directory + "/state") as daemon:
            body = b"# TYPE node_entropy_available_bits counter\nnode_entropy_available_bits 1\nother 2\n"
            self.assertEqual(send(daemon.address, "/metrics/job/j", body)[0], 200)
            self.assertEqual(len(pushed(daemon.address)), 2)
            self.file("v.yml", "collectors: {disable_defaults: true, entropy: {enabled: true}}\n")
            daemon.send(signal.SIGHUP)
            eventually("it runs", lambda: "node_entropy_available_bits" in daemon.metrics())
            self.assertEqual(pushed(daemon.address), {'other{instance="",job="j"}': 2})
            self.promtool(daemon)
            self.file("v.yml", "collectors: {disable_defaults: true, loadavg: {enabled: true}}\n")
            daemon.send(signal.SIGHUP)
            eventually("it is there again", lambda: len(pushed(daemon.address)) == 2)


if __name__ == "__main__":
    unittest.main()
