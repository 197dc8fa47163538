"""What the kernel wakes collectors for is published at once, not at the next tick, from inside the sandbox."""
import os
import signal
import subprocess
import sys
import unittest

from harness import Case, Daemon, eventually

# No tick comes, and no scrape asks for a run.
LAZY = ("--collector.disable-defaults", "--collector.defaults.interval=1h", "--collector.defaults.fresh=1h")


class WakeTest(Case):
    def test_a_textfile_is_seen_when_it_is_moved_into_place(self):
        path = self.file("metrics/job.prom", "job_runs 1\n")
        with Daemon(*LAZY, "--collector.textfile", f"--collector.textfile.directory={self.directory}/metrics") as daemon:
            daemon.ready()
            self.assertEqual(daemon.metrics()["job_runs"], 1)
            for runs in (2, 3, 4):
                os.rename(self.file("metrics/job.tmp", f"job_runs {runs}\n"), path)
                eventually("it is seen", lambda: daemon.metrics()["job_runs"] == runs)
            self.assertEqual(daemon.metrics()["vitalsd_textfile_unwatched_directories"], 0)
            os.remove(path)
            eventually("it is gone", lambda: "job_runs" not in daemon.metrics())
            self.assertEqual(daemon.end(), 0)

    def test_a_crash_is_counted_when_the_kernel_logs_it(self):
        if os.geteuid() != 0 or not os.access("/dev/kmsg", os.R_OK):
            self.skipTest("the kernel's log cannot be read")
        with open("/proc/sys/debug/exception-trace") as f:
            if f.read().strip() != "1":
                self.skipTest("this kernel does not log crashes")
        crashes = 'vitalsd_kernel_pattern_messages_total{pattern="segfault"}'
        with Daemon(*LAZY, "--collector.kernel_messages") as daemon:
            daemon.ready()
            before = daemon.metrics()[crashes]
            done = subprocess.run([sys.executable, "-c", "import ctypes; ctypes.string_at(0)"], stderr=subprocess.DEVNULL)
            self.assertEqual(done.returncode, -signal.SIGSEGV)
            eventually("it is counted", lambda: daemon.metrics()[crashes] > before)
            info = next(name for name in daemon.metrics() if name.startswith("vitalsd_sandbox_info"))
            self.assertIn('seccomp="on"', info)
            self.assertEqual(daemon.end(), 0)


if __name__ == "__main__":
    unittest.main()
