"""Tests the collectors that query systemd and logind, with a real systemd as PID 1 and a D-Bus that stops answering."""
import contextlib
import re
import socket
import unittest

from harness import eventually, parse
from nspawn import Guest, SOURCE, missing

CONFIG = "/etc/vitalsd/vitalsd.yml"
EVERYTHING = """collectors:
  defaults: {interval: 500ms, timeout: 1s}
  systemd: {enabled: true, enable_task_metrics: true, enable_restarts_metrics: true, enable_start_time_metrics: true}
  logind: {enabled: true}
"""
UNITS = "/etc/systemd/system"
FILES = {
    CONFIG: EVERYTHING,
    f"{UNITS}/bad.service": "[Service]\nExecStart=/bin/false\n",
    f"{UNITS}/again.service": "[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=on-failure\nRestartSec=1ms\nExecStart=/bin/sh /run/again\n",
    "/run/again": "test -e /run/enough && exec sleep 1h\ntest -e /run/once && touch /run/enough\ntouch /run/once\nexit 1\n",
    f"{UNITS}/beat.service": "[Service]\nType=oneshot\nExecStart=/bin/true\n",
    f"{UNITS}/beat.timer": "[Timer]\nOnActiveSec=1ms\nAccuracySec=1ms\n",
    f"{UNITS}/talk.socket": "[Socket]\nListenStream=/run/talk\nAccept=yes\n",
    f"{UNITS}/talk@.service": "[Service]\nExecStart=/bin/sh -c 'exec sleep 1h'\nStandardInput=socket\n",
}
STATES = ("active", "activating", "deactivating", "inactive", "failed")
EXCLUDED = re.compile(r".+\.(automount|device|mount|scope|slice)")


