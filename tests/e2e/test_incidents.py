"""Tests that incidents between scrapes are counted at once, and that reports keep the minutes before them."""
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from harness import Case, Daemon, eventually, fetch, free_port, parse
from test_targets import end, spawn

CALM = "--no-collector.pressure"  # a stall of this machine would cause one more report


def reports(daemon):
    status, _, body = fetch(daemon.address, "/api/v1/reports")
    assert status == 200, body
    return json.loads(body)["data"]


def state_of(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0]


class Gateway(http.server.ThreadingHTTPServer):
    """Keeps what is pushed to it, in place of a Pushgateway."""

    def __init__(self):
        self.pushed = []
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                gateway.pushed.append((self.path, self.headers["Content-Type"], body.decode()))
                self.send_response(202)
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class ReportsTest(Case):
    def test_a_targets_end_is_reported_and_outlives_the_daemon(self):
        child = spawn("vtest-report", descriptors=5)
        with tempfile.TemporaryDirectory() as state:
            arguments = [CALM, "--collector.targets.watch=app:comm=vtest-report", "--collector.targets.interval=100ms",
                         f"--path.state={state}"]
            with Daemon(*arguments) as daemon:
                daemon.ready()
                self.assertEqual(reports(daemon), [])
                self.assertEqual(daemon.metrics()['vitalsd_events_total{kind="target_ended"}'], 0)
                time.sleep(0.5)  # some history
                end(child)
                listed = eventually("the report", lambda: reports(daemon))
                self.assertEqual([entry["cause"] for entry in listed], ["target_ended"])
                status, headers, body = fetch(daemon.address, listed[0]["url"])
                self.assertEqual((status, headers["Content-Type"]), (200, "application/json"))
                report = json.loads(body)
                self.assertEqual((report["entity"], report["detail"]), ("app", "SIGKILL"))
                history = {h["collector"]: h for h in report["history"]}["targets"]
                self.assertEqual(history["seconds"], sorted(history["seconds"]))
                values = {s["series"]: s["values"] for s in history["series"]}
                self.assertEqual(values['vitalsd_target_up{target="app"}'][0], 1)
                self.assertEqual(values['vitalsd_target_up{target="app"}'][-1], 0)
                self.assertGreater(len(history["seconds"]), 2)
                self.assertGreaterEqual(values['vitalsd_target_open_fds{target="app"}'][0], 5)
                self.assertIn('vitalsd_target_resident_bytes{target="app",type="anonymous"}',
                              [user["series"] for user in report["largest"]])
                self.assertEqual(daemon.metrics()['vitalsd_events_total{kind="target_ended"}'], 1)
                eventually("it is on the disk", lambda: daemon.metrics()['vitalsd_reports_total{cause="target_ended"}'] == 1)
                self.assertEqual(fetch(daemon.address, "/api/v1/reports?id=../../etc/passwd")[0], 404)
            with open(os.path.join(state, "reports", "20000101T000000.000Z-oom_kill.json.tmp"), "w") as torn:
                torn.write("{")
            with Daemon(*arguments) as again:
                found = eventually("the old report", lambda: reports(again))
                self.assertEqual([entry["id"] for entry in found], [listed[0]["id"]])
                self.assertEqual(fetch(again.address, found[0]["url"])[2], body)

    def test_no_more_are_kept_than_asked_for(self):
        with tempfile.TemporaryDirectory() as state:
            with Daemon(CALM, "--collector.targets.watch=app:comm=vtest-many", f"--path.state={state}", "--reports.keep=2") as daemon:
                daemon.ready()
                seen = []
                for code in range(1, 5):
                    child = subprocess.Popen([sys.executable, "-c",
                                              "import ctypes,sys;ctypes.CDLL(None).prctl(15,b'vtest-many',0,0,0);"
                                              f"sys.stdin.read();sys.exit({code})"], stdin=subprocess.PIPE)
                    eventually("found", lambda: daemon.metrics("/metrics?collect[]=targets").get('vitalsd_target_pid{target="app"}') == child.pid)
                    child.communicate(b"")
                    count = 'vitalsd_reports_total{cause="target_ended"}'
                    eventually("reported", lambda: daemon.metrics()[count] == code)
                    seen.append(reports(daemon)[0]["id"])
                self.assertEqual([entry["id"] for entry in reports(daemon)], seen[:1:-1])
                eventually("old files go", lambda: sorted(os.listdir(os.path.join(state, "reports"))) ==
                           sorted(f"{name}.json" for name in seen[2:]))
            with Daemon(CALM, f"--path.state={state}", "--reports.keep=1") as again:
                eventually("what is more than is kept now goes", lambda: os.listdir(os.path.join(state, "reports")) == [f"{seen[-1]}.json"])
                self.assertEqual([entry["id"] for entry in reports(again)], seen[-1:])

    def test_pressure_is_reported_by_the_kernel_not_by_the_tick(self):
        try:
            os.close(os.open("/proc/pressure/cpu", os.O_RDWR))
        except OSError as error:
            self.skipTest(f"no pressure triggers here: {error}")
        stalls = 'vitalsd_pressure_stalls_total{resource="cpu",kind="waiting"}'
        with Daemon("--collector.pressure.interval=1h", "--collector.defaults.fresh=1h") as daemon:
            daemon.ready()
            if stalls not in daemon.metrics():
                self.skipTest("this kernel arms no triggers")
            burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4 * os.cpu_count())]
            try:
                eventually("a stall", lambda: daemon.metrics()[stalls] > 0)
            finally:
                for burner in burners:
                    burner.kill()
                    burner.wait()


