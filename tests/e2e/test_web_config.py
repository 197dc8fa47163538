"""Tests TLS and passwords in the exporter toolkit's format, with curl and a real Prometheus as clients."""
import base64
import http.client
import itertools
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import unittest

from certificates import Authority, openssl, user
from harness import PATIENCE, Case, Daemon, Prometheus, eventually, run

TLS = "tls_server_config: {cert_file: server.crt, key_file: server.key%s}\n"


class WebCase(Case):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.directory)
        self.authority.sign("server")

    def daemon(self, web, *arguments, **kwargs):
        """A daemon with this web configuration, for curl()."""
        return Daemon(f"--web.config.file={self.file('web.yml', web)}", *arguments, **kwargs)

    def curl(self, daemon, path="/metrics", *arguments, scheme="https"):
        """-> status (0: none), body, curl's error"""
        port = daemon.address.rsplit(":", 1)[1]
        done = subprocess.run(["curl", "-sS", "-m", str(PATIENCE), "--cacert", self.authority.certificate, "-w", "\n%{http_code}", *arguments,
                               f"{scheme}://localhost:{port}{path}"], capture_output=True, text=True, timeout=PATIENCE + 5)
        body, _, status = done.stdout.rpartition("\n")
        return int(status or 0), body, done.stderr

    def served(self, daemon):
        """The serial number of the certificate that the daemon presents."""
        shown = subprocess.run(["openssl", "s_client", "-connect", daemon.address], input="", capture_output=True, text=True, timeout=PATIENCE).stdout
        return subprocess.run(["openssl", "x509", "-noout", "-serial"], input=shown, capture_output=True, text=True, timeout=PATIENCE).stdout


