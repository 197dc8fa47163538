"""Tests process groups with real processes: compared with process-exporter, and in storms of short-lived processes."""
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

from harness import BINARY, Case, Daemon, eventually, fetch, parse, run
from test_targets import end, spawn

SHARED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared/conformance/process")
# Where vitalsd differs on purpose: each thread is counted once, and an unknown key in a rule is a fault.
DECIDED = {"threads-flag-off", "config unknown-key-in-rule"}
# Depends on the number of rounds: a slow daemon is scraped during its first round, which then is the only one.
RACING = {"partial-errors-one-per-process"}
GROUP = "namedprocess_namegroup_"
RECHECK = "--collector.process_groups.recheck"  # the children here change their names some time after their start

# Forks children that each use 10 ms of CPU, several at a time, and waits for all.
BURNER = """
import ctypes, os, sys, time
prctl = ctypes.CDLL(None).prctl
prctl(15, os.fsencode(sys.argv[1]), 0, 0, 0)
prctl(1, 9)  # PR_SET_PDEATHSIG: ends with the test
sys.stdin.readline()
def burn():
    while time.process_time() < 0.01: pass
    os._exit(0)
running = 0
for _ in range(int(sys.argv[2])):
    if os.fork() == 0: burn()
    running += 1
    if running == 4:
        os.wait()
        running -= 1
while running:
    os.wait()
    running -= 1
print("done", flush=True)
sys.stdin.read()
"""


def total(series, prefix):
    return sum(value for name, value in series.items() if name.startswith(prefix))


def host_cpu(series):
    return sum(value for name, value in series.items()
               if name.startswith("node_cpu_seconds_total") and re.search('mode="(user|nice|system)"', name))


def sorted_labels(series):
    """The series with sorted labels, so that two exporters' can be compared."""
    return {re.sub(r"\{(.*)\}", lambda m: "{" + ",".join(sorted(re.findall(r'\w+="(?:[^"\\\\]|\\\\.)*"', m[1]))) + "}", name): value
            for name, value in series.items()}


