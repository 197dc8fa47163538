"""Tests the sandbox of the real binary: what every thread has given up, what still works, and what a reload lacks."""
import ctypes
import glob
import os
import platform
import re
import shutil
import signal
import stat
import struct
import subprocess
import tempfile
import unittest

from harness import BINARY, Case, Daemon, eventually, fetch, free_port, run
from test_targets import end, spawn

LIBC = ctypes.CDLL(None, use_errno=True)
CREATE_RULESET = 444  # landlock_create_ruleset, the same number on all machines
LANDLOCK = LIBC.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1) > 0
NUMBERS = {"DAC_READ_SEARCH": 2, "NET_ADMIN": 12, "SYS_PTRACE": 19, "SYS_RESOURCE": 24, "PERFMON": 38, "BPF": 39}
OLD_KERNEL = tuple(map(int, re.match(r"(\d+)\.(\d+)", platform.release()).groups())) < (6, 5)
READING = ("SYS_PTRACE", "DAC_READ_SEARCH")
# ThreadSanitizer starts a thread before main().
SANITIZED = shutil.which("ldd") is not None and "libtsan" in subprocess.run(["ldd", BINARY], capture_output=True, text=True).stdout


def status(path):
    with open(path) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


OURS = status("/proc/self/status")


def capabilities(*names):
    """Those of `names` that this process could pass on to the daemon."""
    return sum(1 << NUMBERS[name] for name in names) & int(OURS["CapPrm"], 16)


def threads(daemon):
    found = []
    for path in glob.glob(f"/proc/{daemon.process.pid}/task/*/status"):
        try:
            found.append(status(path))
        except OSError:
            pass  # it has ended
    return found


def sandbox(daemon):
    name = next(name for name in daemon.metrics() if name.startswith("vitalsd_sandbox_info{"))
    return dict(re.findall(r'(\w+)="([^"]*)"', name))


def lines(daemon, text):
    return [line for line in list(daemon.log) if text in line]


def refuse_landlock():
    """Installs a filter as an old container engine does, by which the call does not exist."""
    def op(code, true, false, value):
        return struct.pack("HBBI", code, true, false, value)
    program = op(0x20, 0, 0, 0) + op(0x15, 0, 1, CREATE_RULESET) + op(0x06, 0, 0, 0x50000 | 38) + op(0x06, 0, 0, 0x7FFF0000)
    buffer = ctypes.create_string_buffer(program)
    filter_ = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    LIBC.prctl(38, 1, 0, 0, 0)
    assert LIBC.prctl(22, 2, ctypes.c_char_p(filter_)) == 0


class SandboxCase(Case):
    def expect(self, daemon, *names, landlock):
        """Checks that each thread has only these capabilities, and that the metric shows the state of each part."""
        if OLD_KERNEL:
            names += ("SYS_RESOURCE",)  # needed there to arm pressure triggers
        wanted = capabilities(*names)
        for _ in range(5):  # threads of the pool come and go
            daemon.metrics()
            odd = [thread for thread in threads(daemon)
                   if (thread["NoNewPrivs"], thread["Seccomp"]) != ("1", "2")
                   or any(int(thread[key], 16) != value for key, value in
                          (("CapEff", wanted), ("CapPrm", wanted), ("CapInh", 0), ("CapAmb", 0)))
                   or (os.geteuid() == 0 and int(thread["CapBnd"], 16) != wanted)]
            self.assertLessEqual(len(odd), 1 if SANITIZED else 0, odd)
        self.assertEqual(sandbox(daemon), {"no_new_privs": "on", "capabilities": "on", "seccomp": "on", "landlock": landlock})

    def reload(self, daemon, word="msg=reloaded"):
        before = len(daemon.log)
        daemon.send(signal.SIGHUP)
        eventually(word, lambda: any(word in line for line in daemon.log[before:]))
        return "".join(daemon.log[before:])


