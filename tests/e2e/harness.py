"""Starts the real daemon for a test, sends it requests, and always ends it. $VITALSD is the path of the binary."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

BINARY = os.environ.get("VITALSD") or os.path.join(os.path.dirname(__file__), "../../build/dev/vitalsd")
PATIENCE = float(os.environ.get("VITALSD_TEST_PATIENCE", "30"))  # seconds to wait for what must happen; never part of a measurement


def eventually(what, condition, patience=PATIENCE):
    """Waits until condition() is true and returns its value; fails with `what` if that takes too long."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.02)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def fetch(address, path, method="GET", headers=None, timeout=PATIENCE):
    """-> status, headers, body. `address` is written as the daemon logs it."""
    if address.startswith("unix:"):
        connection = UnixConnection(address[5:], timeout)
    else:
        host, port = address.rsplit(":", 1)
        connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=timeout)
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def parse(text):
    """An exposition as a dict from `name{labels}` to float."""
    return {m[1]: float(m[2]) for m in re.finditer(r"^([a-zA-Z_:][^\n]*?) ([^ \n]+)$", text, re.M) if not m[0].startswith("#")}


class Daemon:
    """One running daemon. `address` is that of its first listener; `log` has the lines of its log."""

    def __init__(self, *arguments, listen=("--web.listen-address=127.0.0.1:0",), env=None, wait=True, binary=BINARY, **popen):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("VITALSD")} | (env or {})
        self.log = []
        self.process = subprocess.Popen([binary, *listen, *arguments], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                        text=True, errors="replace", env=environment, **popen)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        if wait:
            eventually("the daemon listens", lambda: self.addresses or self.process.poll() is not None)
            if not self.addresses:
                raise AssertionError("the daemon ended: " + "".join(self.log))

    def _read(self):
        for line in self.process.stderr:
            self.log.append(line)

    @property
    def addresses(self):
        return [m[1] for line in list(self.log) if (m := re.search(r"msg=listening address=(\S+)", line))]

    @property
    def address(self):
        return self.addresses[0]

    def get(self, path="/metrics", **kwargs):
        return fetch(self.address, path, **kwargs)

    def metrics(self, path="/metrics"):
        status, _, body = self.get(path)
        assert status == 200, (status, body)
        return parse(body.decode())

    def ready(self):
        eventually("the daemon is ready", lambda: self.get("/-/ready")[0] == 200)
        return self

    def send(self, number):
        self.process.send_signal(number)

    def end(self, number=signal.SIGTERM, patience=PATIENCE):
        """Sends one signal and waits -> the exit status."""
        if self.process.poll() is None:
            self.send(number)
        try:
            status = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("the daemon did not end: " + "".join(self.log[-20:]))
        self.reader.join(5)
        return status

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.reader.join(5)
        self.process.stderr.close()


def run(*arguments, env=None, timeout=PATIENCE):
    """Runs the binary and waits for its end -> CompletedProcess with text output."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("VITALSD")} | (env or {})
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, env=environment, timeout=timeout)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Prometheus:
    """A real Prometheus that scrapes one daemon each second. `more` is further YAML for its `global` section and the top
    level; or `config` is the path of another configuration. `flags` are its own."""

    def __init__(self, case, daemon, more_global="", more="", config=None, flags=()):
        prometheus = shutil.which("prometheus")
        case.assertTrue(prometheus, "install the package prometheus (./dev deps test)")
        self.address = f"127.0.0.1:{free_port()}"
        config = config or case.file("prometheus.yml", f"global: {{scrape_interval: 1s, scrape_timeout: 1s{more_global}}}\n{more}"
                                                       f"scrape_configs:\n- job_name: vitalsd\n  static_configs: [{{targets: ['{daemon.address}']}}]\n")
        self.process = subprocess.Popen([prometheus, f"--config.file={config}", f"--web.listen-address={self.address}",
                                         f"--storage.tsdb.path={case.directory}/data", "--log.level=error", *flags])

    def ask(self, path):
        """The response as JSON; empty while there is none."""
        try:
            return json.loads(fetch(self.address, path)[2])
        except (OSError, ValueError):
            return {}

    def query(self, text):
        return self.ask("/api/v1/query?query=" + urllib.parse.quote(text))

    def result(self, text):
        return self.query(text).get("data", {}).get("result", [])

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.terminate()
        self.process.wait()


class Case(unittest.TestCase):
    """Gives each test a directory of its own."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="vitalsd-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def as_nobody(self, *arguments):
        """A daemon that runs as another user without privilege; needs root."""
        os.chmod(self.directory, 0o755)
        binary = shutil.copy(BINARY, f"{self.directory}/vitalsd")
        return Daemon(*arguments, binary=binary, user=65534, group=65534, extra_groups=[])

    def file(self, name, text):
        path = os.path.join(self.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        return path
