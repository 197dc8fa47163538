"""Tests the Debian package on a virtual machine that reboots and loses its power: Debian's systemd as PID 1, pure cgroup
v2, BPF, Landlock; scraped from outside."""
import json
import random
import re
import sys
import time
import unittest
import zlib

import machine
import package
from harness import eventually, fetch, parse

CONFIG = "/etc/vitalsd/vitalsd.yml"
APPS = [f"app{number}" for number in range(20)]
EDITED = f"""# Edited by the administrator.
reports: {{keep: 50}}
collectors:
  defaults: {{interval: 1s, timeout: 10s, fresh: 0s}}
  cgroups: {{enabled: true}}
  process_groups: {{interval: 200ms, children: false, process_names: [{{name: manager, comm: [systemd]}}]}}
  targets: {{interval: 200ms, watch: [{", ".join(f"{{name: {app}, comm: {app}}}" for app in APPS)}]}}
"""
BOOTED, UPTIME = "node_boot_time_seconds", "vitalsd_uptime_seconds"
KEPT = 'vitalsd_reports_total{cause="target_ended"}'
CUTS = 8
host = state = None


def setUpModule():
    global host, state
    reason = package.missing() or machine.missing()
    if reason:
        raise unittest.SkipTest(reason)
    deb = package.make(twice=False)
    host = machine.Machine(package.dependencies(deb), deb)
    unittest.addModuleCleanup(host.end)
    host.run("mv /root/parcel /root/vitalsd.deb && apt-get -y -q install --no-install-recommends /root/vitalsd.deb")
    state = host.run("readlink -f /var/lib/vitalsd")
    host.run(f"cp {CONFIG} /root/shipped.yml; cat > /root/edited.yml <<'END'\n{EDITED}END")
    host.run(f"for app in {' '.join(APPS)}; do ln -s /bin/sleep /usr/local/bin/$app; done")
    configure("edited")


def configure(name):
    host.run(f"cp /root/{name}.yml {CONFIG}; systemctl restart vitalsd")


def show(name):
    return host.run(f"systemctl show -P {name} vitalsd.service")


def states():
    """-> the unit's states of is-enabled and is-active"""
    return tuple(host.run("systemctl is-enabled vitalsd.service; systemctl is-active vitalsd.service", check=False).split())


def journal(*arguments):
    return host.run(f"journalctl -q -b --no-pager -o cat -u vitalsd.service {' '.join(arguments)}")


def reports():
    """All reports that are kept, by their ids."""
    listed = json.loads(fetch(host.address, "/api/v1/reports")[2])["data"]
    return {entry["id"]: fetch(host.address, entry["url"])[2] for entry in listed}


def labels_of(text, family):
    return dict(re.findall(r'(\w+)="([^"]*)"', re.search(rf"^{family}{{(.*)}} 1$", text, re.M)[1]))


def metrics():
    return parse(fetch(host.address, "/metrics")[2].decode())


