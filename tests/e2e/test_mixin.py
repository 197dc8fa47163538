"""Tests rules and dashboards: by promtool, and by sending every query of every dashboard to a real Prometheus that scrapes
a real daemon."""
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import Case, Daemon, PATIENCE, Prometheus, eventually, fetch, free_port

MIXIN = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../packaging/mixin"))
# Families whose panels may be empty here, and why. All other panels must return data.
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
    "vitalsd_process_exits_total": "absent until a process ends, and where the kernel does not report it",
    "vitalsd_target_exits_total": "absent until a target ends",
    "vitalsd_target_unreadable": "absent where all can be read",
    "vitalsd_collector_failures_total": "absent while no collector fails",
    "node_pressure_cpu_waiting_seconds_total": "pressure may be off in the kernel",
    "node_pressure_memory_waiting_seconds_total": "pressure may be off in the kernel",
    "node_pressure_io_waiting_seconds_total": "pressure may be off in the kernel",
}
# These families describe the last whole minute of the clock, so they appear after the first full minute.
AFTER_A_MINUTE = {"vitalsd_process_cpu_max_cores"}
METRIC = re.compile(r"\b((?:container|node|vitalsd|namedprocess|process)_\w+)\{")


def dashboards():
    for path in sorted(glob.glob(f"{MIXIN}/dashboards/*.json")):
        with open(path) as file:
            yield os.path.basename(path), json.load(file)


def queries():
    """-> (place, query) of every panel, with Grafana's variables replaced."""
    for name, board in dashboards():
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                text = target["expr"].replace("$__rate_interval", "10s")
                yield f"{name}: {panel['title']} {target['refId']}", re.sub(r"\$(job|instance|id|group)\b", ".*", text)


def alerts():
    with open(f"{MIXIN}/alerts.yml") as file:
        return sorted(set(re.findall(r"- alert: (\w+)", file.read())))


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
        with open(f"{MIXIN}/tests.yml") as tests:
            text = tests.read()
        healthy = [part for part in text.split("  - name: ") if part.startswith("healthy")]
        self.assertGreaterEqual(len(healthy), 3)
        for name in alerts():
            self.assertRegex(text, rf"alertname: {name}\s+exp_alerts:\s+- ", f"no test sees {name} fire")
            for part in healthy:
                self.assertIn(f"alertname: {name}, exp_alerts: []", part, part.splitlines()[0])

    def test_nothing_fires_on_a_real_node_exporter(self):
        """No alert fires for node_exporter's series, whether under its own job or, by mistake, under ours."""
        program = shutil.which("prometheus-node-exporter")
        if not program:
            self.skipTest("prometheus-node-exporter is not installed")
        address = f"127.0.0.1:{free_port()}"
        neighbour = subprocess.Popen([program, f"--web.listen-address={address}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            text = eventually("it answers", lambda: self.exposition(address))
        finally:
            neighbour.terminate()
            neighbour.wait()
        series = []
        for line in text.splitlines():
            name = re.match(r"(\w+)(?:\{(.*)\})? (\S+)$", line)
            if not name or "'" in line or "\\" in line:
                continue
            for job in ("vitalsd", "node"):
                labels = f'job="{job}",instance="n"' + (f",{name[2]}" if name[2] else "")
                series.append({"series": f"{name[1]}{{{labels}}}", "values": f"{name[3]}x80"})
        self.assertGreater(len(series), 500)
        test = {"rule_files": [f"{MIXIN}/rules.yml", f"{MIXIN}/alerts.yml"], "evaluation_interval": "1m", "tests": [
            {"interval": "1m", "input_series": series, "alert_rule_test": [
                {"eval_time": "75m", "alertname": name, "exp_alerts": []} for name in alerts()]}]}
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            json.dump(test, file)  # JSON is YAML, too
            file.flush()
            self.promtool("test", "rules", file.name)

    @staticmethod
    def exposition(address):
        try:
            return fetch(address, "/metrics")[2].decode()
        except OSError:
            return None

    def test_rules_are_made_from_their_sources_with_any_selector(self):
        with tempfile.TemporaryDirectory() as folder:
            for arguments, selector in (([], 'job="vitalsd"'), (["--selector=job=~\"a|b\", cluster=\"c\""], 'job=~"a|b", cluster="c"')):
                subprocess.run([f"{MIXIN}/make-rules", *arguments, folder], check=True, timeout=60)
                self.promtool("check", "rules", f"{folder}/rules.yml", f"{folder}/alerts.yml")
                for name in ("rules.yml", "alerts.yml"):
                    with open(f"{folder}/{name}") as made, open(f"{MIXIN}/{name}") as shipped:
                        text = made.read()
                        self.assertEqual(text == shipped.read(), not arguments, f"{name}: run packaging/mixin/make-rules")
                    for family, matchers in re.findall(r"\b((?:container|node|vitalsd|namedprocess|up|instance:|group:)[\w:]*)(\{[^{}]*\})?(?=[ )\[])", "\n".join(
                            re.findall(r"expr: (?:>-\n)?((?:.|\n)*?)\n +(?:labels|for|- record)", text))):
                        if family != "unit":
                            self.assertIn(selector, matchers, family)

    def test_shipped_monitors_name_the_job_that_the_rules_select(self):
        kubernetes = f"{MIXIN}/../kubernetes"
        for path in (f"{kubernetes}/podmonitor.yaml", f"{kubernetes}/servicemonitor.yaml", f"{MIXIN}/../chart/vitalsd/templates/monitors.yaml"):
            with open(path) as file:
                text = file.read()
            monitors = len(re.findall(r"kind: (?:Pod|Service)Monitor", text))
            self.assertEqual(len(re.findall(r"(?m)^  jobLabel: app\.kubernetes\.io/name\b", text)), monitors, path)
            if "templates" not in path:
                self.assertIn("app.kubernetes.io/name: vitalsd", text)

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
        """The daemon has all metrics that rules and dashboards name: a misspelt name would give empty results unnoticed."""
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
