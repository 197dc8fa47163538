"""Tests targets with real processes that start, are killed, restart, and have misleading names."""
import os
import signal
import subprocess
import sys
import time
import unittest

from harness import Case, Daemon, eventually

# A child that takes its argument as its name, holds descriptors open, and waits.
CHILD = ("import ctypes,sys,signal,os\n"
         "ctypes.CDLL(None).prctl(15,os.fsencode(sys.argv[1]),0,0,0)\n"
         "held=[open('/dev/null') for _ in range(int(sys.argv[2]))]\n"
         "print('ready',flush=True)\n"
         "signal.pause()\n")


def spawn(name, descriptors=0):
    child = subprocess.Popen([sys.executable, "-c", CHILD, name, str(descriptors)], stdout=subprocess.PIPE)
    child.stdout.readline()
    return child


def end(child):
    child.kill()
    child.wait()
    child.stdout.close()


class TargetsTest(Case):
    def test_the_end_is_noticed_at_once_and_the_successor_found(self):
        # The next tick is an hour away, so the end can only be noticed by the pidfd.
        child = spawn("vtest-once")
        with Daemon("--collector.targets.watch=app:comm=vtest-once", "--collector.targets.interval=1h",
                    "--collector.defaults.fresh=1h") as daemon:
            daemon.ready()
            series = daemon.metrics()
            self.assertEqual(series['vitalsd_target_up{target="app"}'], 1)
            self.assertEqual(series['vitalsd_target_pid{target="app"}'], child.pid)
            end(child)
            watch = 'vitalsd_collector_runs_total{collector="targets"}'
            up = lambda: daemon.metrics("/metrics?collect[]=targets")  # noqa: E731
            eventually("down", lambda: up()['vitalsd_target_up{target="app"}'] == 0)
            self.assertNotIn('vitalsd_target_threads{target="app"}', up())
            self.assertGreaterEqual(daemon.metrics().get(watch, 2), 1)

    def test_a_restart_is_counted(self):
        child = spawn("vtest-again")
        with Daemon("--collector.targets.watch=app:comm=vtest-again", "--collector.targets.fresh=0s") as daemon:
            daemon.ready()
            for restarts in range(1, 4):
                end(child)
                child = spawn("vtest-again", descriptors=restarts)
                eventually("the successor", lambda: daemon.metrics().get('vitalsd_target_pid{target="app"}') == child.pid)
                series = daemon.metrics()
                self.assertEqual(series['vitalsd_target_up{target="app"}'], 1)
                self.assertEqual(series['vitalsd_target_restarts_total{target="app"}'], restarts)
                self.assertEqual(series['vitalsd_target_open_fds{target="app"}'], len(os.listdir(f"/proc/{child.pid}/fd")))
            end(child)

    def test_names_that_mislead(self):
        for name in (") S 1", "a) R 1\nb", "x\"y\\z"):
            with self.subTest(name=name):
                child = spawn(name)
                with Daemon(f"--collector.targets.watch=odd:pid={child.pid}") as daemon:
                    daemon.ready()
                    series = daemon.metrics()
                    self.assertEqual(series['vitalsd_target_up{target="odd"}'], 1)
                    self.assertEqual(series['vitalsd_target_threads{target="odd"}'], 1)
                    self.assertEqual(series['vitalsd_target_pid{target="odd"}'], child.pid)
                    self.assertIn('vitalsd_target_state{target="odd",state="sleeping"}', series)
                end(child)

    def test_a_zombie_is_not_up(self):
        child = spawn("vtest-zombie")
        with Daemon(f"--collector.targets.watch=z:pid={child.pid}", "--collector.targets.fresh=0s") as daemon:
            daemon.ready()
            os.kill(child.pid, signal.SIGKILL)  # not waited for, so it stays a zombie
            eventually("down", lambda: daemon.metrics()['vitalsd_target_up{target="z"}'] == 0)
            self.assertNotIn('vitalsd_target_threads{target="z"}', daemon.metrics())
        end(child)

    def test_a_pid_file_that_lies(self):
        child = spawn("vtest-pidfile")
        path = self.file("app.pid", f"{child.pid}\n")
        with Daemon(f"--collector.targets.watch=app:pidfile={path}", "--collector.targets.fresh=0s") as daemon:
            daemon.ready()
            self.assertEqual(daemon.metrics()['vitalsd_target_up{target="app"}'], 1)
            for lie in ("", "-1", "0", "999999999999", "12x", "x" * 10000, str(2**31)):
                self.file("app.pid", lie)
                time.sleep(0.01)
                self.assertEqual(daemon.process.poll(), None)
                daemon.metrics()
        end(child)
        # The file is much older than the process of that pid, so it means another process.
        other = spawn("vtest-other")
        path = self.file("old.pid", f"{other.pid}\n")
        os.utime(path, (1_000_000_000, 1_000_000_000))
        with Daemon(f"--collector.targets.watch=app:pidfile={path}") as daemon:
            daemon.ready()
            self.assertEqual(daemon.metrics()['vitalsd_target_up{target="app"}'], 0)
        end(other)


@unittest.skipUnless(os.geteuid() == 0, "needs root to become another user")
class UnprivilegedTest(Case):
    def test_what_another_users_process_hides_is_absent(self):
        child = spawn("vtest-root", descriptors=3)
        with self.as_nobody(f"--collector.targets.watch=root:pid={child.pid}") as daemon:
            daemon.ready()
            series = daemon.metrics()
            self.assertEqual(series['vitalsd_target_up{target="root"}'], 1)
            self.assertEqual(series['vitalsd_target_threads{target="root"}'], 1)
            self.assertFalse([k for k in series if k.startswith("vitalsd_target_") and "_bytes_total" in k and "read" in k])
            self.assertTrue([k for k in series if k.startswith('vitalsd_target_unreadable{target="root",field="io"')])
            self.assertTrue(any("remedy=" in line for line in daemon.log), daemon.log)
        end(child)


if __name__ == "__main__":
    unittest.main()