class BootTest(unittest.TestCase):
    def up(self):
        """Waits until a scrape succeeds -> the exposition."""
        text, _ = host.first_scrape()
        self.assertEqual(states(), ("enabled", "active"))
        return text

    def up_again(self, booted):
        """The same after a boot that is later than `booted`; prints how long it took."""
        text, seconds = host.first_scrape(lambda text: parse(text).get(BOOTED, 0) > booted)
        eventually("the manager knows it", lambda: states() == ("enabled", "active"))
        started, active = (int(show(f"{name}TimestampMonotonic")) / 1e6 for name in ("ExecMainStart", "ActiveEnter"))
        print(f"scraped after {seconds:.1f} s; started {started:.2f} s and active {active:.2f} s after the kernel ... ",
              end="", file=sys.stderr)
        return parse(text)

    def report_an_end(self, app):
        """Causes a report and waits until it is on the disk -> its id and text."""
        before, known = metrics()[KEPT], reports()
        host.run(f"{app} 600 >/dev/null 2>&1 & echo $! >/tmp/app")
        eventually("it is seen", lambda: metrics()[f'vitalsd_target_up{{target="{app}"}}'] == 1)
        host.run("kill -9 $(cat /tmp/app)")
        eventually("it is on the disk", lambda: metrics()[KEPT] > before)
        return next(item for item in reports().items() if item not in known.items())

    def test_installed_it_runs_and_is_scraped(self):
        text = self.up()
        self.assertEqual((show("Type"), show("SubState"), show("NRestarts")), ("notify", "running", "0"))
        self.assertEqual(fetch(host.address, "/-/ready")[0], 200)
        series = parse(text)
        self.assertEqual([name for name, value in series.items() if name.startswith("vitalsd_collector_success") and value != 1], [])
        self.assertEqual(labels_of(text, "node_uname_info")["release"], host.run("uname -r"))
        self.assertEqual(series["node_memory_MemTotal_bytes"], 1024 * int(host.run("sed -n 's/MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo")))

    def test_the_kernel_shuts_it_in(self):
        configure("shipped")
        self.addCleanup(configure, "edited")
        doors = labels_of(self.up(), "vitalsd_sandbox_info")
        self.assertEqual(doors, dict.fromkeys(("no_new_privs", "capabilities", "seccomp", "landlock"), "on"))
        status = dict(re.findall(r"^(\w+):\s*(\S+)", host.run(f"cat /proc/{show('MainPID')}/status"), re.M))
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"], int(status["CapEff"], 16)), ("1", "2", 0))
        self.assertNotEqual(status["Uid"], "0")

    def test_a_unit_is_a_cgroup_of_version_2(self):
        unit = "/system.slice/vitalsd.service"
        series = parse(self.up())
        self.assertEqual(series[f'container_spec_memory_limit_bytes{{id="{unit}"}}'], 64 << 20)  # as in the unit
        self.assertEqual(series[f'container_threads_max{{id="{unit}"}}'], 80)
        self.assertEqual(series[f'container_processes{{id="{unit}"}}'], 1)
        self.assertGreater(series[f'container_memory_usage_bytes{{id="{unit}"}}'], 0)
        self.assertGreater(series[f'container_cpu_usage_seconds_total{{id="{unit}",cpu="total"}}'], 0)

    def test_an_oom_kill_of_a_unit_is_reported(self):
        def known():
            return 'container_memory_usage_bytes{id="/system.slice/eater.service"}' in metrics()
        host.run("systemd-run -q --unit=eater -p MemoryMax=16M sh -c 'until [ -e /tmp/eat ]; do sleep 0.1; done; exec tail /dev/zero'")
        self.addCleanup(host.run, "systemctl reset-failed eater; rm /tmp/eat", check=False)
        eventually("it is known", known)
        host.run("touch /tmp/eat")
        # The manager removes the cgroup as soon as its process has ended.
        report = eventually("the kill is reported", lambda: next((r for r in map(json.loads, reports().values()) if r["cause"] == "oom_kill"), None))
        self.assertEqual((report["cause"], report["entity"]), ("oom_kill", "/system.slice/eater.service"))

    def test_processes_come_through_bpf_with_its_drop_in(self):
        def source():
            return labels_of(fetch(host.address, "/metrics")[2].decode(), "vitalsd_process_source_info")
        self.up()
        eventually("a source is chosen", lambda: source()["reason"] != "the first round")
        self.assertEqual(source()["source"], "procfs")
        drop_in = "/etc/systemd/system/vitalsd.service.d/bpf.conf"
        host.run(f"install -D -m 644 /usr/share/doc/vitalsd/examples/drop-ins/bpf.conf {drop_in}; systemctl daemon-reload; systemctl restart vitalsd")
        self.addCleanup(host.run, f"rm {drop_in}; systemctl daemon-reload; systemctl restart vitalsd")
        eventually("a source is chosen", lambda: source()["reason"] != "the first round")
        self.assertEqual(source(), {"source": "bpf", "reason": "available"})
        self.assertEqual(parse(self.up())['namedprocess_namegroup_num_procs{groupname="manager"}'],
                         int(host.run("grep -xl systemd /proc/[0-9]*/comm | wc -l")))

    def test_it_comes_back_after_a_reboot_with_what_it_kept(self):
        before = parse(self.up())
        name, text = self.report_an_end(APPS[0])
        host.reboot()
        after = self.up_again(before[BOOTED])
        self.assertLess(after[UPTIME], time.monotonic() - host.started)
        self.assertEqual(show("NRestarts"), "0")
        self.assertEqual(reports().get(name), text)
        self.assertEqual(host.run(f"cat {CONFIG}") + "\n", EDITED)
        self.assertIn('vitalsd_target_up{target="app0"}', after)  # the edited configuration is in force
        self.assertEqual(journal("-p", "err"), "")
        self.assertIn(host.run("cat /proc/sys/kernel/random/boot_id"), host.run(f"cat {state}/process_groups"))

    def test_a_cut_of_the_power_tears_nothing(self):
        before = parse(self.up())
        name, text = self.report_an_end(APPS[1])
        # This target ends again and again, so that reports are written all the time. Groups are saved in each of their rounds.
        host.run(f"systemd-run -q --unit=ends sh -c 'for app in {' '.join(APPS[2:])}; do $app 0.7; done'")
        self.addCleanup(host.run, "systemctl stop ends", check=False)
        seen = set()
        for _ in range(CUTS):
            kept = metrics()[KEPT]
            eventually("another report is kept", lambda: metrics()[KEPT] > kept)
            time.sleep(random.uniform(0, 0.5))  # a random moment of the next round
            with host.disk_now() as disk:
                files = disk.files(state)
                for path, data in files.items():
                    with self.subTest(path):
                        self.assert_whole(path, data)
                self.assertEqual(files[f"{state}/reports/{name}.json"].decode(), text.decode())
                seen |= set(files)
        self.assertGreater(len(seen), CUTS)
        host.power_off()
        host.power_on()
        self.up_again(before[BOOTED])
        self.assertEqual(reports().get(name), text)
        self.assertEqual(journal("-p", "err"), "")
        self.assertNotIn("damaged", journal())
        self.assertEqual(host.run(f"find {state}/ -name '*.damaged'"), "")

    def assert_whole(self, path, data):
        if path.endswith(".json"):
            self.assertEqual(json.loads(data)["cause"], "target_ended")
        elif not path.endswith(".tmp"):
            header, _, body = data.partition(b"\n")
            self.assertEqual(header.split()[3:], [b"%d" % len(body), b"%08x" % zlib.crc32(body)])

    def test_turned_off_it_stays_off(self):
        self.up()
        host.run("systemctl disable --now vitalsd")
        host.reboot()
        self.addCleanup(self.up)
        self.addCleanup(host.run, "systemctl enable --now vitalsd")
        host.run("systemctl is-system-running --wait", check=False)
        self.assertEqual(states(), ("disabled", "inactive"))


if __name__ == "__main__":
    unittest.main()
