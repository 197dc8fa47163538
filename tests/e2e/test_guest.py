"""Tests /metrics on a virtual machine with pure cgroup v2 and all its controllers, where limits are really reached."""
import json
import re
import time
import unittest

from guest import PORT, Guest, needs_guest
from harness import eventually, fetch, parse

ROOT = "/sys/fs/cgroup"
MICRO, NO_VALUE = 1e-6, None
HUGE_PAGES, HUGE_PAGE = 4, 2 << 20
APPLICATION, SIDECAR = "a" * 64, "b" * 64
DAEMON = "$(pidof vitalsd)"
guest = None


def keyed(text):
    """Parses "KEY VALUE" lines into a dict."""
    return {key: int(value) for key, value in (line.split() for line in text.splitlines())}


def limit(text):
    return NO_VALUE if text == "max" else int(text)


def stalled(text, kind):
    return int(re.search(rf"^{kind} .*total=(\d+)", text, re.M)[1]) * MICRO


def device(text, key):
    found = re.search(rf"\b{key}=(\d+)", text)
    return int(found[1]) if found else NO_VALUE


# Family and labels other than id -> the value in the cgroup's files, computed independently of the daemon.
DEVICE = ',device="/dev/vda"'
EXPECTED = {
    'container_cpu_usage_seconds_total,cpu="total"': lambda f: keyed(f["cpu.stat"])["usage_usec"] * MICRO,
    "container_cpu_user_seconds_total": lambda f: keyed(f["cpu.stat"])["user_usec"] * MICRO,
    "container_cpu_system_seconds_total": lambda f: keyed(f["cpu.stat"])["system_usec"] * MICRO,
    "container_cpu_cfs_periods_total": lambda f: keyed(f["cpu.stat"])["nr_periods"],
    "container_cpu_cfs_throttled_periods_total": lambda f: keyed(f["cpu.stat"])["nr_throttled"],
    "container_cpu_cfs_throttled_seconds_total": lambda f: keyed(f["cpu.stat"])["throttled_usec"] * MICRO,
    "container_cpu_cfs_burst_periods_total": lambda f: keyed(f["cpu.stat"])["nr_bursts"],
    "container_cpu_cfs_burst_seconds_total": lambda f: keyed(f["cpu.stat"])["burst_usec"] * MICRO,
    "container_spec_cpu_quota": lambda f: limit(f["cpu.max"].split()[0]),
    "container_spec_cpu_period": lambda f: int(f["cpu.max"].split()[1]),
    "container_spec_cpu_shares": lambda f: 2 + (int(f["cpu.weight"]) - 1) * 262142 // 9999,
    "container_memory_usage_bytes": lambda f: int(f["memory.current"]),
    "container_memory_working_set_bytes":
        lambda f: max(0, int(f["memory.current"]) - keyed(f["memory.stat"])["inactive_file"]),
    "container_memory_max_usage_bytes": lambda f: int(f["memory.peak"]),
    "container_memory_rss": lambda f: keyed(f["memory.stat"])["anon"],
    "container_memory_cache": lambda f: keyed(f["memory.stat"])["file"],
    "container_memory_kernel_usage": lambda f: keyed(f["memory.stat"])["kernel"],
    "container_memory_mapped_file": lambda f: keyed(f["memory.stat"])["file_mapped"],
    "container_memory_swap": lambda f: int(f["memory.swap.current"]),
    "container_memory_failcnt": lambda f: keyed(f["memory.events"])["max"],
    "container_memory_events_high_total": lambda f: keyed(f["memory.events"])["high"],
    "container_memory_events_max_total": lambda f: keyed(f["memory.events"])["max"],
    "container_oom_events_total": lambda f: keyed(f["memory.events"])["oom_kill"],
    "container_memory_total_active_file_bytes": lambda f: keyed(f["memory.stat"])["active_file"],
    "container_memory_total_inactive_file_bytes": lambda f: keyed(f["memory.stat"])["inactive_file"],
    "container_memory_file_dirty_bytes": lambda f: keyed(f["memory.stat"])["file_dirty"],
    "container_memory_file_writeback_bytes": lambda f: keyed(f["memory.stat"])["file_writeback"],
    "container_memory_pgscan_total": lambda f: keyed(f["memory.stat"])["pgscan"],
    "container_memory_pgsteal_total": lambda f: keyed(f["memory.stat"])["pgsteal"],
    "container_memory_workingset_refault_file_total": lambda f: keyed(f["memory.stat"])["workingset_refault_file"],
    "container_memory_workingset_refault_anon_total": lambda f: keyed(f["memory.stat"])["workingset_refault_anon"],
    "container_spec_memory_limit_bytes": lambda f: limit(f["memory.max"]),
    "container_spec_memory_swap_limit_bytes": lambda f: limit(f["memory.swap.max"]),
    "container_spec_memory_reservation_limit_bytes": lambda f: limit(f["memory.low"]),
    "container_processes": lambda f: len(f["cgroup.procs"].split()),
    "container_threads": lambda f: int(f["pids.current"]),
    "container_threads_max": lambda f: limit(f["pids.max"]),
    "container_fs_reads_bytes_total" + DEVICE: lambda f: device(f["io.stat"], "rbytes"),
    "container_fs_reads_total" + DEVICE: lambda f: device(f["io.stat"], "rios"),
    "container_fs_writes_bytes_total" + DEVICE: lambda f: device(f["io.stat"], "wbytes"),
    "container_fs_writes_total" + DEVICE: lambda f: device(f["io.stat"], "wios"),
}
for page in ("2MB",):  # the guest has no other sizes
    EXPECTED[f'container_hugetlb_usage_bytes,pagesize="{page}"'] = lambda f, page=page: int(f[f"hugetlb.{page}.current"])
    EXPECTED[f'container_hugetlb_failcnt,pagesize="{page}"'] = lambda f, page=page: keyed(f[f"hugetlb.{page}.events"])["max"]
