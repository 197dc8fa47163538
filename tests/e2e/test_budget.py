"""Tests that the daemon counts its own CPU use by collector and keeps within budget.cpu."""
import signal
import unittest

from harness import Case, Daemon, PATIENCE, eventually

SLOWDOWN = 'vitalsd_collector_slowdown{collector="%s"}'
CPU = 'vitalsd_collector_cpu_seconds_total{collector="%s"}'


class BudgetTest(Case):
    def test_without_a_budget_costs_are_published_and_nothing_is_slowed(self):
        with Daemon("--collector.defaults.fresh=0s") as daemon:
            daemon.ready()
            before = daemon.metrics()[CPU % "cpu"]
            eventually("a run costs", lambda: daemon.metrics()[CPU % "cpu"] > before)
            self.assertNotIn("vitalsd_cpu_budget_cores", daemon.metrics())
            self.assertNotIn(SLOWDOWN % "cpu", daemon.metrics())

    def test_the_dearest_is_slowed_and_a_reload_gives_its_pace_back(self):
        text = "collectors: {process_groups: {interval: 100ms, sample_interval: 100ms, source: procfs, smaps: true, process_names: [{comm: [nobody]}]}}\n"
        path = self.file("vitalsd.yml", "budget: {cpu: 0.2m}\n" + text)
        with Daemon(f"--config.file={path}", "--collector.defaults.fresh=0s") as daemon:
            daemon.ready()
            self.assertEqual(daemon.metrics()["vitalsd_cpu_budget_cores"], 0.0002)

            def slowed():
                return daemon.metrics().get(SLOWDOWN % "process_groups", 0) > 1
            eventually("the dearest is slowed", slowed, 2 * PATIENCE)
            def said():
                return [line for line in daemon.log if "collector=process_groups" in line and "slowed down" in line]
            eventually("the log says so", said)
            line = said()[0]
            self.assertIn("budget=0.2m", line)
            self.assertRegex(line, r"interval=\d")
            # `fresh=0s` asks for a run at each scrape, but not of a collector that is slowed down.
            runs = 'vitalsd_collector_runs_total{collector="%s"}'
            first = daemon.metrics()
            for _ in range(30):
                last = daemon.metrics()
            self.assertLess(last[runs % "process_groups"] - first[runs % "process_groups"], 15)

            self.file("vitalsd.yml", text)
            daemon.send(signal.SIGHUP)
            # What remains is the collector's own pace, by which it spends only a small share of the time on its reads.
            slowest = last[SLOWDOWN % "process_groups"]
            eventually("the pace is back", lambda: daemon.metrics().get(SLOWDOWN % "process_groups", 1) < slowest / 2)
            self.assertNotIn("vitalsd_cpu_budget_cores", daemon.metrics())


if __name__ == "__main__":
    unittest.main()
