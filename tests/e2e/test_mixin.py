"""Rules and dashboards: promtool's tests, and every query of every dashboard asked of a real Prometheus that scrapes a real
daemon."""
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import Case, Daemon, PATIENCE, Prometheus, eventually

MIXIN = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../packaging/mixin"))
# Families whose panels may be empty here, and why. Anything else must return data.
MAY_BE_EMPTY = {
    "vitalsd_cgroup_cpu_limit_cores": "no cgroup of this machine need have a quota",
    "container_cpu_cfs_periods_total": "no cgroup of this machine need have a quota",
    "container_pressure_cpu_waiting_seconds_total": "cgroups of version 1 have no pressure",
    "container_pressure_memory_stalled_seconds_total": "cgroups of version 1 have no pressure",
    "container_memory_working_set_bytes": "there may be no memory controller",
    "container_memory_rss": "there may be no memory controller",
    "container_memory_cache": "there may be no memory controller",
    "vitalsd_cgroup_memory_limit_bytes": "no cgroup of this machine need have a limit",
    "vitalsd_cgroup_memory_limit_reached_seconds": "absent while nothing grows towards a limit",
    "vitalsd_cgroup_memory_events_total": "the root cgroup has none",
    "container_fs_reads_bytes_total": "there may be no io controller",
    "container_fs_writes_bytes_total": "there may be no io controller",
    "container_threads": "the root cgroup does not count them",
    "container_threads_max": "the root cgroup has no limit",
    "vitalsd_pressure_stalls_total": "absent until pressure is watched",
    "vitalsd_reports_total": "absent until something is reported",
    "vitalsd_process_exits_total": "absent until a process ends, and where the kernel does not tell",
    "vitalsd_target_exits_total": "absent until a target ends",
    "vitalsd_target_unreadable": "absent where all can be read",
    "vitalsd_collector_failures_total": "absent while no collector fails",
    "node_pressure_cpu_waiting_seconds_total": "pressure may be off in the kernel",
    "node_pressure_memory_waiting_seconds_total": "pressure may be off in the kernel",
    "node_pressure_io_waiting_seconds_total": "pressure may be off in the kernel",
}
# Told of the last whole minute of the clock, so first after the first turn of a minute.
AFTER_A_MINUTE = {"vitalsd_process_cpu_max_cores"}
METRIC = re.compile(r"\b((?:container|node|vitalsd|namedprocess|process)_\w+)\{")


def dashboards():
    for path in sorted(glob.glob(f"{MIXIN}/dashboards/*.json")):
        with open(path) as file:
            yield os.path.basename(path), json.load(file)


def queries():
    """-> (where, query) of every panel, with Grafana's variables filled in."""
    for name, board in dashboards():
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                text = target["expr"].replace("$__rate_interval", "10s")
                yield f"{name}: {panel['title']} {target['refId']}", re.sub(r"\$(job|instance|id|group)\b", ".*", text)


class RulesTest(unittest.TestCase):
    def promtool(self, *arguments):
        tool = shutil.which("promtool")
        self.assertTrue(tool, "install the package prometheus (./dev deps test)")
        done = subprocess.run([tool, *arguments], cwd=MIXIN, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_rules_are_well_formed(self):
        self.promtool("check", "rules", "rules.yml", "alerts.yml")

    def test_rules_do_what_they_say(self):
        self.promtool("test", "rules", "tests.yml")

    def test_every_alert_is_tested(self):
        with open(f"{MIXIN}/alerts.yml") as alerts, open(f"{MIXIN}/tests.yml") as tests:
            text = tests.read()
            for name in re.findall(r"- alert: (\w+)", alerts.read()):
                self.assertRegex(text, rf"alertname: {name}\s+exp_alerts:\s+- ", f"no test sees {name} fire")

    def test_dashboards_are_those_of_the_tables(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([f"{MIXIN}/make-dashboards", folder], check=True, timeout=60)
            made = {os.path.basename(path) for path in glob.glob(f"{folder}/*.json")}
            self.assertEqual(made, {name for name, _ in dashboards()})
            for name, board in dashboards():
                with open(f"{folder}/{name}") as file:
                    self.assertEqual(json.load(file), board, f"{name}: run packaging/mixin/make-dashboards")

    def test_panels_do_not_overlap_and_ids_are_unique(self):
        for name, board in dashboards():
            cells = [(x, y) for p in board["panels"] for g in [p["gridPos"]] for x in range(g["x"], g["x"] + g["w"]) for y in range(g["y"], g["y"] + g["h"])]
            self.assertEqual(len(cells), len(set(cells)), name)
            self.assertEqual(len({p["id"] for p in board["panels"]}), len(board["panels"]), name)


class DashboardTest(Case):
    def test_every_query_is_answered(self):
        with Daemon(f"--collector.targets.watch=me:pid={os.getpid()}", "--collector.process_groups.procnames=python3",
                    "--collector.cgroups") as daemon:
            daemon.ready()
            with Prometheus(self, daemon, ", evaluation_interval: 1s",
                            f"rule_files: [{MIXIN}/rules.yml, {MIXIN}/alerts.yml]\n") as prometheus:
                eventually("enough scrapes", lambda: any(float(r["value"][1]) >= 5 for r in prometheus.result(
                    "count_over_time(vitalsd_build_info[1m])")), 2 * PATIENCE)
                for where, text in queries():
                    with self.subTest(panel=where, query=text):
                        families = set(METRIC.findall(text))
                        self.assertTrue(families)
                        if families & set(MAY_BE_EMPTY):
                            answer = prometheus.query(text)
                            self.assertEqual(answer.get("status"), "success", answer)
                        else:
                            eventually("data", lambda: prometheus.result(text), 3 * PATIENCE if families & AFTER_A_MINUTE else PATIENCE)

                def all_evaluated():
                    groups = prometheus.ask("/api/v1/rules").get("data", {}).get("groups", [])
                    rules = [rule for group in groups for rule in group["rules"]]
                    return rules if rules and all(rule["health"] != "unknown" for rule in rules) else None
                for rule in eventually("the rules are evaluated", all_evaluated):
                    self.assertEqual(rule["health"], "ok", rule)

    def test_every_family_exists(self):
        """The names in rules and dashboards are those that the daemon has; a misspelt one would only ever be empty."""
        with open(f"{MIXIN}/../REFERENCE.md") as file:
            known = set(re.findall(r"^\| `(\w+)` \|", file.read(), re.M))
        texts = [text for _, text in queries()]
        for name in ("rules.yml", "alerts.yml"):
            with open(f"{MIXIN}/{name}") as file:
                texts += re.findall(r"expr: (?:>-\n)?((?:.|\n)*?)\n +(?:labels|for|- record)", file.read())
        used = {name for text in texts for name in re.findall(r"\b((?:container|node|vitalsd|namedprocess|process)_\w+)\b(?!:)", text)
                if not re.search(rf":{name}\b", text)}
        self.assertGreater(len(used), 50)
        unknown = {name for name in used if name not in known and re.sub(r"_(bucket|sum|count)$", "", name) not in known}
        self.assertEqual(unknown, set())


if __name__ == "__main__":
    unittest.main()
