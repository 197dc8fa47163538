"""Tests the units under a real systemd as PID 1: start, reload, watchdog, sockets, journal, drop-ins."""
import re
import tempfile
import time
import unittest

from asking import Asking
from certificates import Authority, user
from harness import eventually, parse
from nspawn import UNITS, Guest, missing

CONFIG = "/etc/vitalsd/vitalsd.yml"
DROP_IN = "/etc/systemd/system/vitalsd.service.d"
GOOD = "collectors: {defaults: {interval: 1s}}\n"
BAD = "collectors: {defaults: {intervall: 1s}}\n"


@unittest.skipIf(missing(), missing())
class SystemdTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.guest = Guest({CONFIG: GOOD})
        cls.addClassCleanup(cls.guest.end)

    def setUp(self):
        guest = self.guest
        guest.run("systemctl", "stop", "vitalsd.socket", "vitalsd.service")
        guest.run("rm", "-rf", DROP_IN)
        guest.write(CONFIG, GOOD)
        guest.must("systemctl", "daemon-reload")
        guest.run("systemctl", "reset-failed")
        guest.must("journalctl", "--rotate")
        guest.must("journalctl", "--vacuum-time=1us", "-q")

    def start(self, drop_in=""):
        if drop_in:
            self.guest.write(f"{DROP_IN}/test.conf", drop_in)
            self.guest.must("systemctl", "daemon-reload")
        self.guest.must("systemctl", "start", "vitalsd.service")

    def pid(self):
        return self.guest.show("MainPID")

    def status_line(self, key):
        return re.search(rf"^{key}:\t(.*)$", self.guest.must("cat", f"/proc/{self.pid()}/status"), re.M)[1]

    def signal(self, name):
        self.guest.must("systemctl", "kill", "--kill-whom=main", f"--signal={name}", "vitalsd.service")

    def test_active_means_ready(self):
        self.start()  # returns once READY=1 has arrived
        guest = self.guest
        self.assertEqual((guest.show("ActiveState"), guest.show("Type"), guest.show("NotifyAccess")), ("active", "notify", "main"))
        self.assertEqual(guest.get("/-/ready")[0], 200)
        status, body = guest.get()
        self.assertEqual(status, 200)
        series = parse(body)
        self.assertEqual([name for name, value in series.items() if name.startswith("vitalsd_collector_success") and value != 1], [])
        for name in ("node_load1", "node_memory_MemTotal_bytes", 'node_cpu_seconds_total{cpu="0",mode="idle"}', "process_resident_memory_bytes"):
            self.assertIn(name, series)
        eventually("the status line counts", lambda: re.match(r"\d+ collectors, 0 of 0 targets up, [1-9]\d* scrapes$", guest.show("StatusText")))
        self.assertNotEqual(self.status_line("Uid").split()[1], "0")
        self.assertEqual(self.status_line("CapEff").split(), ["0" * 16])
        # The unit's filter allows the daemon to install its own; containers may lack Landlock.
        doors = next(name for name in series if name.startswith("vitalsd_sandbox_info"))
        self.assertRegex(doors, 'no_new_privs="on",capabilities="on",seccomp="on",landlock="(on|not in this kernel|not permitted)"')

    def test_not_ready_before_the_first_collection(self):
        # A collector that hangs delays the start by up to its timeout.
        self.guest.must("/bin/sh", "-c", "mkdir -p /srv/proc && rm -f /srv/proc/* && mkfifo -m 644 /srv/proc/loadavg && chmod 755 /srv /srv/proc")
        self.guest.write(CONFIG, "paths: {procfs: /srv/proc}\ncollectors: {disable_defaults: true, loadavg: {enabled: true, timeout: 3s}}\n")
        self.guest.must("systemctl", "start", "--no-block", "vitalsd.service")
        eventually("it starts", lambda: self.guest.get("/-/healthy")[0] == 200)
        if self.guest.get("/-/ready")[0] == 503:  # else this machine was too busy to see it in time
            self.assertEqual(self.guest.show("ActiveState"), "activating")
        eventually("it is active", lambda: self.guest.show("ActiveState") == "active")
        self.assertEqual(self.guest.get("/-/ready")[0], 200)

    def test_reload_with_a_good_and_a_bad_file(self):
        self.start()
        guest, pid = self.guest, self.pid()
        guest.must("systemctl", "reload", "vitalsd.service")
        eventually("the reload is logged", lambda: "msg=reloaded" in guest.journal())
        guest.write(CONFIG, BAD)
        self.assertNotEqual(guest.run("systemctl", "reload", "vitalsd.service").returncode, 0)
        eventually("the refusal is in the status", lambda: "last reload refused: " in guest.show("StatusText"))
        self.assertIn("vitalsd.yml:1:25", guest.show("StatusText"))
        self.assertEqual(parse(guest.get()[1])["vitalsd_config_last_reload_successful"], 0)
        guest.write(CONFIG, GOOD)
        guest.must("systemctl", "reload", "vitalsd.service")
        eventually("it is good again", lambda: "refused" not in guest.show("StatusText"))
        self.assertEqual(parse(guest.get()[1])["vitalsd_config_last_reload_successful"], 1)
        self.assertEqual((self.pid(), guest.show("ActiveState"), guest.show("NRestarts")), (pid, "active", "0"))

    def test_a_bad_file_at_the_start_is_not_tried_again(self):
        self.guest.write(CONFIG, BAD)
        self.assertNotEqual(self.guest.run("systemctl", "start", "vitalsd.service").returncode, 0)
        self.assertEqual((self.guest.show("ActiveState"), self.guest.show("ExecMainStatus"), self.guest.show("NRestarts")), ("failed", "2", "0"))

    def test_the_watchdog_restarts_a_loop_that_is_stuck(self):
        self.start("[Service]\nWatchdogSec=4s\nRestartSec=100ms\n")
        guest, pid = self.guest, self.pid()
        self.signal("SIGSTOP")
        eventually("it is another process", lambda: self.pid() not in (pid, "0") and guest.show("ActiveState") == "active")
        self.assertIn("Watchdog timeout", guest.must("journalctl", "-q", "--no-pager", "-o", "cat", "-u", "vitalsd.service"))
        self.assertEqual((guest.show("NRestarts"), guest.get()[0]), ("1", 200))

    def test_a_collector_that_hangs_restarts_nothing(self):
        self.guest.must("/bin/sh", "-c", "mkdir -p /srv/proc && rm -f /srv/proc/* && mkfifo -m 644 /srv/proc/loadavg && chmod 755 /srv /srv/proc")
        self.guest.write(CONFIG, "paths: {procfs: /srv/proc}\ncollectors: {disable_defaults: true, loadavg: {enabled: true, timeout: 300ms, interval: 200ms}}\n")
        self.start("[Service]\nWatchdogSec=4s\n")
        pid, start = self.pid(), time.monotonic()
        while time.monotonic() < start + 9:  # more than twice the watchdog's timeout
            self.assertEqual(self.guest.get("/-/healthy")[0], 200)
            time.sleep(0.5)
        self.assertEqual((self.pid(), self.guest.show("NRestarts"), self.guest.show("ActiveState")), (pid, "0", "active"))
        self.assertIn("failing: loadavg", self.guest.show("StatusText"))
        self.guest.must("systemctl", "stop", "vitalsd.service")
        self.assertEqual((self.guest.show("Result"), self.guest.show("ActiveState")), ("success", "inactive"))

    def test_restarts_behind_the_socket_refuse_nobody(self):
        guest = self.guest
        guest.must("systemctl", "start", "vitalsd.socket")
        self.assertEqual(guest.show("ActiveState"), "inactive")
        self.assertEqual(guest.get("/-/healthy")[0], 200)  # the first connection starts the service
        eventually("it is ready", lambda: guest.show("ActiveState") == "active")
        asking = Asking(self, guest)
        pids = {self.pid()}
        for _ in range(3):
            guest.must("systemctl", "restart", "vitalsd.service")
            pids.add(self.pid())
            self.assertEqual(guest.get()[0], 200)
            guest.must("systemctl", "reload", "vitalsd.service")
        done, failed = asking.end()
        self.assertEqual(len(pids), 4)
        self.assertGreater(done, 10)
        self.assertEqual(failed, [])

    def test_the_journal_knows_the_levels(self):
        self.start()
        self.guest.write(CONFIG, BAD)
        self.signal("SIGHUP")
        eventually("errors are found by level", lambda: "reload refused" in self.guest.journal("-p", "err", "-t", "vitalsd"))
        self.assertNotIn("msg=ready", self.guest.journal("-p", "err"))
        everything = self.guest.journal("-t", "vitalsd")
        self.assertIn("msg=ready", everything)
        self.assertIsNone(re.search(r"^<\d>", everything, re.M))  # the journal has removed the prefixes
        self.assertNotIn("ts=", everything)

    def drop_in(self, name):
        with open(f"{UNITS}/drop-ins/{name}") as f:
            return f.read()

    def test_process_details_come_with_their_drop_in(self):
        guest = self.guest
        guest.write(CONFIG, "collectors: {defaults: {interval: 1s}, targets: {watch: [{name: manager, pid: 1}]}}\n")
        details = 'vitalsd_target_read_bytes_total{target="manager"}'
        self.start()
        before = parse(guest.get()[1])
        self.assertEqual(before['vitalsd_target_up{target="manager"}'], 1)
        guest.must("systemctl", "stop", "vitalsd.service")
        self.start(self.drop_in("process-details.conf"))
        after = parse(guest.get()[1])
        gained = set(after) - set(before)
        self.assertNotIn(details, before)
        self.assertIn(details, after, gained)
        self.assertEqual(int(self.status_line("CapEff"), 16), 1 << 19 | 1 << 2)  # SYS_PTRACE, DAC_READ_SEARCH

    def test_bpf_comes_with_its_drop_in(self):
        # Loading programs takes a kernel that allows it in a container; the capabilities can be checked anyway.
        bound = int(re.search(r"CapBnd:\t(\w+)", self.guest.must("cat", "/proc/1/status"))[1], 16)
        wanted = 1 << 39 | 1 << 38  # BPF, PERFMON
        if bound & wanted != wanted:
            self.skipTest("the guest's PID 1 has no CAP_BPF to give")
        self.guest.write(CONFIG, "collectors: {process_groups: {procnames: systemd}}\n")
        self.start(self.drop_in("bpf.conf"))
        if 'built without BPF' not in self.guest.get()[1]:
            self.assertEqual(int(self.status_line("CapEff"), 16), wanted)
        self.guest.must("systemctl", "stop", "vitalsd.service")
        self.guest.write(CONFIG, GOOD)
        self.start()
        self.assertEqual(int(self.status_line("CapEff"), 16), 0)  # given up, because no enabled collector needs them
        self.assertIn('capabilities="on"', self.guest.get()[1])

    def test_keys_and_passwords_come_with_the_tls_drop_in(self):
        guest = self.guest
        with tempfile.TemporaryDirectory() as directory:
            authority = Authority(directory)
            crt, key = authority.sign("web")
            for path, name in ((crt, "web.crt"), (key, "web.key")):
                with open(path) as f:
                    guest.write(f"/etc/vitalsd/{name}", f.read())
            guest.write("/etc/vitalsd/web.yml", "tls_server_config: {cert_file: web.crt, key_file: web.key}\n" + user())
            guest.must("/bin/sh", "-c", "chmod 600 /etc/vitalsd/web.*")
            self.start(self.drop_in("tls.conf"))

            def ask(*arguments):
                return guest.run("curl", "-s", "-m", "20", "--cacert", authority.certificate, "--connect-to", "localhost:9955:127.0.0.1:9955", *arguments,
                                 "-o", "/dev/null", "-w", "%{http_code}", "https://localhost:9955/metrics", namespaces=("-n",)).stdout
            self.assertEqual((ask(), ask("-u", "alice:secret"), guest.get()[0]), ("401", "200", 400))
            self.assertEqual(guest.run("nsenter", "-t", self.pid(), "-m", "-S", self.status_line("Uid").split()[1], "cat", "/etc/vitalsd/web.key").returncode, 1)
            guest.must("systemctl", "reload", "vitalsd.service")
            eventually("it has reloaded", lambda: "msg=reloaded" in guest.journal())
            self.assertEqual(ask("-u", "alice:secret"), "200")

    def test_a_group_comes_with_the_textfile_drop_in(self):
        guest = self.guest
        guest.run("groupadd", "--system", "vitalsd-textfile")
        group = guest.must("getent", "group", "vitalsd-textfile").split(":")[2]
        self.start()
        self.assertNotIn(group, self.status_line("Groups").split())
        guest.must("systemctl", "stop", "vitalsd.service")
        self.start(self.drop_in("textfile.conf"))
        self.assertIn(group, self.status_line("Groups").split())
        self.assertEqual(self.status_line("CapEff").split(), ["0" * 16])


if __name__ == "__main__":
    unittest.main()
