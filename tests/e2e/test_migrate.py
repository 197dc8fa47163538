"""Tests that --migrate turns other exporters' flags into a valid configuration with the same effect."""
import random
import re
import shutil
import subprocess
import unittest

from harness import Case, run

NEIGHBOURS = {"node_exporter": "prometheus-node-exporter", "process-exporter": "prometheus-process-exporter"}


class MigrateTest(Case):
    def migrate(self, exporter, *arguments):
        """-> the configuration as text, the warnings, and the resulting settings (path -> value)."""
        done = run(f"--migrate={exporter}", "--", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        for line in done.stderr.splitlines():
            self.assertTrue(line.startswith("warning: "), line)
        file = self.file("migrated.yml", done.stdout)
        checked = run("--config.check", f"--config.file={file}")
        self.assertEqual((checked.returncode, checked.stderr), (0, ""), f"{arguments}\n{done.stdout}")
        return done.stdout, done.stderr, self.effective(run("--config.print", f"--config.file={file}").stdout)

    @staticmethod
    def effective(printed):
        """The settings of a printed configuration that are not defaults: path in YAML -> text of the value."""
        values, path = {}, []
        for line in printed.splitlines()[1:]:
            text, _, origin = line.partition("  # ")
            item = re.match(r"( *)- (.*)$", text)
            if item:
                values[".".join(path)] = values.get(".".join(path), "") + item[2]
                continue
            indent, key, value = re.match(r"( *)([\w\"]+):\s*(.*)$", text).groups()
            path = path[:len(indent) // 2] + [key]
            if value and not origin.startswith("default"):
                values[".".join(path)] = value
        return values

    def test_settings_of_node_exporter(self):
        text, warnings, values = self.migrate(
            "node_exporter", "--web.listen-address=127.0.0.1:9100", "--web.listen-address", "[::1]:9100", "--web.max-requests=7",
            "--web.disable-exporter-metrics", "--path.rootfs=/host", "--collector.cpu.info", "--no-collector.entropy", "--collector.netdev.device-exclude=^(lo|br-$)$",
            "--collector.stat.softirq", "--log.level=warn", "--runtime.gomaxprocs=2")
        expected = {"web.max_requests": "7", "paths.rootfs": "/host", "collectors.cpu.info": "true", "collectors.entropy.enabled": "false",
                    "collectors.self.enabled": "false", "collectors.stat.softirq": "true", "log.level": "warn",
                    "collectors.netdev.device_exclude": '"^(lo|br-$$)$$"'}
        for path, value in expected.items():
            self.assertEqual(values.get(path), value, path)
        self.assertIn('listen_address: ["127.0.0.1:9100", "[::1]:9100"]', text)
        self.assertNotIn("gomaxprocs", text + warnings)

    def test_a_default_that_is_not_ours_is_said(self):
        self.assertIn('listen_address: [":9100"]', self.migrate("node_exporter")[0])
        text, _, values = self.migrate("process-exporter", "-procnames", "bash,zsh")
        self.assertIn('listen_address: [":9256"]', text)
        self.assertEqual(values["collectors.process_groups.threads"], "true")
        self.assertEqual(values["collectors.process_groups.smaps"], "true")
        self.assertEqual(values["collectors.disable_defaults"], "true")

    def test_one_warning_for_each_thing_without_equal(self):
        _, warnings, _ = self.migrate("node_exporter", "--collector.disable-defaults", "--collector.loadavg", "--collector.ntp", "--collector.cgroups",
                                      "--collector.ntp.server=x", "--collector.bcache.priorityStats", "--no-such", "stray")
        self.assertEqual([line.split(": ")[1] for line in warnings.splitlines()],
                         ["--collector.ntp.server", "--no-such", "stray", "metrics go_* and promhttp_*", "--collector.ntp"])
        loud = self.migrate("node_exporter")[1]
        self.assertNotIn("--collector.loadavg", loud)
        missing = re.findall(r"--collector\.(\w+): vitalsd has no such collector \(on by default there\)", loud)
        quiet = self.migrate("node_exporter", *(f"--no-collector.{name}" for name in missing))[1]
        self.assertNotIn("no such collector", quiet)

    def test_only_named_collectors_run(self):
        _, _, values = self.migrate("node_exporter", "--collector.disable-defaults", "--collector.loadavg", "--no-collector.cpu")
        self.assertEqual(values["collectors.loadavg.enabled"], "true")
        self.assertEqual(values["collectors.self.enabled"], "true")
        self.assertNotIn("collectors.cpu.enabled", {k for k, v in values.items() if v == "true"})

    def test_a_value_that_is_refused_is_left_out(self):
        text, warnings, values = self.migrate("node_exporter", "--log.level=loud", "--web.max-requests=-1", "--collector.netdev.device-include=(", "--path.procfs=/p")
        self.assertEqual(values["paths.procfs"], "/p")
        for word in ("loud", "-1", "("):
            self.assertNotIn(word, text.replace('["', ""))
        for flag in ("--log.level", "--web.max-requests", "--collector.netdev.device-include"):
            self.assertRegex(warnings, rf"(?m)^warning: {re.escape(flag)}\b.*; left out$")

    def test_process_exporter(self):
        rules = self.file("rules.yml", 'process_names:\n  - name: "{{.Comm}}"\n    cmdline: [".+"]\n')
        text, warnings, values = self.migrate("process-exporter", "-config.path", rules, "-procnames=a", "--children=false", "-gather-smaps=false",
                                              "-threads=false", "-recheck", "-procfs", "/proc", "-web.telemetry-path=/m")
        self.assertEqual(values["collectors.process_groups.config_file"], rules if values["collectors.process_groups.config_file"][0] != '"' else f'"{rules}"')
        self.assertEqual(values["collectors.process_groups.children"], "false")
        self.assertEqual(values["collectors.process_groups.recheck"], "true")
        self.assertEqual(values["web.telemetry_path"], "/m")
        self.assertNotIn("smaps: true", text)
        self.assertNotIn("threads: true", text)
        self.assertIn("--procnames: process-exporter ignores it", warnings)
        self.assertNotIn("procnames", text)
        self.migrate("process-exporter")  # with no rule

    def test_one_dash_or_two_for_process_exporter(self):
        rules = self.file("rules.yml", 'process_names: [{name: "{{.Comm}}", cmdline: [".+"]}]\n')
        for dashes in ("-", "--"):
            for form in ([f"{dashes}config.path", rules], [f"{dashes}config.path={rules}"]):
                self.assertIn("config_file: " + rules, self.migrate("process-exporter", *form)[0])
            for form in ([f"{dashes}procnames", "bash"], [f"{dashes}procnames=bash"]):
                self.assertIn("procnames", self.migrate("process-exporter", *form)[0])

    def test_old_spellings_of_node_exporter(self):
        _, warnings, values = self.migrate("node_exporter", "--collector.netdev.ignored-devices=^lo$", "--collector.vmstat.fields", "^pg")
        self.assertEqual(values["collectors.netdev.device_exclude"], '"^lo$$"')
        self.assertEqual(values["collectors.vmstat.fields"], '"^pg"')
        self.assertNotRegex(warnings, "ignored-devices|vmstat")

    def test_an_address_that_cannot_be_taken_over_falls_to_the_neighbours_port(self):
        for exporter, port in (("node_exporter", ":9100"), ("process-exporter", ":9256")):
            text, warnings, _ = self.migrate(exporter, "--web.listen-address=nonsense")
            self.assertIn(f'listen_address: ["{port}"]', text)
            self.assertRegex(warnings, f"(?m)^warning: --web.listen-address: .*nonsense.*; left out, {port} is used, as by default in {exporter}$")

    def test_every_collector_that_is_here_is_taken_over_and_every_other_named(self):
        here = {line.split()[0] for line in run("--collectors").stdout.splitlines()}
        there = {name for name, has_value in self.real_flags("node_exporter") if re.fullmatch(r"collector\.\w+", name) and not has_value}
        self.assertGreater(len(there), 50)
        for flag in sorted(there):
            name = flag.removeprefix("collector.")
            with self.subTest(collector=name):
                text, warnings, _ = self.migrate("node_exporter", "--collector.disable-defaults", "--" + flag)
                if name in here:
                    # The collector `cgroups` is another thing here.
                    self.assertRegex(text, rf"  {'cgroup_subsystems' if name == 'cgroups' else name}:\n    enabled: true\n")
                    self.assertNotIn(flag, warnings)
                else:
                    self.assertRegex(warnings, rf"(?m)^warning: --collector\.{name}: (vitalsd has no such collector|deprecated in node_exporter, and left out here)")

    def test_usage(self):
        done = run("--migrate=collectd", "--")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("node_exporter", done.stderr)
        self.assertEqual(run("--config.check", "--", "--collector.arp").returncode, 2)
        forgotten = run("--migrate=node_exporter", "--web.listen-address=:1234")
        self.assertEqual(forgotten.returncode, 2)
        self.assertIn("must come after '--'", forgotten.stderr)

    def test_tls_and_passwords_are_taken_over(self):
        for flag in ("web.config", "web.config.file"):
            path = self.file("web.yml", "")
            _, warnings, values = self.migrate("node_exporter", f"--{flag}={path}")
            self.assertNotIn("web.config", warnings)
            self.assertEqual(values.get("web.config_file"), path)
        done = run("--migrate=node_exporter", "--", "--web.config.file=/nowhere/web.yml")
        self.assertIn("cannot open '/nowhere/web.yml'", done.stderr)
        self.assertIn("config_file: /nowhere/web.yml", done.stdout)
        self.assertEqual(run("--migrate=node_exporter").returncode, 0)

    def real_flags(self, exporter):
        program = shutil.which(NEIGHBOURS[exporter])
        if not program:
            self.skipTest(f"{NEIGHBOURS[exporter]} is not installed")
        done = subprocess.run([program, "--help"], capture_output=True, text=True)
        text = re.sub(r"\n {20,}", " ", done.stdout + done.stderr)
        if exporter == "node_exporter":
            found = re.findall(r"^ +(?:-h, )?--(?:\[no-\])?([\w.-]+)(=?)", text, re.M)
        else:
            found = [(name, kind) for name, kind in re.findall(r"^ +-([\w.-]+)(?: (\w+))?$", text, re.M)]
        self.assertGreater(len(found), 10)
        return [(name, bool(kind)) for name, kind in found]

    def test_every_real_flag_is_known(self):
        files = {"config.path": self.file("rules.yml", "process_names: [{cmdline: [x]}]\n"), "web.config.file": self.file("web.yml", "")}
        for exporter in NEIGHBOURS:
            for name, has_value in self.real_flags(exporter):
                with self.subTest(exporter=exporter, flag=name):
                    dashes = "-" if exporter == "process-exporter" else "--"
                    # A value in its own argument, and then a flag that must not be taken for a part of it.
                    _, warnings, values = self.migrate(exporter, dashes + name, *([files.get(name, "7")] if has_value else []), f"{dashes}web.telemetry-path=/seen")
                    self.assertNotIn("not known", warnings)
                    self.assertNotIn("not a flag", warnings)
                    self.assertEqual(values.get("web.telemetry_path"), "/seen")

    def test_many_sets_of_real_flags_are_valid(self):
        chance = random.Random(5)
        values = ["", "^(lo|a$b)$", "/proc", "1", ":9100", "5s", "a,b", "info", "(", "${HOME}", "\t\"'\\", "true", "é", "-x", "#", "@file"]
        for exporter in NEIGHBOURS:
            every = self.real_flags(exporter)
            for _ in range(12):
                arguments = []
                for name, has_value in chance.sample(every, chance.randint(1, len(every) // 2)):
                    form = chance.choice(["--{}", "--no-{}"]) if not has_value and exporter == "node_exporter" else "--{}"
                    arguments.append(form.format(name) + ("=" + chance.choice(values) if has_value and "config" not in name else "=/nowhere" if has_value else ""))
                arguments = [a for a in arguments if "config" not in a]  # without flags that name files, which do not exist here
                self.migrate(exporter, *arguments)


if __name__ == "__main__":
    unittest.main()
