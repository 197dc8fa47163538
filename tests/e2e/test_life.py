"""Tests signals, reload and the graceful end of the real binary under load."""
import contextlib
import os
import random
import signal
import threading
import time
import unittest

from harness import Case, Daemon, eventually, fetch

RELOADED = "vitalsd_config_last_reload_successful"


class Load:
    """Threads that scrape without pause. `failures` has the errors that the daemon's end does not explain."""

    def __init__(self, daemon, threads=4, path="/metrics"):
        self.failures, self.done, self.stop = [], 0, threading.Event()

        def work():
            while not self.stop.is_set():
                try:
                    status, _, body = fetch(daemon.address, path)
                    if status != 200 or not body.endswith(b"\n"):
                        self.failures.append((status, body[-200:]))
                    self.done += 1
                except (OSError, Exception) as error:  # noqa: BLE001
                    if not self.stop.is_set():
                        self.failures.append(error)
        self.threads = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()


class SignalTest(Case):
    def test_sigterm_and_sigint_at_random_moments_end_with_0(self):
        chance = random.Random(20251125)
        for round_ in range(24):
            number = chance.choice([signal.SIGTERM, signal.SIGINT])
            pause = chance.choice([0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3])
            with self.subTest(round=round_, signal=number, pause=pause), \
                    Daemon("--collector.defaults.fresh=0s", "--collector.defaults.interval=100ms") as daemon:
                load = Load(daemon)
                time.sleep(pause)
                load.stop.set()
                self.assertEqual(daemon.end(number), 0, daemon.log[-5:])
                load.end()

    def test_a_signal_before_the_start_is_over_is_kept(self):
        ends = []
        for pause in [i * 0.001 for i in range(20)] + [0.1, 0.5, 2]:
            with Daemon(wait=False) as daemon:
                time.sleep(pause)
                ends.append(daemon.end())
        # Before main() the signal's default action applies; no other status is allowed.
        self.assertTrue(set(ends) <= {0, -signal.SIGTERM}, ends)
        self.assertIn(0, ends)

    def test_a_second_signal_ends_at_once(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number), Daemon(env={"VITALSD_SHUTDOWN_HOLD_FOR_SCRAPE": "1h"}) as daemon:
                daemon.ready()
                daemon.send(number)
                eventually("stopping", lambda: any("msg=stopping" in line for line in daemon.log))
                self.assertEqual(daemon.get("/-/ready")[0], 503)
                self.assertEqual(daemon.get("/-/healthy")[0], 200)
                self.assertEqual(daemon.end(number), 128 + number)

    def test_hold_for_scrape_waits_for_one_more(self):
        with Daemon(env={"VITALSD_SHUTDOWN_HOLD_FOR_SCRAPE": "1h"}) as daemon:
            daemon.ready()
            daemon.send(signal.SIGTERM)
            eventually("stopping", lambda: any("msg=stopping" in line for line in daemon.log))
            self.assertEqual(daemon.get()[0], 200)

            # One that was answered while the last state was still being collected does not count.
            def ended():
                with contextlib.suppress(OSError):
                    daemon.get()
                return daemon.process.poll() is not None

            eventually("the end", ended)
            self.assertEqual(daemon.process.wait(30), 0)

    def test_what_is_in_flight_is_finished(self):
        # A procfs file is a pipe, so that a scrape waits for its collector when the signal arrives.
        os.makedirs(f"{self.directory}/proc")
        os.mkfifo(f"{self.directory}/proc/loadavg")
        with Daemon("--collector.disable-defaults", "--collector.loadavg", "--collector.loadavg.timeout=2s",
                    f"--path.procfs={self.directory}/proc") as daemon:
            answers = []
            thread = threading.Thread(target=lambda: answers.append(daemon.get()))
            thread.start()
            time.sleep(0.3)
            self.assertEqual(daemon.end(), 0)
            thread.join()
            self.assertEqual(answers[0][0], 200)


