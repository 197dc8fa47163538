"""Tests the image with the static binary: built by buildah and run by podman without privileges, if they are installed."""
import json
import os
import re
import shutil
import stat
import subprocess
import unittest

from harness import Case, eventually, fetch, parse

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
STATIC = f"{ROOT}/build/static/vitalsd"
FILES = {"vitalsd", "etc/passwd", "etc/group", "etc/ssl/certs/ca-certificates.crt"}
LIMIT = 8 << 20  # bytes of the whole image


@unittest.skipUnless(os.path.exists(STATIC), "no static binary (./dev build static)")
class ImageTest(Case):
    def setUp(self):
        super().setUp()
        missing = [tool for tool in ("buildah", "podman", "runc") if not shutil.which(tool)]
        if missing:
            self.skipTest(f"{', '.join(missing)} not installed (./dev deps image)")
        if os.geteuid():
            self.skipTest("containers without an engine need root here")
        # A separate storage, so that nothing is left among the user's images.
        self.storage = f"{self.directory}/storage"
        conf = self.file("storage.conf", f'[storage]\ndriver = "overlay"\ngraphroot = "{self.storage}/graph"\n'
                         f'runroot = "{self.storage}/run"\n')
        engine = self.file("containers.conf", '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
                           f'tmp_dir = "{self.storage}/tmp"\n'
                           '[containers]\ndefault_ulimits = ["nofile=20000:20000", "nproc=30000:30000"]\nnetns = "none"\n')
        self.env = os.environ | {"CONTAINERS_STORAGE_CONF": conf, "CONTAINERS_CONF": engine}
        os.chmod(self.directory, 0o755)
        self.addCleanup(self.unmount)
        self.addCleanup(self.tool, "buildah", "rm", "--all", check=False)
        self.name = self.tool(f"{ROOT}/packaging/image/build", f"localhost/vitalsd-test:{os.getpid()}").strip()

    def unmount(self):
        """Unmounts the storage, which the tools mount on itself and leave mounted."""
        with open("/proc/mounts") as mounts:
            places = [line.split()[1] for line in mounts]
        for place in sorted((each for each in places if each.startswith(f"{self.storage}/")), reverse=True):
            subprocess.run(["umount", place], check=False)

    def tool(self, *command, check=True, timeout=120):
        done = subprocess.run(command, capture_output=True, text=True, env=self.env, timeout=timeout)
        if check:
            self.assertEqual(done.returncode, 0, f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self, *arguments):
        """Starts a container as restricted as in a pod -> its id and the path of its socket."""
        shared = f"{self.directory}/shared"
        os.mkdir(shared)
        os.chown(shared, 65534, 65534)
        container = self.tool("podman", "run", "--detach", "--pull", "never", "--network", "none", "--read-only",
                              "--cap-drop", "all", "--security-opt", "no-new-privileges", "--volume", f"{shared}:/shared",
                              self.name, "--web.listen-address=unix:/shared/socket", "--web.listen-address=127.0.0.1:9955",
                              *arguments).strip()
        self.addCleanup(self.tool, "podman", "rm", "--force", "--time", "1", container, check=False)
        return container, f"unix:{shared}/socket"

    def test_is_small_and_holds_nothing_else(self):
        image = json.loads(self.tool("podman", "image", "inspect", self.name))[0]
        self.assertLess(image["Size"], LIMIT)
        config = image["Config"]
        self.assertEqual(config["User"], "65534:65534")
        self.assertEqual(config["Entrypoint"], ["/vitalsd"])
        self.assertEqual(image["Healthcheck"]["Test"], ["CMD", "/vitalsd", "healthcheck"])
        labels = {name.removeprefix("org.opencontainers.image."): value for name, value in config["Labels"].items()}
        for name in ("title", "description", "licenses", "version", "revision", "created"):
            self.assertTrue(labels.get(name), name)
        version = self.tool(STATIC, "--version")
        self.assertIn(labels["version"], version)

        work = self.tool("buildah", "from", "--pull-never", self.name).strip()
        root = self.tool("buildah", "mount", work).strip()
        try:
            found = {}
            for folder, _, names in os.walk(root):
                for name in names:
                    path = os.path.join(folder, name)
                    found[os.path.relpath(path, root)] = os.lstat(path)
            self.assertEqual(set(found), FILES)
            for path, status in found.items():
                self.assertEqual((status.st_uid, status.st_gid), (0, 0), path)
                self.assertFalse(status.st_mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWOTH | stat.S_IWGRP), path)
            with open(f"{root}/etc/passwd") as passwd:
                self.assertIn("65534", {line.split(":")[2] for line in passwd})
        finally:
            self.tool("buildah", "umount", work)

    def test_runs_without_any_privilege(self):
        container, address = self.start()
        eventually("the socket is there", lambda: os.path.exists(address[5:]))
        eventually("ready", lambda: fetch(address, "/-/ready")[0] == 200)
        status, _, body = fetch(address, "/metrics")
        self.assertEqual(status, 200)
        metrics = parse(body.decode())
        self.assertGreater(metrics["process_resident_memory_bytes"], 0)
        failed = {name for name, value in metrics.items() if name.startswith("vitalsd_collector_success") and value != 1}
        self.assertEqual(failed, set())
        # An image from scratch has no os-release, which is no failure.
        self.assertEqual(json.loads(fetch(address, "/health")[2])["collectors"]["os"]["state"], "unavailable")
        self.tool("podman", "healthcheck", "run", container)
        pid = int(self.tool("podman", "inspect", "--format", "{{.State.Pid}}", container))
        with open(f"/proc/{pid}/status") as file:
            status = dict(line.rstrip().split(":\t", 1) for line in file if ":\t" in line)
        self.assertEqual(status["Uid"].split(), ["65534"] * 4)
        self.assertEqual(int(status["CapEff"], 16), 0)
        self.tool("podman", "stop", "--time", "20", container)
        self.assertEqual(self.tool("podman", "inspect", "--format", "{{.State.ExitCode}}", container).strip(), "0")

    def test_says_when_it_is_not_healthy(self):
        done = subprocess.run(["podman", "run", "--rm", "--pull", "never", "--network", "none", self.name, "healthcheck"],
                              capture_output=True, text=True, env=self.env, timeout=60)
        self.assertEqual(done.returncode, 1, done.stderr)


class StaticTest(Case):
    def setUp(self):
        super().setUp()
        if not os.path.exists(STATIC):
            self.skipTest("no static binary (./dev build static)")

    def test_is_a_hardened_static_pie(self):
        dump = subprocess.run(["readelf", "-Whld", STATIC], capture_output=True, text=True, check=True).stdout
        self.assertRegex(dump, r"Type:\s+DYN")
        self.assertNotIn("INTERP", dump)
        self.assertNotIn("(NEEDED)", dump)
        self.assertRegex(dump, r"FLAGS_1.*\bNOW\b.*\bPIE\b")
        self.assertIn("GNU_RELRO", dump)
        self.assertRegex(dump, r"GNU_STACK(\s+0x\w+){5} RW ")
        # No segment is both writable and executable.
        self.assertFalse(re.search(r"LOAD(\s+0x\w+){5} RWE", dump))

    def test_collects(self):
        done = subprocess.run([STATIC, "--once"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("\nnode_load1 ", done.stdout)
        stripped = f"{self.directory}/stripped"
        subprocess.run(["strip", "-o", stripped, STATIC], check=True)
        self.assertLess(os.path.getsize(stripped), LIMIT)


if __name__ == "__main__":
    unittest.main()
