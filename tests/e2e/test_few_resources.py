"""Tests that with too few threads, descriptors or little memory the daemon ends with a clear message or serves with less."""
import os
import resource
import subprocess
import unittest

from harness import BINARY, Case, Daemon, eventually


def limited(what, most):
    return lambda: resource.setrlimit(what, (most, most))


def refused(what, most, patience=60):
    """-> exit status and output of a daemon that must not start."""
    done = subprocess.run([BINARY, "--web.listen-address=127.0.0.1:0"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          text=True, timeout=patience, preexec_fn=limited(what, most))
    return done.returncode, done.stderr


class FewResourcesTest(Case):
    def test_too_few_descriptors_are_said_at_the_start(self):
        for most in (20, 40, 80):
            status, text = refused(resource.RLIMIT_NOFILE, most)
            self.assertEqual(status, 1, text)
            self.assertEqual(text.count("\n"), 1, text)
            self.assertIn(f"needs 96 file descriptors and may have {most}", text)

    def test_the_fewest_descriptors_that_are_enough_serve(self):
        with Daemon("--collector.cgroups", "--collector.targets.watch=init:pid=1",
                    preexec_fn=limited(resource.RLIMIT_NOFILE, 96)) as daemon:
            daemon.ready()
            for _ in range(60):
                self.assertEqual(daemon.get()[0], 200)
            series = daemon.metrics()
            failed = [name for name, value in series.items() if name.startswith("vitalsd_collector_failures_total") and value > 0]
            self.assertEqual(failed, [])
            self.assertEqual(daemon.end(), 0)

    def test_it_idles_with_few_descriptors(self):
        with Daemon() as daemon:
            daemon.ready()
            daemon.metrics()
            self.assertLess(len(os.listdir(f"/proc/{daemon.process.pid}/fd")), 100)
            self.assertEqual(daemon.end(), 0)

    def test_little_memory_is_one_line_and_no_abort(self):
        for most in (12, 16, 18, 20, 22):
            try:
                status, text = refused(resource.RLIMIT_AS, most << 20, patience=5)
            except subprocess.TimeoutExpired:
                break  # that much memory is enough
            self.assertGreater(status, 0, text)  # not killed by a signal
            self.assertNotIn("terminate called", text)

    @unittest.skipUnless(os.geteuid() == 0 and os.path.isdir("/sys/fs/cgroup/pids"), "needs root and the pids controller")
    def test_without_threads_it_collects_what_never_waits_and_recovers(self):
        group = f"/sys/fs/cgroup/pids/vitalsd-{os.getpid()}"
        os.mkdir(group)
        self.addCleanup(os.rmdir, group)

        def limit(most):
            with open(f"{group}/pids.max", "w") as file:
                file.write(most)

        def enter():
            with open(f"{group}/cgroup.procs", "w") as file:
                file.write(str(os.getpid()))

        limit("1")
        with Daemon("--collector.defaults.timeout=1s", preexec_fn=enter) as daemon:
            eventually("the log names the threads", lambda: any("refuses a thread" in line for line in daemon.log))
            self.assertTrue(any("TasksMax=" in line for line in daemon.log))
            series = daemon.metrics()
            self.assertEqual(series['vitalsd_collector_success{collector="meminfo"}'], 1)
            self.assertIn("node_load1", series)
            self.assertGreater(series["vitalsd_pool_workers_wanted"], series["vitalsd_pool_workers"])
            self.assertIn(b'"degraded"', daemon.get("/health")[2])
            limit("max")
            eventually("all is well again", lambda: b'"ok"' in daemon.get("/health")[2] and any("gives threads again" in line for line in daemon.log))
            eventually("all collectors run", lambda: all(
                value == 1 for name, value in daemon.metrics().items() if name.startswith("vitalsd_collector_success")))
            self.assertEqual(daemon.end(), 0)


if __name__ == "__main__":
    unittest.main()