class TlsTest(WebCase):
    def test_serves_https_alone(self):
        with self.daemon(TLS % "") as daemon:
            status, body, _ = self.curl(daemon)
            self.assertEqual((status, "vitalsd_build_info" in body), (200, True))
            self.assertIn("vitalsd_tls_certificate_expiry_timestamp_seconds", body)
            status, body, _ = self.curl(daemon, scheme="http")
            self.assertEqual((status, body), (400, "this port speaks HTTPS: ask for https://\n"))
            self.assertEqual(self.curl(daemon, "/metrics", "--tls-max", "1.1")[0], 0)
            self.assertEqual(self.curl(daemon, "/metrics", "--tls-max", "1.2")[0], 200)

    def test_a_client_that_does_not_trust_it_is_counted_and_logged(self):
        with self.daemon(TLS % "") as daemon:
            self.assertEqual(self.curl(daemon, "/metrics", "--cacert", "/etc/ssl/certs/ca-certificates.crt")[0], 0)
            eventually("the log says so", lambda: any("a TLS connection failed" in line and "unknown ca" in line for line in daemon.log))
            self.assertRegex(self.curl(daemon)[1], r"(?m)^vitalsd_tls_connection_failures_total [1-9]")

    def test_versions_and_ciphers_are_those_configured(self):
        with self.daemon(TLS % ", min_version: TLS13, curve_preferences: [X25519]") as daemon:
            self.assertEqual(self.curl(daemon, "/metrics", "--tls-max", "1.2")[0], 0)
            self.assertEqual(self.curl(daemon, "/metrics", "--curves", "P-256")[0], 0)
            self.assertEqual(self.curl(daemon)[0], 200)
        with self.daemon(TLS % ", max_version: TLS12, cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]") as daemon:
            self.assertEqual(self.curl(daemon, "/metrics", "--tlsv1.3")[0], 0)
            self.assertEqual(self.curl(daemon, "/metrics", "--ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384")[0], 0)
            self.assertEqual(self.curl(daemon)[0], 200)

    def test_clients_show_certificates(self):
        stranger = Authority(self.directory, "stranger")
        both = {who: ("--cert", f"{self.directory}/{who}.crt", "--key", f"{self.directory}/{who}.key") for who in ("friend", "other", "foreign")}
        self.authority.sign("friend", "DNS:prometheus,URI:spiffe://cluster/prometheus")
        self.authority.sign("other", "DNS:other")
        stranger.sign("foreign", "DNS:prometheus")
        # Which clients are accepted: (no certificate, signed with the right name, signed with another name, unknown signer)
        policies = {
            "client_auth_type: RequestClientCert": (1, 1, 1, 1),
            "client_auth_type: RequireAnyClientCert": (0, 1, 1, 1),
            "client_auth_type: VerifyClientCertIfGiven, client_ca_file: ca.crt": (1, 1, 1, 0),
            "client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt": (0, 1, 1, 0),
            "client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt, client_allowed_sans: ['spiffe://cluster/prometheus']": (0, 1, 0, 0),
        }
        for policy, let_in in policies.items():
            with self.subTest(policy), self.daemon(TLS % f", {policy}") as daemon:
                got = [self.curl(daemon, "/-/healthy", *both.get(who, ()))[0] for who in ("none", "friend", "other", "foreign")]
                self.assertEqual(got, [200 if one else 0 for one in let_in])

    def test_a_renewed_certificate_is_served_without_a_reload(self):
        with self.daemon(TLS % "") as daemon:
            before = self.served(daemon)
            self.authority.sign("renewed")
            for end in ("crt", "key"):  # not at the same moment, as in a mounted secret
                os.rename(f"{self.directory}/renewed.{end}", f"{self.directory}/server.{end}")
            eventually("the new one is served", lambda: self.served(daemon) not in (before, ""))
            status, body, _ = self.curl(daemon)
            self.assertEqual(status, 200)
            self.assertRegex(body, r"(?m)^vitalsd_web_config_last_reload_successful 1$")

    def test_a_reload_of_what_is_the_same_ends_no_connection(self):
        with self.daemon(TLS % "" + user()) as daemon:
            trusting = ssl.create_default_context(cafile=self.authority.certificate)
            connection = http.client.HTTPSConnection(*daemon.address.rsplit(":", 1), context=trusting, timeout=PATIENCE)
            connection.connect()
            kept = connection.sock

            def ask():
                connection.request("GET", "/-/healthy", headers={"Authorization": "Basic " + base64.b64encode(b"alice:secret").decode()})
                response = connection.getresponse()
                response.read()
                return response.status, connection.sock is kept
            self.assertEqual(ask(), (200, True))
            daemon.send(signal.SIGHUP)
            eventually("it has reloaded", lambda: any("msg=reloaded" in line for line in daemon.log))
            self.assertEqual(ask(), (200, True))
            self.file("web.yml", TLS % ", min_version: TLS13" + user())
            daemon.send(signal.SIGHUP)
            eventually("another context ends it", lambda: kept.recv(1) == b"")
            connection.close()

    def test_a_broken_one_is_logged_and_the_old_one_stays(self):
        with self.daemon(TLS % "") as daemon:
            before = self.served(daemon)
            self.file("server.key", "torn")
            eventually("it is logged", lambda: any("web configuration refused" in line and "no private key in it" in line for line in daemon.log))
            self.assertEqual(self.served(daemon), before)
            self.assertRegex(self.curl(daemon)[1], r"(?m)^vitalsd_web_config_last_reload_successful 0$")

    def test_probes_are_served_plainly_on_their_own_address(self):
        with self.daemon(TLS % "" + user(), "--web.probe-address=127.0.0.1:0") as daemon:
            eventually("both listen", lambda: len(daemon.addresses) == 2)
            done = subprocess.run(["curl", "-sS", "-m", "10", f"http://{daemon.addresses[1]}/-/healthy"], capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.stdout, "vitalsd is healthy.\n")

    def test_the_health_check_asks_as_the_daemon_is_configured(self):
        with self.daemon(TLS % "" + user()) as daemon:
            flags = (f"--web.config.file={self.directory}/web.yml", f"--web.listen-address={daemon.address}")
            done = run("healthcheck", *flags)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(run("healthcheck", *flags).returncode, 1)

    def test_the_last_state_is_pushed_over_https_only_to_whom_it_trusts(self):
        with self.daemon(TLS % "") as other, Daemon(f"--shutdown.push-url=https://{other.address}/metrics/job/x", "--shutdown.timeout=20s") as daemon:
            daemon.ready()
            self.assertEqual(daemon.end(), 0)
            self.assertTrue(any("cannot push" in line and "certificate verify failed" in line for line in daemon.log), daemon.log)
        environment = {"SSL_CERT_FILE": self.authority.certificate}
        for names, outcome in (("DNS:localhost,IP:127.0.0.1", "status 404"), ("DNS:localhost,IP:127.0.0.2", "IP address mismatch")):
            self.authority.sign("server", names)
            with self.daemon(TLS % "") as other, Daemon(f"--shutdown.push-url=https://{other.address}/metrics/job/x", "--shutdown.timeout=20s", "--collector.disable-defaults", env=environment) as daemon:
                daemon.ready()
                self.assertEqual(daemon.end(), 0)
                self.assertTrue(any("cannot push" in line and outcome in line for line in daemon.log), daemon.log)


