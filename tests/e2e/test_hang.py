"""Tests that a file whose read never returns costs its own collector and nothing else."""
import os
import shutil
import time
import unittest

from harness import Case, Daemon, eventually


class HangTest(Case):
    def setUp(self):
        super().setUp()
        # A copy of /proc in which two files are pipes without a writer, so that opening them blocks for ever.
        self.proc = f"{self.directory}/proc"
        os.makedirs(f"{self.proc}/sys/kernel/random")
        os.makedirs(f"{self.proc}/sys/fs")
        for name in ("loadavg", "meminfo", "vmstat", "uptime", "sys/fs/file-nr"):
            shutil.copyfile(f"/proc/{name}", f"{self.proc}/{name}")
        os.mkfifo(f"{self.proc}/stat")

    def daemon(self, *arguments, timeout="300ms", interval="100ms"):
        return Daemon("--collector.disable-defaults", "--collector.cpu", "--collector.stat", "--collector.loadavg", "--collector.meminfo",
                      "--collector.filefd", f"--collector.defaults.timeout={timeout}", f"--collector.defaults.interval={interval}",
                      "--collector.defaults.fresh=0s", f"--path.procfs={self.proc}", *arguments)

    def test_others_go_on_and_the_loop_never_waits(self):
        with self.daemon() as daemon:
            daemon.ready()  # after the timeouts
            for _ in range(20):
                series = daemon.metrics()
                for good in ("node_load1", "node_memory_MemTotal_bytes", "node_filefd_maximum"):
                    self.assertIn(good, series)
                self.assertNotIn('node_cpu_seconds_total{cpu="0",mode="idle"}', series)
                for stuck in ("cpu", "stat"):
                    self.assertEqual(series[f'vitalsd_collector_success{{collector="{stuck}"}}'], 0)
                self.assertEqual(series['vitalsd_collector_success{collector="loadavg"}'], 1)
            skipped = 'vitalsd_collector_skipped_total{collector="cpu"}'
            first = daemon.metrics()[skipped]
            eventually("ticks are skipped and counted", lambda: daemon.metrics()[skipped] > first)
            self.assertIn(b'"stuck"', daemon.get("/health")[2])
            self.assertEqual(len([line for line in daemon.log if "collector failed" in line and "collector=cpu" in line]), 1)
            self.assertEqual(daemon.end(), 0)

    def test_it_recovers_when_the_file_answers(self):
        with self.daemon() as daemon:
            daemon.ready()
            with open("/proc/stat", "rb") as real:
                text = real.read()
            # A writer releases the blocked readers; then the pipe is replaced by a regular file.
            os.rename(f"{self.proc}/stat", f"{self.proc}/pipe")
            with open(f"{self.proc}/stat", "wb") as f:
                f.write(text)
            with open(f"{self.proc}/pipe", "wb") as pipe:
                pipe.write(text)
            eventually("cpu is back", lambda: 'node_cpu_seconds_total{cpu="0",mode="idle"}' in daemon.metrics())
            self.assertEqual(daemon.metrics()['vitalsd_collector_success{collector="cpu"}'], 1)
            self.assertEqual(daemon.end(), 0)

    def test_it_ends_within_its_time_although_a_thread_hangs(self):
        with self.daemon("--shutdown.timeout=500ms") as daemon:
            daemon.ready()
            self.assertEqual(daemon.end(), 0)
            self.assertTrue(any("left behind" in line for line in daemon.log))

    def test_scrape_timeout_of_prometheus_bounds_the_wait(self):
        with self.daemon(timeout="1h", interval="1h") as daemon:
            status, _, body = daemon.get(headers={"X-Prometheus-Scrape-Timeout-Seconds": "1"})
            self.assertEqual(status, 200)
            self.assertIn(b"node_load1", body)
            self.assertNotIn(b"node_cpu_seconds_total", body)
            started = time.monotonic()
            threads = [daemon.get(headers={"X-Prometheus-Scrape-Timeout-Seconds": "1"})[0] for _ in range(3)]
            self.assertEqual(threads, [200] * 3)
            self.assertLess(time.monotonic() - started, 30)


if __name__ == "__main__":
    unittest.main()