@unittest.skipIf(missing(), missing())
class BusTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.guest = Guest(FILES, more=("libpam-systemd",))
        cls.addClassCleanup(cls.guest.end)
        guest = cls.guest
        guest.must("systemctl", "daemon-reload")
        guest.must("systemctl", "start", "--no-block", "bad.service", "again.service", "beat.timer", "talk.socket")
        guest.must("systemctl", "start", "vitalsd.service")
        cls.before = guest.journal()
        with open(f"{SOURCE}/packaging/debian/vitalsd.sysusers") as f:
            guest.write("/usr/lib/sysusers.d/vitalsd.conf", f.read())
        guest.must("systemd-sysusers")
        guest.must("journalctl", "--rotate")
        guest.must("journalctl", "--vacuum-time=1us", "-q")
        guest.must("systemctl", "restart", "vitalsd.service")

    def series(self):
        return parse(self.guest.get()[1])

    def show(self, unit, name, *arguments):
        return self.guest.must("systemctl", "show", "-P", name, *arguments, unit).strip()

    def success(self, collector):
        return self.series()[f'vitalsd_collector_success{{collector="{collector}"}}']

    @contextlib.contextmanager
    def silence(self):
        """The bus exists but answers no request."""
        self.guest.must("systemctl", "kill", "--kill-whom=main", "-s", "STOP", "dbus.service")
        try:
            yield
        finally:
            self.guest.must("systemctl", "kill", "--kill-whom=main", "-s", "CONT", "dbus.service")

    def test_states_are_those_that_systemctl_shows(self):
        def same():
            listed = {}
            counted = dict.fromkeys(STATES, 0)
            for line in self.guest.must("systemctl", "list-units", "--all", "--plain", "--no-legend").splitlines():
                name, load, active, *_ = line.split()
                counted[active] += 1
                if load == "loaded" and not EXCLUDED.fullmatch(name):
                    listed[name] = active
            series = self.series()
            units = {}
            for name, value in series.items():
                found = re.match(r'node_systemd_unit_state{name="(.*)",state="(.*)",type=".*"}', name)
                if found and value == 1:
                    units[found[1].replace("\\\\", "\\")] = found[2]
            self.last = {name for name in units.keys() | listed.keys() if units.get(name) != listed.get(name)}
            return not self.last and all(series[f'node_systemd_units{{state="{state}"}}'] == number for state, number in counted.items())
        try:
            eventually("both agree", same)
        except AssertionError:
            self.fail(f"{self.last}\n{self.guest.journal()}")
        series = self.series()
        self.assertEqual(series['node_systemd_unit_state{name="bad.service",state="failed",type="simple"}'], 1)
        self.assertEqual(series['node_systemd_unit_state{name="vitalsd.service",state="active",type="notify"}'], 1)
        self.assertEqual(series["node_systemd_system_running"], 0)  # degraded, by bad.service
        version = self.guest.must("systemctl", "show", "-P", "Version").strip()
        self.assertGreater(series[f'node_systemd_version{{version="{version}"}}'], 250)
        self.assertEqual(series['node_systemd_virtualization_info{virtualization_type="systemd-nspawn"}'], 1)
        self.assertNotIn("not readable", self.guest.journal("-p", "warning"))

    def test_an_account_that_the_bus_does_not_know_is_refused_with_a_remedy(self):
        self.assertIn("make one by sysusers.d", self.before)

    def test_services_timers_and_sockets(self):
        for _ in range(2):
            peer = socket.socket(socket.AF_UNIX)
            self.addCleanup(peer.close)
            peer.connect(f"/proc/{self.guest.leader}/root/run/talk")
        wanted = {
            'node_systemd_service_restart_total{name="again.service"}': lambda: 2,
            'node_systemd_socket_accepted_connections_total{name="talk.socket"}': lambda: 2,
            'node_systemd_socket_current_connections{name="talk.socket"}': lambda: 2,
            'node_systemd_socket_refused_connections_total{name="talk.socket"}': lambda: 0,
            'node_systemd_timer_last_trigger_seconds{name="beat.timer"}': self.trigger,
        }
        for name, value in wanted.items():
            with self.subTest(name):
                eventually(name, lambda: abs(self.series().get(name, -1) - value()) < 1)
        series = self.series()
        self.assertGreater(series['node_systemd_unit_start_time_seconds{name="vitalsd.service"}'], 1.6e9)
        self.assertEqual(series['node_systemd_unit_start_time_seconds{name="bad.service"}'], 0)
        self.assertEqual(series['node_systemd_unit_tasks_max{name="vitalsd.service"}'], 80)

    def trigger(self):
        return int(self.guest.must("date", "-d", self.show("beat.timer", "LastTriggerUSec", "--timestamp=utc"), "+%s"))

    def test_sessions_are_counted(self):
        user = 'node_logind_sessions{seat="",remote="false",type="unspecified",class="background"}'
        eventually("nobody is there", lambda: self.series().get(user) == 0)
        self.guest.must("systemd-run", "-q", "--unit=session", "-p", "PAMName=login", "-p", "User=root", "sleep", "1h")
        eventually("somebody came", lambda: self.series()[user] == 1)
        self.guest.must("systemctl", "stop", "session.service")
        eventually("and went", lambda: self.series()[user] == 0)

    def test_a_bus_that_stops_costs_its_collectors_alone(self):
        eventually("it works", lambda: self.success("systemd") == 1)
        with self.silence():
            eventually("it is seen", lambda: self.success("systemd") == 0 and self.success("logind") == 0)
            before = self.series()
            eventually("the rest goes on", lambda: self.series()["node_time_seconds"] > before["node_time_seconds"] + 1)
            failed = [name for name, value in self.series().items() if name.startswith("vitalsd_collector_success") and value != 1]
            self.assertEqual(sorted(failed), ['vitalsd_collector_success{collector="logind"}', 'vitalsd_collector_success{collector="systemd"}'])
            eventually("what is too old is not shown", lambda: "node_systemd_system_running" not in self.series())
        eventually("it is back", lambda: self.success("systemd") == 1 and "node_systemd_system_running" in self.series())

    def test_root_asks_the_manager_itself_without_a_bus(self):
        with self.silence():
            once = self.guest.must("env", "-i", "/usr/bin/vitalsd", "--once", "--collector.disable-defaults", "--collector.systemd",
                                   "--collector.systemd.private")
        self.assertEqual(parse(once)['node_systemd_unit_state{name="dbus.service",state="active",type="notify"}'], 1)


if __name__ == "__main__":
    unittest.main()