class GroupsTest(Case):
    def test_the_neighbours_cases(self):
        if not os.path.exists(SHARED):
            self.skipTest("the conformance cases are not here")
        done = subprocess.run([sys.executable, f"{SHARED}/run_cases.py", f"{SHARED}/cases.json", "--vitalsd", "--no-quirks", "--",
                               BINARY], capture_output=True, text=True, timeout=280)
        failed = set(re.findall(r"^FAIL (.*?)(?:  \(.*)?$", done.stdout, re.M))
        self.assertEqual(failed - RACING, DECIDED, done.stdout)
        self.assertRegex(done.stdout, r"cases \d+/\d+; assertions")

    def test_agrees_with_process_exporter(self):
        exporter = shutil.which("prometheus-process-exporter")
        self.assertTrue(exporter, "install the package prometheus-process-exporter (./dev deps test)")
        rules = self.file("rules.yml", "process_names:\n  - name: '{{.Comm}}'\n    comm: [vt-idle, vt-files]\n")
        children = [spawn("vt-idle"), spawn("vt-idle", 3), spawn("vt-files", 40)]
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        other = subprocess.Popen([exporter, "-config.path", rules, "-web.listen-address", f"127.0.0.1:{port}"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with Daemon("--collector.disable-defaults", f"--collector.process_groups.config-file={rules}",
                        "--collector.process_groups.threads", "--collector.process_groups.smaps", "--collector.defaults.fresh=0s") as daemon:
                daemon.ready()

                def theirs():
                    try:
                        return sorted_labels(parse(fetch(f"127.0.0.1:{port}", "/metrics")[2].decode()))
                    except OSError:
                        return {}
                eventually("process-exporter answers", theirs)
                ours, expected = sorted_labels(daemon.metrics()), theirs()
                expected = {name: value for name, value in expected.items() if name.startswith(GROUP)}
                self.assertGreater(len(expected), 40)
                for name, value in expected.items():
                    with self.subTest(series=name):
                        # process-exporter takes /proc/PID/stat, which counts pages in batches per CPU; we take the sums of
                        # status. And a page's share changes when any other process that maps it starts or ends.
                        if re.search('memtype="(resident|proportional.*)"', name) and value:
                            self.assertAlmostEqual(ours.get(name, 0) / value, 1, delta=0.2)
                        else:
                            self.assertEqual(ours.get(name), value)
        finally:
            other.terminate()
            other.wait()
            for child in children:
                end(child)

    def storm(self, name, lives):
        """Runs many processes that live for 10 ms -> growth of group, exited, other and the host's count, in seconds."""
        with Daemon("--collector.process_groups.procnames=vt-burner", RECHECK, "--collector.defaults.fresh=0s") as daemon:
            daemon.ready()
            burner = subprocess.Popen([sys.executable, "-c", BURNER, name, str(lives)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            seen = GROUP + 'num_procs{groupname="vt-burner"}'
            eventually("the burner is seen", lambda: name != "vt-burner" or daemon.metrics().get(seen) == 1)
            # Loading the iterator uses half a second of CPU, which the host's counter may not include yet.
            eventually("the source is chosen", lambda: not [name for name in daemon.metrics() if "the first round" in name])
            before = daemon.metrics()
            burner.stdin.write(b"go\n")
            burner.stdin.flush()
            burner.stdout.readline()
            after = daemon.metrics()
            burner.communicate()
            if name == "vt-burner" and "vitalsd_process_exit_events_lost_total" in after:
                self.assert_all_ends_are_counted(daemon, lives + 1)
            grown = lambda prefix: total(after, prefix) - total(before, prefix)  # noqa: E731
            return (grown(GROUP + "cpu_seconds_total"), grown("vitalsd_process_exited_cpu_seconds_total"),
                    grown("vitalsd_process_other_cpu_seconds_total"), host_cpu(after) - host_cpu(before))

    def assert_all_ends_are_counted(self, daemon, expected):
        """All exits must be counted, unless the kernel dropped some, which is counted too. An exit that no sample saw has the
        parent's name, except a few in 5,000, where the parent's wait was faster than the event (cn_proc.c, exit_notify())."""
        name, seen = 'vitalsd_process_exits_total{groupname="vt-burner",reason="exit_0"}', {}

        def counted():
            seen.update(daemon.metrics())
            return 0.99 * expected <= seen.get(name, 0) <= expected or seen["vitalsd_process_exit_events_lost_total"] > 0
        try:
            eventually("all ends are counted", counted)
        except AssertionError:
            self.fail({series: value for series, value in seen.items() if "exit" in series})

    def test_what_short_lives_used_is_not_lost(self):
        group, exited, other, host = self.storm("vt-burner", 5000)
        self.assertGreater(group + exited, 40, "5,000 times 10 ms")
        self.assertAlmostEqual((group + exited + other) / host, 1, delta=0.05)

    def test_nor_what_strangers_used(self):
        group, exited, other, host = self.storm("vt-stranger", 500)
        self.assertEqual(group + exited, 0)
        self.assertGreater(other, 4)
        self.assertAlmostEqual(other / host, 1, delta=0.05)

    def test_ends_are_counted_by_code_and_signal(self):
        name = lambda reason: f'vitalsd_process_exits_total{{groupname="vt-end",reason="{reason}"}}'  # noqa: E731
        with Daemon("--collector.process_groups.procnames=vt-end", RECHECK, "--collector.defaults.fresh=0s") as daemon:
            daemon.ready()
            if "vitalsd_process_exit_events_lost_total" not in daemon.metrics():
                self.skipTest("the kernel does not let us listen to its process connector")
            for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
                child = spawn("vt-end")
                self.addCleanup(child.kill)
                eventually("it is seen", lambda: daemon.metrics().get(GROUP + 'num_procs{groupname="vt-end"}') == 1)
                child.send_signal(number)
                child.wait()
                child.stdout.close()
            eventually("all are counted", lambda: daemon.metrics().get(name("SIGKILL")) == 2)
            self.assertEqual(daemon.metrics()[name("SIGTERM")], 1)

    def test_no_counter_falls_when_the_daemon_is_killed(self):
        child = subprocess.Popen([sys.executable, "-c", "import ctypes\nctypes.CDLL(None).prctl(15,b'vt-busy',0,0,0)\nwhile True: pass"])
        self.addCleanup(lambda: (child.kill(), child.wait()))
        counters = [GROUP + 'cpu_seconds_total{groupname="vt-busy",mode="user"}', "vitalsd_process_other_cpu_seconds_total",
                    'vitalsd_process_cpu_usage_cores_count{groupname="vt-busy"}']
        arguments = ("--collector.process_groups.procnames=vt-busy", RECHECK, f"--path.state={self.directory}/state",
                     "--collector.process_groups.histograms", "--collector.process_groups.sample-interval=100ms", "--collector.defaults.fresh=0s")
        highest = dict.fromkeys(counters, 0)
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGKILL):
            with Daemon(*arguments) as daemon:
                daemon.ready()
                eventually("it is there", lambda: all(name in daemon.metrics() for name in counters))
                for _ in range(5):
                    series = daemon.metrics()
                    for counter in counters:
                        self.assertGreaterEqual(series[counter], highest[counter], counter)
                        highest[counter] = series[counter]
                daemon.end(number)
        self.assertGreater(highest[counters[0]], 0)

    def test_a_damaged_state_file_is_set_aside(self):
        state = self.file("state/process_groups", "torn")
        with Daemon("--collector.process_groups.procnames=vt-none", f"--path.state={os.path.dirname(state)}") as daemon:
            daemon.ready()
            self.assertTrue(os.path.exists(state + ".damaged"))
            eventually("it is said", lambda: any("set aside" in line for line in daemon.log))
            self.assertEqual(daemon.metrics()['vitalsd_collector_success{collector="process_groups"}'], 1)

    def test_faults_of_the_rules_name_file_and_line(self):
        rules = self.file("rules.yml", "process_names:\n  - comm: [a]\n    colour: red\n  - name: x\n  - cmdline: ['(']\n")
        done = run("--config.check", f"--collector.process_groups.config-file={rules}")
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"{rules}:3:5: unknown key 'colour'", done.stdout + done.stderr)
        rules = self.file("rules.yml", "process_names:\n  - comm: [a]\n  - cmdline: ['(']\n")
        done = run("--config.check", f"--collector.process_groups.config-file={rules}")
        self.assertIn(f"{rules}:3:5: cmdline \"(\" is not a regular expression", done.stdout + done.stderr)
        self.assertEqual(done.returncode, 2)

    def test_a_process_that_executes_another_program_changes_its_group(self):
        program = shutil.copy(shutil.which("sleep"), f"{self.directory}/vt-late")
        with Daemon("--collector.process_groups.procnames=vt-late", "--collector.defaults.fresh=0s") as daemon:
            daemon.ready()
            daemon.metrics()
            if not any('source="bpf"' in name for name in daemon.metrics()):
                self.skipTest("only the kernel's iterator notices an exec")
            child = subprocess.Popen(["sh", "-c", f"read line; exec {program} 60"], stdin=subprocess.PIPE)
            self.addCleanup(lambda: (child.kill(), child.wait(), child.stdin.close()))
            time.sleep(0.2)
            self.assertNotIn(GROUP + 'num_procs{groupname="vt-late"}', daemon.metrics())
            child.stdin.write(b"go\n")
            child.stdin.flush()
            eventually("it is in its group", lambda: daemon.metrics().get(GROUP + 'num_procs{groupname="vt-late"}') == 1)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become another user")
    def test_what_other_users_processes_hide_is_absent(self):
        child = spawn("vt-root", 3)
        self.addCleanup(end, child)
        with self.as_nobody("--collector.process_groups.procnames=vt-root", RECHECK, "--collector.defaults.fresh=0s") as daemon:
            daemon.ready()
            eventually("it is seen", lambda: daemon.metrics().get(GROUP + 'num_procs{groupname="vt-root"}') == 1)
            eventually("the second round asks for BPF", lambda: any("CAP_BPF" in name for name in daemon.metrics()))
            series = daemon.metrics()
            for name in ("read_bytes_total", "write_bytes_total"):
                self.assertNotIn(f'{GROUP}{name}{{groupname="vt-root"}}', series, "denied, so absent")
            self.assertGreater(series[GROUP + 'memory_bytes{groupname="vt-root",memtype="resident"}'], 0)
            self.assertGreater(series["namedprocess_scrape_partial_errors"], 0)
            logged = [line for line in daemon.log if "field=io" in line]
            self.assertEqual(len(logged), 1, "once: " + "".join(daemon.log))
            self.assertIn("CAP_SYS_PTRACE", logged[0])

    def test_a_named_group_is_there_when_it_is_empty(self):
        config = self.file("vitalsd.yml", "collectors:\n  process_groups:\n    process_names:\n    - {name: nobody, comm: [vt-nobody]}\n")
        with Daemon(f"--config.file={config}") as daemon:
            daemon.ready()
            series = daemon.metrics()
            self.assertEqual(series[GROUP + 'num_procs{groupname="nobody"}'], 0)
            self.assertEqual(series[GROUP + 'cpu_seconds_total{groupname="nobody",mode="user"}'], 0)
            self.assertNotIn(GROUP + 'oldest_start_time_seconds{groupname="nobody"}', series)


if __name__ == "__main__":
    unittest.main()
