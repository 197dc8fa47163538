"""Tests the command line as a user sees it."""
import os
import re
import socket
import subprocess
import unittest

from harness import BINARY, Case, Daemon, fetch, parse, run


class CommandTest(Case):
    def test_once_prints_an_exposition(self):
        done = run("--once", f"--collector.targets.watch=me:pid={os.getpid()}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        series = parse(done.stdout)
        self.assertEqual(series["node_memory_MemTotal_bytes"], os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
        self.assertEqual(series['vitalsd_target_pid{target="me"}'], os.getpid())
        self.assertEqual(series['vitalsd_collector_success{collector="cpu"}'], 1)

    def test_once_fails_when_a_collector_fails(self):
        self.file("proc/loadavg", "not a load\n")
        done = run("--once", "--collector.disable-defaults", "--collector.loadavg", f"--path.procfs={self.directory}/proc")
        self.assertEqual(done.returncode, 1)
        self.assertIn("collector=loadavg", done.stderr)
        self.assertNotIn("node_load1", done.stdout)

    def test_collectors_help_and_version(self):
        lines = run("--collectors", "--no-collector.entropy").stdout.splitlines()
        states = {line.split()[0]: line.split()[1] for line in lines}
        self.assertEqual(states["cpu"], "on")
        self.assertEqual(states["entropy"], "off")
        self.assertRegex(run("--version").stdout, r"^vitalsd \d+\.\d+\.\d+ \(revision \w+, .*\)\n$")
        text = run("--help").stdout
        for flag in ("--config.file", "--web.listen-address", "collector.disable-defaults", "--log.level", "--once"):
            self.assertIn(flag, text)
        self.assertLess(len(text.splitlines()), 50)
        everything = run("--help=all").stdout
        for flag in ("--budget.cpu", "--exit-with-target", "--reports.keep", "--history.window", "--collector.netdev.device-exclude"):
            self.assertIn(flag, everything)

    def test_the_reference_is_current(self):
        with open(os.path.join(os.path.dirname(__file__), "../../packaging/REFERENCE.md")) as f:
            self.assertEqual(run("--reference").stdout, f.read(), "./dev reference writes it anew")

    def test_the_example_configuration_is_valid_and_says_the_defaults(self):
        example = os.path.join(os.path.dirname(__file__), "../../packaging/vitalsd.yml")
        self.assertEqual(run("--config.check", f"--config.file={example}").returncode, 0)
        values = lambda text: [line.split(" #")[0] for line in text.splitlines()[1:]]  # noqa: E731
        self.assertEqual(values(run("--config.print", f"--config.file={example}").stdout), values(run("--config.print").stdout))

    def test_faults_are_all_printed_and_nothing_is_started(self):
        config = self.file("bad.yml", "web:\n  max_request: 3\ncollectors:\n  loadavg: {interval: 5 parsecs}\n  cpu: {enabled: perhaps}\n")
        for mode in ((), ("--config.check",), ("--once",)):
            with self.subTest(mode=mode):
                done = run(f"--config.file={config}", "--no-such-flag", *mode, env={"VITALSD_WEB_MAX_REQUESTS": "many"})
                self.assertEqual(done.returncode, 2)
                self.assertEqual(done.stdout, "")
                for expected in (f"{config}:2:3: ", "max_requests", f"{config}:4:23: ", f"{config}:5:18: ", "--no-such-flag", "VITALSD_WEB_MAX_REQUESTS"):
                    self.assertIn(expected, done.stderr)
        good = self.file("good.yml", "collectors: {loadavg: {interval: 1s}}\n")
        self.assertEqual(run("--config.check", f"--config.file={good}").returncode, 0)

    def test_print_reads_back(self):
        config = self.file("c.yml", "collectors: {loadavg: {interval: 7s}}\nexternal_labels: {cluster: eu}\n")
        printed = run("--config.print", f"--config.file={config}", "--web.max-requests=7", env={"VITALSD_LOG_LEVEL": "warn"})
        self.assertEqual(printed.returncode, 0)
        for words in ("7s", "env", "flag", "default"):
            self.assertIn(words, printed.stdout)
        again = self.file("again.yml", printed.stdout)
        reprinted = run("--config.print", f"--config.file={again}")
        strip = lambda text: [line.split(" #")[0].rstrip() for line in text.splitlines() if line[0] != "#"]  # noqa: E731
        self.assertEqual(strip(printed.stdout), strip(reprinted.stdout))

    def test_a_busy_port_is_said_clearly(self):
        with socket.create_server(("127.0.0.1", 0)) as busy:
            done = run(f"--web.listen-address=127.0.0.1:{busy.getsockname()[1]}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Address already in use", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_healthcheck(self):
        with Daemon() as daemon:
            daemon.ready()
            self.assertEqual(run("healthcheck", f"--url=http://{daemon.address}/-/healthy").returncode, 0)
            self.assertEqual(run("healthcheck", f"--url=http://{daemon.address}/nothing").returncode, 1)
            address = daemon.address
            daemon.end()
        self.assertEqual(run("healthcheck", f"--url=http://{address}/-/healthy").returncode, 1)


class ListenTest(Case):
    def test_several_addresses_of_all_kinds(self):
        listen = ["--web.listen-address=127.0.0.1:0", f"--web.listen-address=unix:{self.directory}/s", "--web.listen-address=:0"]
        if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6"):
            listen.append("--web.listen-address=[::1]:0")
        with Daemon("--web.probe-address=127.0.0.1:0", listen=listen) as daemon:
            daemon.ready()
            self.assertEqual(len(daemon.addresses), len(listen) + 1)
            for address in daemon.addresses[:-1]:
                self.assertEqual(fetch(address.replace("[::]:", "127.0.0.1:"), "/metrics")[0], 200, address)
            self.assertEqual(fetch(daemon.addresses[-1], "/-/healthy")[0], 200)
            self.assertEqual(fetch(daemon.addresses[-1], "/metrics")[0], 404)

    def test_socket_activation(self):
        with socket.create_server(("127.0.0.1", 0)) as passed:
            port = passed.getsockname()[1]
            code = f"import os; os.dup2({passed.fileno()}, 3); os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1'); " \
                   f"os.execv({BINARY!r}, ['vitalsd', '--web.systemd-socket'])"
            process = subprocess.Popen(["python3", "-c", code], pass_fds=[passed.fileno(), 3] if passed.fileno() != 3 else [3],
                                       stderr=subprocess.DEVNULL)
        try:
            self.assertEqual(fetch(f"127.0.0.1:{port}", "/-/healthy")[0], 200)
        finally:
            process.terminate()
            self.assertEqual(process.wait(), 0)


class RoutesTest(Case):
    def test_routes_and_methods(self):
        with Daemon() as daemon:
            daemon.ready()
            for path, kind in (("/", "text/html"), ("/metrics", "text/plain; version=0.0.4"), ("/health", "application/json"),
                               ("/-/healthy", "text/plain"), ("/-/ready", "text/plain")):
                with self.subTest(path=path):
                    status, headers, body = daemon.get(path)
                    self.assertEqual(status, 200)
                    self.assertTrue(headers["Content-Type"].startswith(kind), headers["Content-Type"])
                    self.assertTrue(body)
                    status, headers, body = daemon.get(path, method="HEAD")
                    self.assertEqual((status, body), (200, b""))
                    self.assertGreater(int(headers["Content-Length"]), 0)
                    status, headers, _ = daemon.get(path, method="POST")
                    self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"))
            self.assertEqual(daemon.get("/nothing")[0], 404)

    def test_collect_and_exclude(self):
        with Daemon("--no-collector.entropy") as daemon:
            daemon.ready()
            only = daemon.metrics("/metrics?collect[]=loadavg&collect%5B%5D=uname")
            self.assertIn("node_load1", only)
            self.assertFalse([k for k in only if k.startswith("node_memory")])
            without = daemon.metrics("/metrics?exclude[]=loadavg")
            self.assertNotIn("node_load1", without)
            self.assertIn("node_memory_MemTotal_bytes", without)
            for query in ("collect[]=loadavg&exclude[]=cpu", "collect[]=nosuch", "collect[]=entropy", "exclude[]=entropy"):
                self.assertEqual(daemon.get("/metrics?" + query)[0], 400, query)

    def test_health_is_json_with_what_it_promises(self):
        import json
        with Daemon(f"--collector.targets.watch=me:pid={os.getpid()}", "--collector.targets.watch=gone:comm=no-such-process") as daemon:
            daemon.ready()
            document = json.loads(daemon.get("/health")[2])
            self.assertEqual(document["status"], "ok")
            for key in ("uptime_seconds", "memory", "load", "cpus", "platform", "hostname", "version", "pid", "ppid"):
                self.assertIn(key, document)
            self.assertEqual(document["cpus"], os.sysconf("SC_NPROCESSORS_ONLN"))
            self.assertEqual(document["hostname"], socket.gethostname())
            self.assertEqual(document["targets"], {"me": "up", "gone": "down"})
            self.assertEqual(document["collectors"]["loadavg"]["state"], "ok")

    def test_compression_and_external_labels(self):
        import gzip
        with Daemon(env={"VITALSD_EXTERNAL_LABELS": "cluster=eu"}) as daemon:
            daemon.ready()
            status, headers, body = daemon.get(headers={"Accept-Encoding": "gzip"})
            self.assertEqual((status, headers["Content-Encoding"]), (200, "gzip"))
            series = parse(gzip.decompress(body).decode())
            self.assertIn('node_load1{cluster="eu"}', series)

    def test_too_many_scrapes_at_once(self):
        os.makedirs(f"{self.directory}/proc")
        os.mkfifo(f"{self.directory}/proc/loadavg")
        import threading
        with Daemon("--collector.disable-defaults", "--collector.loadavg", "--collector.loadavg.timeout=3s",
                    f"--path.procfs={self.directory}/proc", "--web.max-requests=2") as daemon:
            answers = []
            threads = [threading.Thread(target=lambda: answers.append(daemon.get()[0])) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(answers), [200] * 2 + [503] * 4)


if __name__ == "__main__":
    unittest.main()