class ThreadsTest(SandboxCase):
    def test_the_defaults_need_nothing(self):
        with Daemon() as daemon:
            daemon.ready()
            self.assertGreater(len(threads(daemon)), 1)
            self.expect(daemon, landlock="on" if LANDLOCK else "not in this kernel")
            failed = [name for name, value in daemon.metrics().items() if name.startswith("vitalsd_collector_success") and value != 1]
            self.assertEqual(failed, [])
            self.assertEqual(daemon.end(), 0)

    def test_nothing_is_read_less(self):
        with Daemon("--collector.cgroups") as shut, Daemon("--collector.cgroups", "--security.sandbox=off") as free:
            # Cgroups and network devices come and go.
            names = [{re.sub(r"((?:vitalsd_sandbox|vitalsd_cgroup|container_|node_network).*?)\{.*", r"\1", name)
                      for name in daemon.ready().metrics() if not name.startswith("vitalsd_http")} for daemon in (shut, free)]
            self.assertEqual(names[0], names[1])
            self.assertIn("container_network_receive_bytes_total", names[0])
            self.assertIn("container_start_time_seconds", names[0])

    def test_cgroups_look_at_hidden_processes_with_privilege(self):
        hide = ["unshare", "-m", "sh", "-c", 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', "sh", BINARY]
        if subprocess.run([*hide[:4], "mount -t proc -o hidepid=2 proc /proc"], capture_output=True).returncode != 0:
            self.skipTest("may not mount a procfs")
        wrapper = self.file("hidden", "#!/bin/sh\nexec " + " ".join(f"'{word}'" for word in hide) + ' "$@"\n')
        os.chmod(wrapper, 0o755)
        with Daemon("--collector.cgroups", binary=wrapper) as daemon:
            daemon.ready()
            self.expect(daemon, *READING, landlock="reads other processes")
            self.assertIn("container_start_time_seconds", {name.split("{")[0] for name in daemon.metrics()})

    def test_a_user_without_privilege_is_shut_in_as_well(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to become another user")
        with self.as_nobody("--web.listen-address=127.0.0.1:0") as daemon:
            daemon.ready()
            self.assertEqual({(thread["NoNewPrivs"], thread["Seccomp"], int(thread["CapEff"], 16)) for thread in threads(daemon)}
                             if not SANITIZED else {("1", "2", 0)}, {("1", "2", 0)})
            self.assertEqual(sandbox(daemon)["landlock"], "on" if LANDLOCK else "not in this kernel")

    def test_targets_are_read_with_two_capabilities(self):
        child = spawn("vtest-sandbox", descriptors=3)
        self.addCleanup(end, child)
        with Daemon("--collector.targets.watch=app:comm=vtest-sandbox") as daemon:
            daemon.ready()
            eventually("the target is up", lambda: daemon.metrics().get('vitalsd_target_up{target="app"}') == 1)
            self.expect(daemon, *READING, landlock="reads other processes")
            self.assertEqual(lines(daemon, "not readable"), [])

    def test_groups_keep_bpf(self):
        state = f"{self.directory}/state"
        with Daemon("--collector.process_groups.procnames=python3", f"--path.state={state}") as daemon:
            daemon.ready()
            source = eventually("a source is chosen", lambda: next(
                (name for name in daemon.metrics() if name.startswith("vitalsd_process_source_info") and "first round" not in name), None))
            with_bpf = "built without BPF" not in source
            self.expect(daemon, *READING, "NET_ADMIN", *(("BPF", "PERFMON") if with_bpf else ()), landlock="reads other processes")
            with Daemon("--collector.process_groups.procnames=python3", "--security.sandbox=off") as free:
                free.ready()
                eventually("the same source is chosen without a sandbox", lambda: source in free.metrics())
            self.assertEqual(daemon.end(), 0)
        self.assertTrue([name for name in os.listdir(state) if not name.endswith(".tmp")], "the totals are kept")

    def test_groups_of_procfs_do_not(self):
        with Daemon("--collector.process_groups.procnames=python3", "--collector.process_groups.source=procfs") as daemon:
            daemon.ready()
            self.expect(daemon, *READING, "NET_ADMIN", landlock="reads other processes")

    def test_off_leaves_everything_as_it_was(self):
        with Daemon("--security.sandbox=off") as daemon:
            daemon.ready()
            for thread in threads(daemon):
                for key in ("NoNewPrivs", "Seccomp", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                    self.assertEqual(thread[key], OURS[key])
            self.assertEqual(set(sandbox(daemon).values()), {"off"})

    def test_once_needs_none(self):
        done = run("--once")
        self.assertEqual(done.returncode, 0)
        self.assertIn('vitalsd_sandbox_info{no_new_privs="off",capabilities="off",seccomp="off",landlock="off"} 1', done.stdout)

    def test_what_is_refused_is_said_once_and_the_rest_stands(self):
        with Daemon(preexec_fn=refuse_landlock) as daemon:
            daemon.ready()
            self.expect_refused(daemon)
            self.assertEqual(daemon.end(), 0)

    def expect_refused(self, daemon):
        self.assertEqual(sandbox(daemon), {"no_new_privs": "on", "capabilities": "on", "seccomp": "on", "landlock": "not in this kernel"})
        said = lines(daemon, "a part of the sandbox")
        self.assertEqual(len(said), 1, said)
        self.assertRegex(said[0], 'level=info .*part=landlock reason="not in this kernel"')


class ReloadTest(SandboxCase):
    def daemon(self, text, *arguments, **kwargs):
        self.config = self.file("c.yml", text)
        return Daemon(f"--config.file={self.config}", *arguments, **kwargs)

    def test_a_collector_that_comes_too_late_is_logged(self):
        with self.daemon("collectors: {entropy: {enabled: false}}\n") as daemon:
            daemon.ready()
            self.file("c.yml", "collectors: {targets: {watch: [{name: app, comm: python3}]}}\n")
            said = [line for line in self.reload(daemon).splitlines() if "restart vitalsd" in line]
            self.assertEqual(len(said), 1, said)
            self.assertRegex(said[0], "level=warn .*collector=targets lacks=")
            for lack in (*(f"CAP_{name}" for name in READING if capabilities(name)), *(["Landlock"] if LANDLOCK else [])):
                self.assertIn(lack, said[0])
            eventually("it does what it can", lambda: daemon.metrics().get('vitalsd_target_up{target="app"}') == 1)

    def test_one_that_lacks_nothing_is_not(self):
        with self.daemon("collectors: {targets: {watch: [{name: app, comm: python3}]}, loadavg: {enabled: false}}\n") as daemon:
            daemon.ready()
            self.file("c.yml", "collectors: {targets: {watch: [{name: b, comm: python3}]}, cgroups: {enabled: true, processes: true}}\n")
            self.assertNotIn("restart vitalsd", self.reload(daemon))

    def test_bpf_that_comes_too_late_is_logged(self):
        if not capabilities("BPF"):
            self.skipTest("needs CAP_BPF, to lose it")
        rules = "process_groups: {procnames: python3"
        with self.daemon(f"collectors: {{{rules}, source: procfs}}}}\n") as daemon:
            daemon.ready()
            self.file("c.yml", f"collectors: {{{rules}}}}}\n")
            said = self.reload(daemon)
            if "built without BPF" not in said:
                self.assertRegex(said, 'restart vitalsd.*collector=process_groups lacks="CAP_PERFMON CAP_BPF, bpf\\(2\\) \\(seccomp\\)"')

    def test_without_writing_it_works_and_logs_triggers_that_come_too_late(self):
        """The daemon reads other processes, so Landlock is left out and only the filter forbids writing to files."""
        targets = "targets: {watch: [{name: app, comm: python3}]}, cgroups: {enabled: true, stall_watches: 0}"
        with self.daemon(f"collectors: {{{targets}, pressure: {{triggers: false}}}}\n", "--path.state=") as daemon:
            daemon.ready()
            eventually("the target is up", lambda: daemon.metrics().get('vitalsd_target_up{target="app"}') == 1)
            self.assertEqual([name for name, value in daemon.metrics().items() if name.startswith("vitalsd_collector_success") and value != 1], [])
            self.assertEqual(lines(daemon, "not permitted"), [])
            self.file("c.yml", f"collectors: {{{targets}}}\n")
            self.assertRegex(self.reload(daemon), r"restart vitalsd.*collector=pressure lacks=.*pressure triggers \(seccomp\)")
            self.assertEqual(daemon.end(), 0)

    def test_the_sandbox_itself_is_of_the_start(self):
        with self.daemon("security: {sandbox: auto}\n") as daemon:
            daemon.ready()
            self.file("c.yml", "security: {sandbox: off}\n")
            self.assertRegex(self.reload(daemon), "restart vitalsd: security.sandbox.*in_force=auto")
            self.assertEqual(sandbox(daemon)["seccomp"], "on")

    def test_the_file_of_another_user_is_read_again(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to give a file away")
        config = self.file("c.yml", "collectors: {loadavg: {enabled: false}}\n")
        os.chmod(config, 0o600)
        os.chown(config, 65534, 65534)
        with Daemon(f"--config.file={config}") as daemon:
            daemon.ready()
            self.expect(daemon, "DAC_READ_SEARCH", landlock="on" if LANDLOCK else "not in this kernel")
            self.reload(daemon)

    def test_a_new_address_is_opened_and_one_in_use_refused_without_blaming_the_sandbox(self):
        with self.daemon("web: {listen_address: ['127.0.0.1:0']}\n", listen=()) as daemon, Daemon() as other:
            daemon.ready()
            self.file("c.yml", f"web: {{listen_address: ['127.0.0.1:0', '{other.address}']}}\n")
            self.assertNotIn("sandbox", self.reload(daemon, "reload refused"))
            address = f"127.0.0.1:{free_port()}"
            self.file("c.yml", f"web: {{listen_address: ['127.0.0.1:0', '{address}']}}\n")
            self.reload(daemon)
            self.assertEqual(fetch(address, "/-/healthy")[0], 200)

    def test_a_low_port_takes_a_restart(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to lose the right")
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as f:
            if int(f.read()) < 1000:
                self.skipTest("all ports are free here")
        with self.daemon("web: {listen_address: ['127.0.0.1:0']}\n", listen=()) as daemon:
            daemon.ready()
            self.file("c.yml", "web: {listen_address: ['127.0.0.1:0', '127.0.0.1:997']}\n")
            self.assertRegex(self.reload(daemon, "reload refused"), "127.0.0.1:997: Permission denied; its sandbox .* restart it")
            self.assertEqual(daemon.get("/-/healthy")[0], 200)


class FilesTest(SandboxCase):
    def test_sockets_are_removed_at_the_end(self):
        path = f"{self.directory}/s"
        with Daemon(listen=(f"--web.listen-address=unix:{path}",)) as daemon:
            daemon.ready()
            self.assertTrue(stat.S_ISSOCK(os.stat(path).st_mode))
            self.assertEqual(daemon.end(), 0)
        self.assertFalse(os.path.exists(path))

    def test_a_socket_may_come_back_where_one_was(self):
        path, tcp = f"{self.directory}/s", "127.0.0.1:0"
        config = self.file("c.yml", f"web: {{listen_address: ['{tcp}', 'unix:{path}']}}\n")
        with Daemon(f"--config.file={config}", listen=()) as daemon:
            daemon.ready()
            self.file("c.yml", f"web: {{listen_address: ['{tcp}']}}\n")
            self.reload(daemon)
            self.assertFalse(os.path.exists(path))
            self.file("c.yml", f"web: {{listen_address: ['{tcp}', 'unix:{path}']}}\n")
            self.reload(daemon)
            self.assertEqual(fetch(f"unix:{path}", "/-/ready")[0], 200)
            if LANDLOCK:
                elsewhere = tempfile.mkdtemp(prefix="vitalsd-")
                self.addCleanup(shutil.rmtree, elsewhere)
                self.file("c.yml", f"web: {{listen_address: ['{tcp}', 'unix:{elsewhere}/s']}}\n")
                self.assertRegex(self.reload(daemon, "reload refused"), "Permission denied; its sandbox .* restart it")
            self.assertEqual(daemon.end(), 0)
        self.assertFalse(os.path.exists(path))

    def test_a_new_state_directory_takes_a_restart(self):
        if not LANDLOCK:
            self.skipTest("no Landlock here")
        config = self.file("c.yml", f"paths: {{state: {self.directory}/a}}\n")
        with Daemon(f"--config.file={config}") as daemon:
            daemon.ready()
            self.file("c.yml", f"paths: {{state: {self.directory}/b}}\n")
            self.assertRegex(self.reload(daemon), f"restart vitalsd.*paths.state={self.directory}/b")

    def test_pressure_triggers_are_armed(self):
        try:
            trigger = os.open("/proc/pressure/cpu", os.O_RDWR)
            os.write(trigger, b"some 100000 2000000\0")
            os.close(trigger)
        except OSError as error:
            self.skipTest(f"no pressure triggers here: {error}")
        stalls = 'vitalsd_pressure_stalls_total{resource="cpu",kind="waiting"}'
        config = self.file("c.yml", "collectors: {pressure: {interval: 10s}}\n")
        with Daemon(f"--config.file={config}") as daemon:
            daemon.ready()
            self.assertIn(stalls, daemon.metrics())
            self.file("c.yml", "collectors: {pressure: {interval: 11s}}\n")  # a new collector object, which arms its triggers anew
            self.assertNotIn("restart vitalsd", self.reload(daemon))
            eventually("armed again", lambda: stalls in daemon.metrics())
        with self.subTest("those that come too late"), Daemon(f"--config.file={self.file('d.yml', 'collectors: {pressure: {triggers: false}}')}") as daemon:
            daemon.ready()
            self.file("d.yml", "collectors: {pressure: {triggers: true}}\n")
            said = self.reload(daemon)
            if LANDLOCK:
                self.assertRegex(said, r"collector=pressure lacks=.*pressure triggers \(Landlock\)")

    def test_triggers_of_cgroups_are_armed(self):
        root = next((path for path in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified") if os.path.exists(f"{path}/cgroup.controllers")), None)
        cgroup = f"{root}/vitalsd-sandbox-{os.getpid()}"
        try:
            os.mkdir(cgroup)
            self.addCleanup(os.rmdir, cgroup)
            os.close(os.open(f"{cgroup}/cpu.pressure", os.O_RDWR))
        except OSError as error:
            self.skipTest(f"no cgroup of ours with pressure: {error}")
        arguments = ["--collector.cgroups", f"--path.cgroupfs={root}", "--collector.cgroups.include=/vitalsd-sandbox-.*", "--collector.cgroups.neighbours=off"]
        armed = []
        for mode in ("auto", "off"):
            with Daemon(*arguments, f"--security.sandbox={mode}") as daemon:
                daemon.ready()
                armed.append({name for name in daemon.metrics() if name.startswith("vitalsd_cgroup_pressure_stalls_total{")})
                if mode == "auto":
                    self.expect(daemon, landlock="on" if LANDLOCK else "not in this kernel")
        self.assertEqual(armed[0], armed[1])
        self.assertTrue(armed[0])


if __name__ == "__main__":
    unittest.main()