class PasswordTest(WebCase):
    def test_nothing_is_served_without_the_password(self):
        with self.daemon(user() + "http_server_config: {headers: {X-Frame-Options: deny}}\n") as daemon:
            for path in ("/metrics", "/", "/page/main.js", "/api/v1/status", "/-/healthy", "/nothing-here"):
                status, headers, body = daemon.get(path)
                self.assertEqual((status, body), (401, b"Unauthorized\n"), path)
                self.assertTrue(headers["WWW-Authenticate"].startswith("Basic "))
                self.assertEqual(headers["X-Frame-Options"], "deny")
            for credentials, status in {"alice:secret": 200, "alice:wrong": 401, "bob:secret": 401, "alice:": 401, ":": 401}.items():
                for _ in range(2):  # computed, then from the cache
                    self.assertEqual(self.curl(daemon, "/metrics", "-u", credentials, scheme="http")[0], status, credentials)

    def test_a_reload_changes_the_passwords(self):
        with self.daemon(user()) as daemon:
            self.assertEqual(self.curl(daemon, "/metrics", "-u", "alice:secret", scheme="http")[0], 200)
            self.file("web.yml", user(password="changed"))
            daemon.send(signal.SIGHUP)
            eventually("the old one is refused", lambda: self.curl(daemon, "/metrics", "-u", "alice:secret", scheme="http")[0] == 401)
            self.assertEqual(self.curl(daemon, "/metrics", "-u", "alice:changed", scheme="http")[0], 200)
            self.file("web.yml", "basic_auth_users: {alice: plain}\n")
            daemon.send(signal.SIGHUP)
            eventually("the fault is logged", lambda: any("web.yml:1:27: user 'alice': must be a bcrypt hash" in line for line in daemon.log))
            self.assertEqual(self.curl(daemon, "/metrics", "-u", "alice:changed", scheme="http")[0], 200)

    def test_the_limit_of_rate(self):
        with self.daemon("rate_limit: {interval: 1h, burst: 3}\n") as daemon:
            self.assertEqual([daemon.get("/-/healthy")[0] for _ in range(5)], [200, 200, 200, 429, 429])


class CrowdTest(WebCase):
    def ask(self, address, path, **headers):
        connection = http.client.HTTPConnection(*address.rsplit(":", 1), timeout=PATIENCE)
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def test_slow_clients_shut_out_neither_scrapes_nor_probes(self):
        with Daemon("--web.probe-address=127.0.0.1:0", "--web.max-connections=64") as daemon:
            eventually("both listen", lambda: len(daemon.addresses) == 2)
            slow, got = [], []
            self.addCleanup(lambda: [one.close() for one in slow])

            def hold(count):
                for _ in range(count):
                    slow.append(socket.create_connection(tuple(daemon.addresses[0].rsplit(":", 1)), PATIENCE))
                    slow[-1].sendall(b"G")
            hold(150)
            for _ in range(30):
                hold(5)
                got += [self.ask(daemon.addresses[0], "/metrics"), self.ask(daemon.addresses[0], "/-/healthy"), self.ask(daemon.addresses[1], "/-/healthy")]
            self.assertEqual(got, [200] * 90)

    def test_guesses_lock_nobody_out_after_a_renewal(self):
        right = {"Authorization": "Basic " + base64.b64encode(b"alice:secret").decode()}
        with self.daemon(user()) as daemon:
            self.assertEqual(self.ask(daemon.address, "/metrics", **right), 200)
            stop = threading.Event()

            def guess(who):
                for number in itertools.count():
                    if stop.is_set():
                        return
                    try:
                        self.ask(daemon.address, "/metrics", Authorization="Basic " + base64.b64encode(b"alice:%d-%d" % (who, number)).decode())
                    except OSError:
                        pass
            crowd = [threading.Thread(target=guess, args=(who,)) for who in range(64)]
            for one in crowd:
                one.start()
            try:
                self.file("web.yml", user() + "# touched\n")
                eventually("it is renewed", lambda: any("renewed" in line for line in daemon.log))
                self.assertEqual([self.ask(daemon.address, "/metrics", **right) for _ in range(30)], [200] * 30)
            finally:
                stop.set()
                daemon.process.kill()  # clients that wait for their check see the end
                for one in crowd:
                    one.join()