class ReloadTest(Case):
    def reload(self, daemon, good):
        before = len(daemon.log)
        daemon.send(signal.SIGHUP)
        word = "msg=reloaded" if good else "reload refused"
        eventually(word, lambda: any(word in line for line in daemon.log[before:]))

    def test_good_and_bad_files_under_load_lose_no_scrape(self):
        config = self.file("c.yml", "collectors: {loadavg: {interval: 1s}}\n")
        with Daemon(f"--config.file={config}") as daemon:
            daemon.ready()
            load = Load(daemon)
            for round_ in range(10):
                self.file("c.yml", f"collectors: {{loadavg: {{interval: {round_ + 1}s}}, entropy: {{enabled: false}}}}\n")
                self.reload(daemon, True)
                self.assertEqual(daemon.metrics()[RELOADED], 1)
                self.file("c.yml", "collectors: {loadavg: {intervall: 1s}, nosuch: {}}\n")
                self.reload(daemon, False)
                self.assertEqual(daemon.metrics()[RELOADED], 0)
            eventually("the load did something", lambda: load.done > 50)
            load.end()
            self.assertEqual(load.failures, [])
            text = "".join(daemon.log)
            self.assertIn("c.yml:1:24", text)
            self.assertIn("interval", text)
            self.assertEqual(daemon.end(), 0)

    def test_a_bad_file_leaves_everything_in_force(self):
        config = self.file("c.yml", "collectors: {loadavg: {enabled: false}}\n")
        with Daemon(f"--config.file={config}") as daemon:
            daemon.ready()
            self.assertNotIn("node_load1", daemon.metrics())
            self.file("c.yml", "collectors: {loadavg: {enabled: true}}\nweb: {max_requests: many}\n")
            self.reload(daemon, False)
            self.assertNotIn("node_load1", daemon.metrics())
            self.file("c.yml", "collectors: {loadavg: {enabled: true}}\n")
            self.reload(daemon, True)
            eventually("loadavg is back", lambda: "node_load1" in daemon.metrics())

    def test_an_address_in_use_is_refused_and_a_new_one_opened(self):
        config = self.file("c.yml", "web: {listen_address: ['127.0.0.1:0']}\n")
        # The sandbox forbids sockets in directories that had none at the start; test_sandbox.py tests that.
        with Daemon(f"--config.file={config}", "--security.sandbox=off", listen=()) as daemon, Daemon() as other:
            self.file("c.yml", f"web: {{listen_address: ['127.0.0.1:0', '{other.address}']}}\n")
            self.reload(daemon, False)
            self.assertEqual(daemon.get("/-/healthy")[0], 200)
            path = f"{self.directory}/s"
            self.file("c.yml", f"web: {{listen_address: ['127.0.0.1:0', 'unix:{path}']}}\n")
            self.reload(daemon, True)
            self.assertEqual(daemon.get("/-/healthy")[0], 200)
            self.assertEqual(fetch(f"unix:{path}", "/-/healthy")[0], 200)
            self.assertEqual(daemon.end(), 0)
            self.assertFalse(os.path.exists(path), "the socket file is removed at the end")

    def test_over_http_only_when_asked_for(self):
        with Daemon() as daemon:
            self.assertEqual(daemon.get("/-/reload", method="POST")[0], 404)
        config = self.file("c.yml", "")
        with Daemon(f"--config.file={config}", "--web.enable-lifecycle") as daemon:
            self.assertEqual(daemon.get("/-/reload")[0], 405)
            self.assertEqual(daemon.get("/-/reload", method="POST")[0], 200)
            self.file("c.yml", "nonsense: 1\n")
            status, _, body = daemon.get("/-/reload", method="PUT")
            self.assertEqual(status, 500)
            self.assertIn(b"nonsense", body)

    def test_a_storm_of_sighup_and_then_sigterm(self):
        config = self.file("c.yml", "")
        with Daemon(f"--config.file={config}") as daemon:
            daemon.ready()
            for i in range(200):
                self.file("c.yml", f"collectors: {{loadavg: {{interval: {i + 1}s}}}}\n")
                daemon.send(signal.SIGHUP)
            self.assertEqual(daemon.end(), 0)


if __name__ == "__main__":
    unittest.main()
