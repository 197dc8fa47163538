"""Tests with cgroups that are really throttled and run out of memory and pids: version 1 on this machine, if cgroups can
be made; of version 2, what works without controllers."""
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

from harness import Case, Daemon, eventually

ROOT = "/sys/fs/cgroup"
CONTROLLERS = ("memory", "cpu", "pids")
UNIFIED = next((path for path in (ROOT, f"{ROOT}/unified") if os.path.exists(f"{path}/cgroup.controllers")), None)


class CgroupsTest(Case):
    def setUp(self):
        super().setUp()
        self.name = f"vt-{os.getpid()}-{self._testMethodName}"
        self.paths = [f"{ROOT}/{controller}/{self.name}" for controller in CONTROLLERS]
        for path in self.paths:
            try:
                os.mkdir(path)
            except OSError as error:
                self.skipTest(f"cgroups of version 1 cannot be made here: {error}")
            self.addCleanup(os.rmdir, path)

    def set(self, file, value):
        for path in self.paths:
            if os.path.exists(f"{path}/{file}"):
                with open(f"{path}/{file}", "w") as f:
                    f.write(str(value))
                return
        self.fail(f"no {file}")

    def run_in(self, code):
        """Runs Python code in a process of the cgroup; the code starts once the process is in it."""
        join = "".join(f"with open('{path}/cgroup.procs', 'w') as f: f.write(str(os.getpid()))\n" for path in self.paths)
        child = subprocess.Popen([sys.executable, "-c", f"import os, time\n{join}{code}"], stderr=subprocess.DEVNULL)
        self.addCleanup(self.end, child)
        return child

    def end(self, child):
        child.kill()
        child.wait()
        eventually("the cgroup is empty", self.empty)

    def empty(self):
        """Kills the cgroup's processes until there are none."""
        left = []
        for path in self.paths:
            with open(f"{path}/cgroup.procs") as procs:
                left += map(int, procs.read().split())
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return not left

    def daemon(self, *more):
        self.running = daemon = Daemon("--collector.disable-defaults", f"--collector.cgroups.include=^/{self.name}$", "--collector.cgroups",
                                       "--collector.defaults.fresh=0s", *more)
        self.addCleanup(daemon.__exit__)
        daemon.ready()
        return lambda family, more="": daemon.metrics().get(f'{family}{{id="/{self.name}"{more}}}')

    def test_a_spinner_is_throttled(self):
        self.set("cpu.cfs_quota_us", 20000)
        value = self.daemon()
        self.assertEqual(value("container_cpu_cfs_throttled_periods_total"), 0)
        self.assertEqual(value("vitalsd_cgroup_cpu_limit_cores"), 0.2)
        self.run_in("while True: pass")
        eventually("it is throttled", lambda: value("container_cpu_cfs_throttled_periods_total") > 3)
        self.assertGreater(value("container_cpu_cfs_throttled_seconds_total"), 0)
        time.sleep(1)
        value("vitalsd_cgroup_cpu_throttled_ratio")
        time.sleep(1)
        self.assertGreater(value("vitalsd_cgroup_cpu_throttled_ratio"), 0.5)
        self.assertEqual(value("container_processes"), 1)
        self.assertAlmostEqual(value("container_start_time_seconds"), time.time(), delta=60)

    def test_an_eater_is_killed(self):
        limit = 64 << 20
        self.set("memory.limit_in_bytes", limit)
        value = self.daemon()
        self.assertEqual(value("container_spec_memory_limit_bytes"), limit)
        self.assertEqual(value("container_oom_events_total"), 0)
        eater = self.run_in("all = []\nwhile True: all.append(b'x' * (1 << 20))")
        self.assertEqual(eater.wait(30), -9)
        eventually("the kill is counted", lambda: value("container_oom_events_total") == 1)
        self.assertGreater(value("container_memory_failcnt"), 0)
        self.assertLessEqual(value("container_memory_max_usage_bytes"), limit)
        self.assertGreater(value("container_memory_max_usage_bytes"), limit // 2)

    def test_pids_run_out(self):
        self.set("pids.max", 3)
        value = self.daemon()
        self.assertEqual(value("container_threads_max"), 3)
        self.run_in("try:\n  while True:\n    if os.fork() == 0: time.sleep(60)\nexcept OSError: time.sleep(60)")
        eventually("no more may be made", lambda: value("vitalsd_cgroup_thread_limit_hits_total"))
        self.assertEqual(value("container_threads"), 3)
        self.assertEqual(value("container_processes"), 3)

    def test_one_that_is_made_anew_between_two_rounds_has_a_start_of_its_own(self):
        value = self.daemon()
        child = self.run_in("time.sleep(600)")
        before = eventually("its start is reported", lambda: value("container_start_time_seconds"))
        self.running.send(signal.SIGSTOP)
        self.end(child)
        for path in self.paths:
            os.rmdir(path)
            os.mkdir(path)
        time.sleep(0.5)
        self.run_in("time.sleep(600)")
        eventually("somebody is in there", pathlib.Path(self.paths[0], "cgroup.procs").read_text)
        self.running.send(signal.SIGCONT)
        self.assertGreaterEqual(eventually("its start is reported", lambda: value("container_start_time_seconds")), before + 0.4)

    def test_connections_are_counted_by_state(self):
        value = self.daemon("--collector.cgroups.connections")
        self.run_in("""
import ctypes, fcntl, socket, struct
assert ctypes.CDLL(None).unshare(0x40000000) == 0  # CLONE_NEWNET
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(udp, 0x8914, struct.pack("16sH14x", b"lo", 1))  # SIOCSIFFLAGS: IFF_UP
udp.bind(("127.0.0.1", 0))
for _ in range(3): udp.sendto(b"x" * 100, udp.getsockname())
listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
ends = socket.create_connection(listeners[0].getsockname()), listeners[0].accept()
time.sleep(600)
""")
        tcp = lambda state: value("container_network_tcp_usage_total", f',tcp_state="{state}"')
        udp = lambda state: value("container_network_udp_usage_total", f',udp_state="{state}"')
        eventually("it is connected", lambda: tcp("established") == 2)
        self.assertEqual(tcp("listen"), 2)
        self.assertEqual(tcp("closewait"), 0)
        self.assertEqual(udp("listen"), 1)
        self.assertGreaterEqual(udp("rxqueued"), 300)
        self.assertEqual(udp("txqueued"), 0)

    def test_what_goes_away_is_absent(self):
        value = self.daemon()
        self.assertIsNotNone(value("container_memory_usage_bytes"))
        for path in self.paths:
            os.rmdir(path)
        self.assertIsNone(value("container_memory_usage_bytes"))
        for path in self.paths:
            os.mkdir(path)


@unittest.skipUnless(UNIFIED and os.access(UNIFIED, os.W_OK), "no cgroup of version 2 can be made here")
class UnifiedTest(Case):
    def test_one_that_is_made_anew_between_two_rounds_costs_no_more(self):
        name = f"vt-{os.getpid()}-anew"
        path = f"{UNIFIED}/{name}"
        os.mkdir(path)
        self.addCleanup(os.rmdir, path)
        with Daemon(f"--path.cgroupfs={UNIFIED}", "--collector.disable-defaults", "--collector.cgroups", "--collector.cgroups.interval=1h",
                    f"--collector.cgroups.include=^/{name}$", "--collector.defaults.fresh=0s") as daemon:
            stalls = f'vitalsd_cgroup_pressure_stalls_total{{id="/{name}",resource="memory"}}'
            if stalls not in daemon.ready().metrics():
                self.skipTest("this kernel takes no pressure triggers of cgroups")
            daemon.send(signal.SIGSTOP)
            os.rmdir(path)
            os.mkdir(path)
            daemon.send(signal.SIGCONT)
            age = 'vitalsd_collector_age_seconds{collector="cgroups"}'
            # A trigger of the removed cgroup would stay readable for ever.
            eventually("there are no more rounds", lambda: daemon.metrics("/metrics?exclude[]=cgroups")[age] > 2)
            self.assertEqual(daemon.metrics()[stalls], 0)


if __name__ == "__main__":
    unittest.main()