@unittest.skipUnless(shutil.which("prometheus"), "needs prometheus")
class PrometheusTest(WebCase):
    def test_scrapes_with_a_certificate_and_a_password(self):
        self.authority.sign("scraper")
        web = TLS % ", client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt" + user()
        with self.daemon(web, "--collector.defaults.interval=1s") as daemon:
            tls = f"{{ca_file: {self.directory}/ca.crt, cert_file: {self.directory}/scraper.crt, key_file: {self.directory}/scraper.key}}"
            job = f"{{job_name: %s, scheme: https, tls_config: {tls}, basic_auth: {{username: alice, password: %s}}, static_configs: [{{targets: ['{daemon.address}']}}]}}"
            config = self.file("prometheus.yml", "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
                               f"- {job % ('right', 'secret')}\n- {job % ('wrong', 'guess')}\n")
            with Prometheus(self, daemon, config=config) as prometheus:
                eventually("both have been scraped", lambda: len(prometheus.result("up")) == 2 and prometheus.result("up{job='right'} == 1"))
                self.assertEqual(prometheus.result("up{job='wrong'}")[0]["value"][1], "0")
                self.assertTrue(prometheus.result("node_load1{job='right'}"))
                # Renewing the certificate loses no scrape.
                self.authority.sign("server")
                eventually("it is renewed", lambda: any("renewed" in line for line in daemon.log))
                scrapes = "count_over_time(up{job='right'}[1h])"
                count = float(prometheus.result(scrapes)[0]["value"][1])
                eventually("three more scrapes", lambda: float(prometheus.result(scrapes)[0]["value"][1]) >= count + 3)
                self.assertEqual(prometheus.result("min_over_time(up{job='right'}[1h])")[0]["value"][1], "1")


# Files, and whether they are valid. promtool must agree.
FILES = {
    "": True,
    TLS % "": True,
    user(): True,
    TLS % ", client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt": True,
    TLS % ", min_version: TLS13, max_version: TLS13": True,
    TLS % ", client_auth_type: RequireAndVerifyClientCert": True,
    "basic_auth_users: {alice: $2y$17$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u}\n": True,
    TLS % ", cipher_suites: [TLS_RSA_WITH_NULL_SHA256]": False,
    TLS % ", cipher_suites: [TLS_DH_anon_WITH_AES_128_GCM_SHA256]": False,
    TLS % ", cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]": True,
    TLS % ", curve_preferences: [CurveP256, CurveP384, CurveP521, X25519], prefer_server_cipher_suites: false": True,
    "http_server_config: {http2: false, headers: {X-Frame-Options: sameorigin, Strict-Transport-Security: max-age=1}}\n": True,
    TLS % ", cipher_suites: [TLS_NONE_SUCH]": False,
    TLS % ", curve_preferences: [P-256]": False,
    TLS % ", min_version: TLS14": False,
    TLS % ", client_auth_type: Maybe": False,
    TLS % ", client_ca_file: ca.crt": False,
    "tls_server_config: {cert_file: server.crt}\n": False,
    "tls_server_config: {cert_file: server.crt, key_file: ca.key}\n": False,
    "tls_server_config: {cert_file: server.key, key_file: server.crt}\n": False,
    "tls_server_config: {cert_file: none.crt, key_file: server.key}\n": False,
    "tls_server: {}\n": False,
    "basic_auth_users: {alice: secret}\n": False,
    "http_server_config: {headers: {Server: x}}\n": False,
    "http_server_config: {headers: {X-Frame-Options: ALLOWALL}}\n": False,
}


class CheckTest(WebCase):
    def test_faults_have_a_place(self):
        openssl("ec", "-in", "server.key", "-aes128", "-passout", "pass:x", "-out", "locked.key", cwd=self.directory)
        faults = {
            "tls_server_config:\n  cert_file: server.crt\n  key_file: locked.key\n": r"web.yml:3:13: the key has a passphrase; give it without one",
            "tls_server_config:\n  cert_file: server.crt\n  key_file: ca.key\n": r"web.yml:3:13: the key does not belong to the certificate: .*",
            "tls_server_config:\n  cert_file: none.crt\n  key_file: server.key\n": r"web.yml:2:14: cannot open '.*/none.crt': No such file or directory",
            "tls_server_config:\n  cert_fil: server.crt\n": r"web.yml:2:3: unknown key 'cert_fil', did you mean 'cert_file'\?",
            "basic_auth_users:\n  alice: secret\n": r"web.yml:2:10: user 'alice': must be a bcrypt hash .*",
        }
        for web, fault in faults.items():
            done = run("--config.check", f"--web.config.file={self.file('web.yml', web)}")
            self.assertEqual(done.returncode, 2, web)
            self.assertRegex(done.stderr, f"^{re.escape(self.directory)}/{fault}\n$")
        done = run("--config.check", "--web.config.file=/nowhere/web.yml")
        self.assertEqual((done.returncode, done.stderr), (2, "--web.config.file: cannot open '/nowhere/web.yml': No such file or directory\n"))

    @unittest.skipUnless(shutil.which("promtool"), "needs promtool")
    def test_promtool_and_we_judge_alike(self):
        for web, good in FILES.items():
            path = self.file("web.yml", web)
            ours = run("--config.check", f"--web.config.file={path}")
            theirs = subprocess.run(["promtool", "check", "web-config", path], capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual((web, ours.returncode == 0), (web, good), ours.stderr)
            self.assertEqual((web, theirs.returncode == 0), (web, good), theirs.stderr)


if __name__ == "__main__":
    unittest.main()