for resource in ("cpu", "memory", "io"):
    for ours, theirs in (("waiting", "some"), ("stalled", "full")):
        EXPECTED[f"container_pressure_{resource}_{ours}_seconds_total"] = \
            lambda f, resource=resource, theirs=theirs: stalled(f[f"{resource}.pressure"], theirs)
for kind in ("pgfault", "pgmajfault"):
    for scope in ("container", "hierarchy"):
        EXPECTED[f'container_memory_failures_total,failure_type="{kind}",scope="{scope}"'] = \
            lambda f, kind=kind: keyed(f["memory.stat"])[kind]
# Families whose values come from files outside of the cgroup; they have tests of their own.
ELSEWHERE = {"container_start_time_seconds", "container_last_seen", "container_file_descriptors", "container_sockets",
             'container_ulimits_soft,ulimit="max_open_files"'}


def setUpModule():
    global guest
    reason = getattr(GuestTest, "__unittest_skip_why__", None)
    if reason:
        raise unittest.SkipTest(reason)
    guest = Guest(append=f"hugepages={HUGE_PAGES}", programs=("unshare", "setpriv"))
    unittest.addModuleCleanup(guest.end)
    guest.run(f"mkdir {ROOT}/other")  # without a cgroup below it, the root's own pressure would be watched
    guest.run(f"/vitalsd --web.listen-address=:{PORT} --collector.disable-defaults --collector.cgroups "
              "--collector.cgroups.processes --collector.cgroups.interval=1h --collector.defaults.fresh=0s --collector.defaults.timeout=20s >/tmp/log 2>&1 &")

    def answers():
        try:
            return fetch(guest.address, "/-/ready")[0] == 200
        except OSError:
            return False
    try:
        eventually("the daemon in the guest is ready", answers, 60)
    except AssertionError as error:
        raise AssertionError(f"{error}: {guest.run('cat /tmp/log')}")