class SidecarTest(Case):
    def test_it_ends_with_its_target(self):
        child = spawn("vtest-job")
        with Daemon("--collector.targets.watch=app:comm=vtest-job", "--exit-with-target=app") as daemon:
            daemon.ready()
            time.sleep(0.3)
            self.assertIsNone(daemon.process.poll())
            end(child)
            self.assertEqual(daemon.process.wait(30), 0)

    def test_its_target_must_be_one(self):
        done = subprocess.run([os.environ.get("VITALSD", "vitalsd"), "--exit-with-target=nobody", "--config.check"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("nobody", done.stderr)

    def test_the_last_state_is_pushed(self):
        gateway = Gateway()
        child = spawn("vtest-push")
        try:
            url = f"http://127.0.0.1:{gateway.server_port}"
            with Daemon("--collector.targets.watch=app:comm=vtest-push", f"--shutdown.push-url={url}",
                        "--collector.targets.interval=1h", "--collector.defaults.fresh=1h") as daemon:
                daemon.ready()
                os.kill(child.pid, signal.SIGSTOP)  # wakes no collector: only a new run sees it
                eventually("it has stopped", lambda: state_of(child.pid) == "T")
                daemon.process.send_signal(signal.SIGTERM)
                self.assertEqual(daemon.process.wait(30), 0)
            self.assertEqual(len(gateway.pushed), 1)
            path, kind, text = gateway.pushed[0]
            self.assertEqual(path, f"/metrics/job/vitalsd/instance/{os.uname().nodename}")
            self.assertTrue(kind.startswith("text/plain; version=0.0.4"), kind)
            self.assertIn('vitalsd_target_state{target="app",state="stopped"} 1', text)
        finally:
            end(child)
            gateway.shutdown()
            gateway.server_close()

    def test_a_pushgateway_takes_it(self):
        program = shutil.which("prometheus-pushgateway")
        self.assertTrue(program, "install the package prometheus-pushgateway (./dev deps test)")
        address = f"127.0.0.1:{free_port()}"
        with subprocess.Popen([program, f"--web.listen-address={address}", "--log.level=error",
                               f"--persistence.file={self.directory}/pushed"]) as gateway:
            try:
                def shown():
                    try:
                        return parse(fetch(address, "/metrics")[2].decode())
                    except OSError:
                        return {}
                def names(series):
                    return {name.split("{")[0] for name in series}
                eventually("the gateway answers", shown)
                with Daemon(f"--shutdown.push-url=http://{address}/metrics/job/batch", "--collector.cgroups",
                            "--collector.process_groups.procnames=python3", f"--collector.targets.watch=me:pid={os.getpid()}") as daemon:
                    daemon.ready()
                    published = names(daemon.metrics())
                    self.assertEqual(daemon.end(), 0)
                self.assertEqual(published - names(shown()), set())
                self.assertEqual(shown()['push_failure_time_seconds{instance="",job="batch"}'], 0)
            finally:
                gateway.terminate()

    def test_a_gateway_that_is_not_there_delays_nothing(self):
        with Daemon("--shutdown.push-url=http://127.0.0.1:1", "--shutdown.timeout=4s") as daemon:
            daemon.ready()
            daemon.process.send_signal(signal.SIGTERM)
            self.assertEqual(daemon.process.wait(30), 0)
            eventually("said", lambda: any("cannot push" in line for line in daemon.log))


if __name__ == "__main__":
    unittest.main()
