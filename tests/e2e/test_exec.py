"""Tests commands of the real binary in its sandbox: their output is published, and none outlives a reload or the daemon."""
import glob
import os
import signal
import subprocess
import unittest

from harness import Case, Daemon, eventually, run
from test_sandbox import sandbox, threads

MARK = f"7{os.getpid()}54321"  # the argument of sleep by which processes of ours are found again


def alive(argument=MARK):
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as f:
                if argument.encode() in f.read().split(b"\0"):
                    found.append(path)
        except OSError:
            pass  # it has ended
    return found


class ExecTest(Case):
    def config(self, *commands, more=""):
        return self.file("c.yml", "collectors:\n  exec:\n    commands:\n" + "".join(f"    - {c}\n" for c in commands) + more)

    def children(self, daemon):
        return subprocess.run(["ps", "-o", "stat=,args=", "--ppid", str(daemon.process.pid)], capture_output=True, text=True).stdout

    def test_what_commands_print_arrives_in_the_sandbox(self):
        config = self.config(
            "{name: text, command: [/bin/sh, -c, 'echo > /dev/null; echo a 1; /bin/sleep 0'], labels: {site: x}}",
            "{name: number, command: [/bin/echo, '5'], format: number, metric: five, environment: {A: b}, limits: {nofile: 50}, nice: 5}",
            "{name: json, command: [/bin/echo, '{\"a\": [1, 7]}'], format: json, values: {seven: /a/1}}",
            "{name: plugin, command: [/bin/sh, -c, 'echo \"OK | t=3ms\"'], format: nagios}",
            "{name: kills, command: [/bin/sh, -c, 'sleep 100 & kill $$! && echo k 1'], environment: {PATH: /bin}}",
            r"{name: spy, command: [/bin/sed, -nE, 's/^(Seccomp|NoNewPrivs):\t/spy_\1 /p', /proc/self/status]}")
        with Daemon(f"--config.file={config}") as daemon:
            daemon.ready()
            eventually("all have run", lambda: sum(v for k, v in daemon.metrics().items() if k.startswith("vitalsd_exec_runs_total")) >= 6)
            metrics = daemon.metrics()
            wanted = {'a{site="x"}': 1, "five": 5, "seven": 7, 'vitalsd_exec_perfdata_value{command="plugin",label="t",unit="seconds"}': 0.003,
                      "k": 1, "spy_Seccomp": 2, "spy_NoNewPrivs": 1}
            self.assertEqual({k: metrics.get(k) for k in wanted}, wanted, "".join(daemon.log))
            self.assertEqual([k for k, v in metrics.items() if k.startswith("vitalsd_exec_success") and v != 1], [])
            self.assertEqual(sandbox(daemon)["seccomp"], "on")
            self.assertEqual({thread["Seccomp"] for thread in threads(daemon)}, {"2"})
            self.assertEqual(self.children(daemon), "", "no zombie, and none that runs")
            self.assertEqual(daemon.end(), 0)

    def test_a_command_writes_where_it_may(self):
        os.mkdir(f"{self.directory}/in")
        os.mkdir(f"{self.directory}/out")
        config = self.config(*(f"{{name: {name}, command: [/bin/sh, -c, 'echo x > {self.directory}/{name}/f && echo {name} 1'], writes: [{self.directory}/in]}}"
                               for name in ("in", "out")))
        with Daemon(f"--config.file={config}") as daemon:
            daemon.ready()
            eventually("both have run", lambda: sum(v for k, v in daemon.metrics().items() if k.startswith("vitalsd_exec_runs_total")) >= 2)
            self.assertEqual(daemon.metrics().get("in"), 1)
            if sandbox(daemon)["landlock"] == "on":
                self.assertNotIn("out", daemon.metrics())
                self.assertFalse(os.path.exists(f"{self.directory}/out/f"))

    def test_another_user(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to become another user")
        config = self.config("{name: n, command: [/usr/bin/id, -u], format: number, metric: uid, user: nobody}",
                             f"{{name: hang, command: [/bin/sh, -c, 'trap \"\" TERM; sleep {MARK}; sleep {MARK}'], user: nobody, timeout: 300ms, grace: 100ms, "
                             "environment: {PATH: /bin}}")
        with Daemon(f"--config.file={config}") as daemon:
            daemon.ready()
            eventually("it runs", lambda: daemon.metrics().get("uid") == 65534)
            eventually("that of another user is killed", lambda: daemon.metrics().get('vitalsd_exec_timeouts_total{command="hang"}') == 1)
            eventually("it is gone", lambda: not alive())

    def test_a_reload_that_removes_a_command_kills_it(self):
        config = self.config(f"{{name: long, command: [/bin/sleep, '{MARK}'], timeout: 1h}}")
        with Daemon(f"--config.file={config}") as daemon:
            daemon.ready()
            eventually("it runs", alive)
            self.config("{name: other, command: [/bin/true]}")
            daemon.send(signal.SIGHUP)
            eventually("it is gone", lambda: not alive())
            eventually("the other one runs", lambda: 'vitalsd_exec_success{command="other"}' in daemon.metrics())
            self.assertNotIn('vitalsd_exec_success{command="long"}', daemon.metrics())
            eventually("no zombie is left", lambda: self.children(daemon) == "")

    def test_commands_end_with_the_daemon_however_it_ends(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            with self.subTest(signal=number):
                config = self.config(f"{{name: long, command: [/bin/sleep, '{MARK}'], timeout: 1h}}")
                with Daemon(f"--config.file={config}") as daemon:
                    daemon.ready()
                    eventually("it runs", alive)
                    daemon.end(number)
                    eventually("it is gone", lambda: not alive())

    def test_failures_are_logged_with_the_last_words(self):
        config = self.config("{name: bad, command: [/bin/sh, -c, 'echo no such disk >&2; exit 3']}", "{name: none, command: [/nowhere]}")
        with Daemon(f"--config.file={config}") as daemon:
            daemon.ready()
            eventually("both are logged", lambda: sum("collector=exec" in line for line in list(daemon.log)) >= 2)
            log = "".join(daemon.log)
            self.assertIn("bad: exit code 3: no such disk", log)
            self.assertRegex(log, "none: could not be started.*No such file or directory")

    def test_commands_that_come_with_a_reload_lack_the_sandbox(self):
        config = self.file("c.yml", "collectors: {loadavg: {enabled: true}}\n")
        with Daemon(f"--config.file={config}") as daemon:
            daemon.ready()
            self.config("{name: late, command: [/bin/true]}")
            daemon.send(signal.SIGHUP)
            eventually("it is logged", lambda: any("restart vitalsd" in line and "collector=exec" in line for line in list(daemon.log)))
            eventually("the fault is reported", lambda: daemon.metrics().get('vitalsd_exec_success{command="late"}') == 0)

    def test_faults_of_the_configuration_have_their_place(self):
        config = self.config("{name: a, command: [/bin/true]}", "{name: b, command: [true]}")
        done = run(f"--config.file={config}", "--config.check")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stdout + done.stderr, r'c\.yml:5:\d+: command "b": the program must be an absolute path')

    def test_once_has_what_quick_commands_print(self):
        config = self.config("{name: a, command: [/bin/echo, '5'], format: number, metric: five}")
        done = run(f"--config.file={config}", "--once")
        self.assertIn("\nfive 5\n", done.stdout)


if __name__ == "__main__":
    unittest.main()