@needs_guest
class GuestTest(unittest.TestCase):
    def setUp(self):
        self.name = re.sub(r"^test_", "", self._testMethodName)
        self.path = f"{ROOT}/{self.name}"
        guest.run(f"mkdir {self.path}")
        self.addCleanup(guest.run, f"while [ -d {self.path} ]; do echo 1 > {self.path}/cgroup.kill; rmdir {self.path} 2>/dev/null || sleep 0.1; done")
        self.known()

    def known(self):
        """Waits for the end of a round that began after the cgroup was made; the one under way may have begun before."""
        eventually("it is known", lambda: self.value("container_oom_events_total") == 0)

    def set(self, file, value):
        guest.run(f"echo '{value}' > {self.path}/{file}")

    def start(self, code):
        """Runs shell code in a process of the cgroup."""
        guest.run(f"sh -c 'echo $$ > {self.path}/cgroup.procs; {code}' >/dev/null 2>&1 &")

    def metrics(self):
        return parse(fetch(guest.address, "/metrics")[2].decode())

    def value(self, family, more=""):
        return self.metrics().get(f'{family}{{id="/{self.name}"{more}}}')

    def reported(self, cause="oom_kill"):
        listed = json.loads(fetch(guest.address, "/api/v1/reports")[2])["data"]
        found = [json.loads(fetch(guest.address, entry["url"])[2]) for entry in listed if entry["cause"] == cause]
        return next((report for report in found if report["entity"] == f"/{self.name}"), None)

    def test_a_spinner_is_throttled(self):
        self.set("cpu.max", "20000 100000")
        self.assertEqual(self.value("container_cpu_cfs_throttled_periods_total"), 0)
        self.assertEqual(self.value("vitalsd_cgroup_cpu_limit_cores"), 0.2)
        self.start("while :; do :; done")
        eventually("it is throttled", lambda: self.value("container_cpu_cfs_throttled_periods_total") > 3)
        self.assertGreater(self.value("container_cpu_cfs_throttled_seconds_total"), 0)
        time.sleep(1)
        self.assertGreater(self.value("vitalsd_cgroup_cpu_throttled_ratio"), 0)
        self.assertGreater(self.value("container_pressure_cpu_waiting_seconds_total"), 0)
        self.assertGreater(self.value("container_pressure_cpu_stalled_seconds_total"), 0)

    def test_an_eater_is_killed(self):
        most = 32 << 20
        self.set("memory.max", most)
        self.start("exec tail /dev/zero")
        # The next tick is an hour away and nobody scrapes, so the daemon was woken by the kernel's notification.
        report = eventually("the kill is reported", self.reported)
        self.assertEqual((report["cause"], report["entity"]), ("oom_kill", f"/{self.name}"))
        series = {s["series"]: s["values"] for h in report["history"] for s in h["series"]}
        self.assertEqual(series[f'container_spec_memory_limit_bytes{{id="/{self.name}"}}'][-1], most)
        eventually("the kill is counted", lambda: self.value("container_oom_events_total") == 1)
        self.assertEqual(self.value("vitalsd_cgroup_memory_events_total", ',event="oom_kill"'), 1)
        self.assertGreater(self.value("container_memory_failcnt"), 0)
        self.assertEqual(self.value("container_spec_memory_limit_bytes"), most)
        self.assertLessEqual(self.value("container_memory_max_usage_bytes"), most)
        self.assertGreater(self.value("container_memory_max_usage_bytes"), most // 2)
        self.assertEqual(self.value("container_processes"), 0)

    def at_rest(self):
        """Waits until all rounds that earlier events caused have ended."""
        def age():
            return parse(fetch(guest.address, "/metrics?exclude[]=cgroups")[2].decode())['vitalsd_collector_age_seconds{collector="cgroups"}']
        eventually("there are no more rounds", lambda: age() > 2)

    # Again without a tick or a scrape.
    def eaten_when_made(self, make):
        self.at_rest()
        guest.run(make)
        self.set("memory.max", 32 << 20)
        self.start("exec tail /dev/zero")
        eventually("the kill is reported", self.reported)
        self.at_rest()

    def test_a_new_cgroup_is_watched(self):
        guest.run(f"rmdir {self.path}")
        eventually("it is forgotten", lambda: self.value("container_oom_events_total") is None)
        self.eaten_when_made(f"mkdir {self.path}")

    def test_a_cgroup_made_anew_is_watched_anew(self):
        self.eaten_when_made(f"kill -STOP {DAEMON}; rmdir {self.path}; mkdir {self.path}; kill -CONT {DAEMON}")

    def below(self):
        """Makes a cgroup with a limit below the test's cgroup -> its path."""
        self.set("cgroup.subtree_control", "+memory")
        guest.run(f"mkdir {self.path}/below; echo {32 << 20} > {self.path}/below/memory.max")
        self.addCleanup(guest.run, f"rmdir {self.path}/below", check=False)
        return f"{self.path}/below"

    def test_a_new_cgroup_below_another_is_watched_with_it(self):
        self.path = self.below()
        self.start("exec tail /dev/zero")
        self.name += "/below"
        eventually("the kill is reported", self.reported)

    def test_a_kill_in_a_cgroup_that_has_gone_is_counted(self):
        below = self.below()
        self.name += "/below"
        self.known()
        guest.run(f"kill -STOP {DAEMON}")
        self.addCleanup(guest.run, f"kill -CONT {DAEMON}")
        guest.run(f"sh -c 'echo $$ > {below}/cgroup.procs; exec tail /dev/zero'", check=False)
        guest.run(f"rmdir {below}; kill -CONT {DAEMON}")
        eventually("the kill is reported", self.reported)

    def test_memory_is_waited_for(self):
        self.set("memory.high", 8 << 20)
        self.start("exec tail /dev/zero")
        eventually("it waits", lambda: self.value("container_pressure_memory_waiting_seconds_total") > 0.05)
        self.assertGreater(self.value("container_memory_events_high_total"), 0)
        self.assertGreater(self.value("container_pressure_memory_stalled_seconds_total"), 0)

    def test_a_stall_is_counted(self):
        stalls = {name: f',resource="{name}"' for name in ("cpu", "memory", "io")}
        for more in stalls.values():
            self.assertEqual(self.value("vitalsd_cgroup_pressure_stalls_total", more), 0)
        self.set("memory.high", 8 << 20)
        self.start("exec tail /dev/zero")
        # Again by the kernel's notification.
        report = eventually("the stall is reported", lambda: self.reported("pressure"))
        self.assertIn("memory", report["detail"])
        self.assertGreater(self.value("vitalsd_cgroup_pressure_stalls_total", stalls["memory"]), 0)
        self.assertEqual(self.value("vitalsd_cgroup_pressure_stalls_total", stalls["io"]), 0)
        self.assertNotIn('vitalsd_cgroup_pressure_stalls_total{id="/",resource="memory"}', self.metrics())  # not watched: there are cgroups below it

    def test_pids_run_out(self):
        self.set("pids.max", 4)
        self.assertEqual(self.value("container_threads_max"), 4)
        self.start("while :; do sleep 60 & done")  # busybox exits when it cannot fork
        eventually("no more may be made", lambda: self.value("vitalsd_cgroup_thread_limit_hits_total"))
        self.assertLessEqual(self.value("container_threads"), 4)
        self.assertGreaterEqual(self.value("container_processes"), 3)

    def test_input_and_output_are_counted(self):
        self.start("dd if=/dev/vda of=/dev/null bs=1M count=4 iflag=direct; dd if=/dev/zero of=/dev/vda bs=64k count=32 oflag=direct; sleep 600")
        eventually("it is written", lambda: self.value("container_fs_writes_bytes_total", DEVICE) == 2 << 20)
        self.assertEqual(self.value("container_fs_reads_bytes_total", DEVICE), 4 << 20)
        self.assertEqual(self.value("container_fs_writes_total", DEVICE), 32)
        self.assertGreaterEqual(self.value("container_fs_reads_total", DEVICE), 4)

    def test_huge_pages_run_out(self):
        self.set("hugetlb.2MB.max", 2 * HUGE_PAGE)
        guest.run("mkdir /tmp/huge; mount -t hugetlbfs huge /tmp/huge")
        self.addCleanup(guest.run, "umount /tmp/huge")
        pages = ',pagesize="2MB"'
        self.assertEqual(self.value("container_hugetlb_usage_bytes", pages), 0)
        self.start(f"fallocate -l {2 * HUGE_PAGE} /tmp/huge/a; fallocate -l {HUGE_PAGE} /tmp/huge/b")
        eventually("no more may be had", lambda: self.value("container_hugetlb_failcnt", pages))
        self.assertEqual(self.value("container_hugetlb_usage_bytes", pages), 2 * HUGE_PAGE)

    def test_descriptors_and_sockets_are_counted(self):
        self.start("exec 5</dev/null 6</dev/null; exec nc -l -p 1234")
        eventually("it listens", lambda: self.value("container_sockets") == 1)
        pid = guest.run(f"head -n 1 {self.path}/cgroup.procs")
        self.assertEqual(self.value("container_file_descriptors"), float(guest.run(f"ls /proc/{pid}/fd | wc -l")))
        self.assertEqual(self.value("container_ulimits_soft", ',ulimit="max_open_files"'), float(guest.run("ulimit -n")))

    def network(self, identity, interface):
        metrics = self.metrics()
        return metrics.get(f'container_network_transmit_packets_total{{id="{identity}",interface="{interface}"}}')

    def test_networks_are_reported_once(self):
        self.start("exec unshare -n sh -c \"ip link add dummy7 type dummy; ip addr add 10.9.9.9/24 dev dummy7; ip link set dummy7 up; "
                   "ping -c 3 10.9.9.1; exec sleep 600\"")
        eventually("its own packets are counted", lambda: self.network(f"/{self.name}", "dummy7"))
        self.assertIsNone(self.network(f"/{self.name}", "eth0"))
        self.assertIsNone(self.network("/", "dummy7"))
        self.assertGreater(self.network("/", "eth0"), 0)  # the interface of the scrapes

    def contained(self, container, user, command):
        """Runs a container as runtimes make it on version 2: own cgroup and mount namespaces, as `user`, without capabilities."""
        drop = f"exec /tools/setpriv --reuid {user} --regid {user} --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs {command}"
        guest.run(f"mkdir {self.path}/cri-containerd-{container}.scope")
        self.addCleanup(guest.run, f"echo 1 > {self.path}/cgroup.kill; until rmdir {self.path}/cri-containerd-{container}.scope 2>/dev/null; "
                                   "do sleep 0.1; done")
        guest.run(f"sh -c 'echo $$ > {self.path}/cri-containerd-{container}.scope/cgroup.procs; exec /tools/unshare -C -m sh -c "
                  f"\"umount {ROOT}; mount -t cgroup2 cgroup2 {ROOT}; {drop}\"' >/tmp/{container} 2>&1 &")

    def sidecar(self, flags="--collector.defaults.fresh=0s"):
        """The metrics of a daemon in a neighbouring container, which cannot be reached from outside."""
        port = PORT + 1
        self.contained(SIDECAR, 65534, f"/vitalsd --web.listen-address=127.0.0.1:{port} --collector.disable-defaults --collector.cgroups {flags}")
        return lambda query="": parse(guest.run(f"wget -q -O - 'http://127.0.0.1:{port}/metrics{query}' 2>/dev/null", check=False))

    def test_a_neighbour_of_our_user_is_seen(self):
        for controller in ("cpu", "memory", "pids"):
            self.set("cgroup.subtree_control", f"+{controller}")
        self.contained(APPLICATION, 65534, "sleep 600")
        path = f"{self.path}/cri-containerd-{APPLICATION}.scope"
        guest.run(f"echo {32 << 20} > {path}/memory.max; echo '20000 100000' > {path}/cpu.max")
        metrics = self.sidecar()
        identity = f'id="/../cri-containerd-{APPLICATION}.scope",container_id="{APPLICATION}"'
        eventually("the neighbour is seen", lambda: metrics().get(f"container_memory_usage_bytes{{{identity}}}"))
        seen = metrics()
        self.assertEqual(seen[f"container_spec_memory_limit_bytes{{{identity}}}"], 32 << 20)
        self.assertEqual(seen[f"vitalsd_cgroup_cpu_limit_cores{{{identity}}}"], 0.2)
        self.assertEqual(seen[f"container_processes{{{identity}}}"], 1)
        self.assertEqual(seen[f"container_memory_max_usage_bytes{{{identity}}}"], float(guest.run(f"cat {path}/memory.peak")))
        self.assertIn('container_memory_usage_bytes{id="/"}', seen)  # the daemon's own cgroup
        self.assertFalse([name for name in seen if name.startswith("container_") and SIDECAR in name])
        guest.run(f"echo 1 > {path}/cgroup.kill; until rmdir {path}; do sleep 0.1; done; mkdir {path}", check=False)
        # What it uses is gone; what has happened to it, such as being throttled, is counted until scrapes have seen it.
        eventually("it is gone", lambda: f"container_memory_usage_bytes{{{identity}}}" not in metrics())
        left = {name.partition("{")[0] for name in metrics() if APPLICATION in name}
        self.assertFalse({name for name in left if not name.endswith("_total")} - {"container_memory_failcnt", "vitalsd_cgroup_info"}, left)

    def test_a_neighbours_kill_is_counted_before_it_has_gone(self):
        self.set("cgroup.subtree_control", "+memory")
        guest.run("echo 'until [ -e /tmp/hungry ]; do sleep 0.1; done; exec tail /dev/zero' > /tmp/eater.sh")
        self.addCleanup(guest.run, "rm -f /tmp/hungry")
        self.contained(APPLICATION, 65534, "sh /tmp/eater.sh")
        path = f"{self.path}/cri-containerd-{APPLICATION}.scope"
        guest.run(f"echo {16 << 20} > {path}/memory.max; echo 1 > {path}/memory.oom.group")
        metrics = self.sidecar("--collector.defaults.interval=1h --collector.defaults.fresh=1h")
        known = f'container_oom_events_total{{id="/../cri-containerd-{APPLICATION}.scope",container_id="{APPLICATION}"}}'
        eventually("the neighbour is seen", lambda: metrics().get(known) == 0)
        # Removes the cgroup as a runtime does once it has seen the end.
        guest.run(f"(until rmdir {path} 2>/dev/null; do sleep 0.05; done) >/dev/null 2>&1 & touch /tmp/hungry")
        eventually("the kill is counted", lambda: metrics("?exclude[]=cgroups").get('vitalsd_events_total{kind="oom_kill"}') == 1)
        said = [line for line in guest.run(f"cat /tmp/{SIDECAR}").splitlines() if "oom_kill" in line]
        self.assertIn(f"entity=/../cri-containerd-{APPLICATION}.scope", said[0])
        guest.run(f"mkdir -p {path}")

    def test_a_neighbour_of_another_user_is_named(self):
        self.contained(APPLICATION, 4242, "sleep 600")
        metrics = self.sidecar()
        eventually("it is counted", lambda: metrics().get('vitalsd_collector_partial_errors_total{collector="cgroups",reason="denied"}'))
        self.assertFalse([name for name in metrics() if APPLICATION in name])
        said = [line for line in guest.run(f"cat /tmp/{SIDECAR}").splitlines() if APPLICATION in line]
        self.assertEqual(len(said), 1)
        self.assertIn("SYS_PTRACE", said[0])

    def test_what_goes_away_is_absent(self):
        self.assertIsNotNone(self.value("container_memory_usage_bytes"))
        guest.run(f"rmdir {self.path}")
        self.assertFalse([name for name in self.metrics() if f'id="/{self.name}"' in name])
        guest.run(f"mkdir {self.path}")

    def files(self):
        """The text of each readable file of the cgroup, without the averages of pressure, which change with time."""
        text = guest.run(f"cd {self.path}; for f in *; do echo \"=$f\"; cat $f 2>/dev/null; done; cd /")
        text = re.sub(r" avg\d+=\S+", "", text)
        return {name: value.strip() for name, _, value in (part.partition("\n") for part in re.split(r"^=", text, flags=re.M)[1:])}

    def test_every_value_is_the_files_own(self):
        for file, value in (("cpu.max", "40000 50000"), ("cpu.weight", 250), ("memory.max", 64 << 20), ("memory.low", 4 << 20),
                            ("memory.swap.max", 1 << 20), ("pids.max", 100)):
            self.set(file, value)
        self.start("dd if=/dev/vda of=/dev/null bs=64k count=64; dd if=/dev/zero of=/tmp/f bs=64k count=64; "
                   "dd if=/dev/vda of=/dev/null bs=4k count=9 iflag=direct; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; "
                   "rm /tmp/f; echo > /tmp/done; sleep 600 & exec sleep 600")
        eventually("its work is done", lambda: guest.run("ls /tmp/done", check=False) == "/tmp/done")
        eventually("two are left", lambda: self.value("container_processes") == 2)
        self.set("cgroup.freeze", 1)

        # The kernel sums per-CPU counters with a delay, so the files are read until two reads agree.
        def steady():
            before, seen, after = self.files(), self.metrics(), self.files()
            return (before, seen) if before == after else None
        files, seen = eventually("the cgroup is at rest", steady)
        mine = f'id="/{self.name}"'
        reported = {name.replace(f"{{{mine}", "").rstrip("}"): value for name, value in seen.items()
                if name.startswith("container_") and mine in name}
        self.assertEqual(sorted(set(reported) - set(EXPECTED) - ELSEWHERE), [], "a family that this test does not know")
        for name, expected in EXPECTED.items():
            with self.subTest(name):
                wanted = expected(files)
                if wanted is NO_VALUE:
                    self.assertNotIn(name, reported)
                else:
                    self.assertAlmostEqual(reported.get(name, float("nan")), wanted, delta=1e-9 * max(1, abs(wanted)))
        self.assertAlmostEqual(reported["container_start_time_seconds"], float(guest.run("date +%s")), delta=300)
        self.assertAlmostEqual(reported["container_last_seen"], float(guest.run("date +%s")), delta=60)

    def test_the_machine_is_reported(self):
        seen = self.metrics()
        installed = int(re.search(r"MemTotal: +(\d+)", guest.run("cat /proc/meminfo"))[1]) * 1024
        self.assertEqual(seen["machine_memory_bytes"], installed)
        self.assertEqual(seen["machine_cpu_cores"], float(guest.run("nproc")))
        stat = keyed(guest.run(f"cat {ROOT}/memory.stat"))
        self.assertAlmostEqual(seen['container_memory_usage_bytes{id="/"}'], stat["anon"] + stat["file"], delta=installed / 10)
        self.assertLessEqual(seen['container_memory_working_set_bytes{id="/"}'], seen['container_memory_usage_bytes{id="/"}'])

    def test_the_machine_is_not_reported_in_a_pod(self):
        metrics = self.sidecar()
        seen = eventually("the sidecar answers", metrics)
        self.assertIn('vitalsd_cgroups{version="2"}', seen)
        self.assertNotIn("machine_memory_bytes", seen)


if __name__ == "__main__":
    unittest.main()
