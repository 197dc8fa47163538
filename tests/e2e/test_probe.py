"""Tests the collector probe in the real daemon: in its sandbox, over reloads, and against servers that stall."""
import http.server
import signal
import socket
import ssl
import threading
import unittest

from certificates import Authority
from harness import Case, Daemon, eventually, run

ON = ("--collector.disable-defaults", "--collector.loadavg")


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if self.path.startswith("/broken") else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *arguments):
        pass


class ProbeTest(Case):
    def serve(self, context=None):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def config(self, *targets):
        return self.file("vitalsd.yml", "collectors:\n  probe:\n    targets:\n" + "".join(f"      - {target}\n" for target in targets))

    def test_secure_probe_in_the_sandbox(self):
        authority = Authority(self.directory)
        certificate, key = authority.sign("server", "DNS:localhost")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        port = self.serve(context)
        config = self.config(f"{{name: web, target: 'https://localhost:{port}/', interval: 1s, ca_file: {authority.certificate}, ip_protocol: ip4}}")
        with Daemon(*ON, f"--config.file={config}") as daemon:
            name = f'{{probe="web",target="https://localhost:{port}/"'
            metrics = eventually("the probe succeeds", lambda: (m := daemon.metrics()).get(f"probe_success{name}}}") == 1 and m)
            self.assertEqual(metrics[f"probe_http_ssl{name}}}"], 1)
            self.assertGreater(metrics[f"probe_ssl_earliest_cert_expiry{name}}}"], 1.7e9)
            self.assertEqual(metrics[f'probe_tls_version_info{name},version="TLS 1.3"}}'], 1)
            self.assertEqual(daemon.end(), 0)

    def test_stalled_servers_delay_nothing(self):
        silent = socket.create_server(("127.0.0.1", 0))  # never accepts
        self.addCleanup(silent.close)
        good, bad = self.serve(), silent.getsockname()[1]
        config = self.config(*(f"{{name: s{i}, target: 'http://127.0.0.1:{bad}/', interval: 500ms, timeout: 400ms}}" for i in range(50)),
                             f"{{name: good, target: 'http://127.0.0.1:{good}/', interval: 1s}}")
        with Daemon(*ON, f"--config.file={config}") as daemon:
            failed = 'vitalsd_probe_failures_total{probe="s7",reason="timeout"}'
            eventually("probes fail again and again", lambda: daemon.metrics().get(failed, 0) >= 3)
            metrics = daemon.metrics()
            self.assertEqual(metrics[f'probe_success{{probe="good",target="http://127.0.0.1:{good}/"}}'], 1)
            self.assertEqual(metrics[f'probe_success{{probe="s7",target="http://127.0.0.1:{bad}/"}}'], 0)
            self.assertEqual(daemon.end(), 0)
            self.assertIn("reason=timeout", "".join(daemon.log))

    def test_reload_keeps_counters_and_secrets_stay_hidden(self):
        port = self.serve()
        one = f"{{name: one, target: 'http://127.0.0.1:{port}/broken?key=s3cret', interval: 1s, headers: {{X-Key: s3cret}}, request_body: s3cret}}"
        config = self.config(one)
        self.assertNotIn("s3cret", run("--config.print", f"--config.file={config}").stdout)
        failed = 'vitalsd_probe_failures_total{probe="one",reason="status"}'
        with Daemon(*ON, f"--config.file={config}") as daemon:
            eventually("it fails", lambda: daemon.metrics().get(failed, 0) >= 2)
            before = daemon.metrics()[failed]
            self.config(one, f"{{name: two, target: 'tcp://127.0.0.1:{port}'}}")
            daemon.send(signal.SIGHUP)
            eventually("the second is there", lambda: daemon.metrics().get(f'probe_success{{probe="two",target="tcp://127.0.0.1:{port}"}}') == 1)
            self.assertGreaterEqual(daemon.metrics()[failed], before)
            self.config(f"{{name: two, target: 'tcp://127.0.0.1:{port}'}}")
            daemon.send(signal.SIGHUP)
            eventually("the first is gone", lambda: failed not in daemon.metrics())
            self.assertEqual(daemon.end(), 0)
            self.assertNotIn("s3cret", "".join(daemon.log))

    def test_bad_targets_are_faults_of_the_configuration(self):
        config = self.config("{name: one, target: 'ftp://a/'}", "{name: two, target: 'tcp://a:1', body: x}")
        done = run("--config.check", f"--config.file={config}")
        self.assertEqual(done.returncode, 2)
        self.assertIn("vitalsd.yml:4:9: probe \"one\": ", done.stdout + done.stderr)

    def test_once_waits_for_quick_probes(self):
        config = self.config(f"{{name: web, target: 'http://127.0.0.1:{self.serve()}/'}}")
        done = run("--once", "--collector.disable-defaults", "--collector.probe", f"--config.file={config}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('\nprobe_success{probe="web"', done.stdout)


if __name__ == "__main__":
    unittest.main()
