"""Tests the daemon in a real pod with a shared pid namespace: without root, capabilities or a writable root."""
import glob
import json
import os
import shutil
import subprocess
import tarfile
import unittest

from guest import BUSYBOX, libraries, stripped
from harness import Case, BINARY, eventually, fetch, parse

PODMAN = shutil.which("podman")
APPLETS = ("sh", "sleep", "true", "cat")
NOBODY, OTHER = 65534, 4242

# Stands for Kubernetes' pause container: one process of that name that waits.
PAUSE = "#!/bin/sh\nread nothing < /never\n"
CONF = """[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
netns = "none"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
infra_image = "localhost/vitalsd-test"
"""


class PodTest(Case):
    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            raise unittest.SkipTest("pods with cgroups of their own need root here")
        for name in ("podman", "runc", "busybox"):
            if not shutil.which(name):
                raise unittest.SkipTest(f"{name} is not installed")

    def setUp(self):
        super().setUp()
        os.chmod(self.directory, 0o755)
        self.pods = 0
        self.run = os.path.join(self.directory, "run")  # shared with the daemon, for its socket
        os.mkdir(self.run)
        os.chown(self.run, NOBODY, NOBODY)
        self.environment = os.environ | {"CONTAINERS_CONF": self.file("containers.conf", CONF)}
        self.addCleanup(self.clean_up)
        self.make_image()
        tried = self.podman("run", "--rm", "--pull", "never", "--entrypoint", "/bin/true", "vitalsd-test", check=False)
        if tried.returncode != 0:
            self.skipTest(f"podman runs no containers here: {tried.stderr.strip()[-300:]}")

    def podman(self, *arguments, check=True, **more):
        done = subprocess.run([PODMAN, "--root", f"{self.directory}/storage", "--runroot", f"{self.directory}/runroot",
                               "--storage-driver", "overlay", "--tmpdir", f"{self.directory}/tmp", *arguments],
                              capture_output=True, text=True, env=self.environment, timeout=120, **more)
        if check and done.returncode != 0:
            raise AssertionError(f"podman {' '.join(arguments)}: {done.stdout} {done.stderr}")
        return done

    def make_image(self):
        root = os.path.join(self.directory, "image")
        for directory in ("bin", "proc", "sys", "dev", "run", "etc"):
            os.makedirs(f"{root}/{directory}")
        shutil.copy(BUSYBOX, f"{root}/bin/busybox")
        for applet in APPLETS:
            os.symlink("busybox", f"{root}/bin/{applet}")
        for path in libraries(BINARY):
            os.makedirs(f"{root}/{os.path.dirname(path)}", exist_ok=True)
            shutil.copy(path, f"{root}/{path}")
        stripped(BINARY, root)
        self.file("image/pause", PAUSE)
        # An application that uses CPU, under its own name.
        self.file("image/bin/application", "#!/bin/sh\nwhile :; do :; done\n")
        # A job that works and then ends.
        self.file("image/bin/job", "#!/bin/sh\nwhile [ ! -e /run/done ]; do sleep 0.1; done\nexit 7\n")
        os.mkfifo(f"{root}/never", 0o666)
        for program in ("pause", "bin/application", "bin/job", "vitalsd"):
            os.chmod(f"{root}/{program}", 0o755)
        with tarfile.open(f"{self.directory}/image.tar", "w") as tar:
            tar.add(root, "/")
        self.podman("import", "-q", "--change", "ENV PATH=/bin", "--change", 'ENTRYPOINT ["/pause"]', f"{self.directory}/image.tar",
                    "localhost/vitalsd-test")

    def clean_up(self):
        pods = self.podman("pod", "ls", "-q", "--no-trunc", check=False).stdout.split()
        self.podman("pod", "rm", "-f", "-a", check=False)
        for mount in (f"{self.directory}/storage/overlay", f"{self.directory}/storage"):
            subprocess.run(["umount", "-q", mount], capture_output=True)
        # Podman leaves some cgroups behind.
        for parent in glob.glob("/sys/fs/cgroup/*/libpod_parent") + glob.glob("/sys/fs/cgroup/libpod_parent"):
            for path in [f"{parent}/{pod}" for pod in pods] + [f"{parent}/conmon", parent]:
                try:
                    os.rmdir(path)
                except OSError:  # does not exist or belongs to others
                    pass

    def play(self, application_user, *arguments, command="/bin/application"):
        """Starts the pod -> a function that scrapes its daemon."""
        restricted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}

        def container(name, user, command, **more):
            return {"name": name, "image": "localhost/vitalsd-test", "imagePullPolicy": "Never", "command": command,
                    "securityContext": restricted | {"runAsUser": user, "runAsGroup": user}, **more}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "vitalsd-test"},
               "spec": {"shareProcessNamespace": True, "restartPolicy": "Never",
                        "volumes": [{"name": "run", "hostPath": {"path": self.run}}],
                        "containers": [
                            container("app", application_user, [command], volumeMounts=[{"name": "run", "mountPath": "/run"}],
                                      resources={"limits": {"memory": "64Mi", "cpu": "200m"}}),
                            container("side", NOBODY, ["/vitalsd", "--web.listen-address=unix:/run/vitalsd", "--collector.disable-defaults",
                                                       "--collector.cgroups", "--collector.targets", "--collector.defaults.fresh=0s",
                                                       "--collector.targets.watch=app:comm=application", *arguments],
                                      volumeMounts=[{"name": "run", "mountPath": "/run"}])]}}
        self.podman("play", "kube", "--network", "none", self.file("pod.json", json.dumps(pod)))

        def scrape():
            try:
                status, _, body = fetch(f"unix:{self.run}/vitalsd", "/metrics", timeout=20)
                return parse(body.decode()) if status == 200 else None
            except OSError:
                return None
        try:
            eventually("the daemon in the pod answers", scrape)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.log()}")
        return scrape

    def log(self):
        done = self.podman("logs", "vitalsd-test-side")
        return done.stdout + done.stderr

    def id_of(self, container):
        return self.podman("inspect", "--format", "{{.Id}}", f"vitalsd-test-{container}").stdout.strip()

    def values_of(self, metrics, family, container_id):
        return [value for name, value in metrics.items() if name.startswith(family + "{") and container_id in name]

    def test_an_application_of_our_user_is_seen_whole(self):
        scrape = self.play(NOBODY)
        app = self.id_of("app")

        def value(family):
            found = self.values_of(scrape(), family, f'container_id="{app}"')
            return found[0] if found else None
        # The daemon's first round may have ended before the application started.
        eventually("the neighbour is found", lambda: value("container_spec_memory_limit_bytes") == 64 << 20)
        self.assertEqual(value("vitalsd_cgroup_memory_limit_bytes"), 64 << 20)
        self.assertAlmostEqual(value("vitalsd_cgroup_cpu_limit_cores"), 0.2)
        eventually("it is throttled", lambda: value("container_cpu_cfs_throttled_periods_total") > 3)
        self.assertGreater(value("container_cpu_usage_seconds_total"), 0)
        self.assertGreater(value("container_memory_usage_bytes"), 0)
        self.assertEqual(value("container_processes"), 1)
        self.assertIsNotNone(value("container_start_time_seconds"))
        metrics = scrape()
        self.assertEqual(metrics['vitalsd_target_up{target="app"}'], 1)
        self.assertFalse([name for name in metrics if name.startswith("vitalsd_target_unreadable")])
        # The daemon's own container is listed once; the pod's sandbox is not, since it is no application.
        self.assertIn('container_memory_usage_bytes{id="/"}', metrics)
        self.assertEqual(self.values_of(metrics, "container_memory_usage_bytes", self.id_of("side")), [])
        self.assertNotIn("remedy", self.log())
        # The same values as seen from the machine.
        outside = glob.glob(f"/sys/fs/cgroup/memory/libpod_parent/*/libpod-{app}/memory.max_usage_in_bytes") + \
            glob.glob(f"/sys/fs/cgroup/libpod_parent/*/libpod-{app}/memory.peak")
        with open(outside[0]) as f:
            self.assertEqual(value("container_memory_max_usage_bytes"), int(f.read()))
        self.podman("stop", "-t", "0", "vitalsd-test-app")
        eventually("it is gone", lambda: value("container_memory_usage_bytes") is None)

    def test_an_application_of_another_user_is_absent_and_named(self):
        scrape = self.play(OTHER)
        app = self.id_of("app")
        metrics = scrape()
        self.assertEqual(self.values_of(metrics, "container_memory_usage_bytes", app), [])
        self.assertIn('container_memory_usage_bytes{id="/"}', metrics)
        self.assertEqual(metrics['vitalsd_collector_success{collector="cgroups"}'], 1)
        eventually("it is said", lambda: app in self.log())
        said = [line for line in self.log().splitlines() if app in line and "root/sys/fs/cgroup" in line]
        self.assertEqual(len(said), 1, self.log())
        self.assertRegex(said[0], "user and group of that container.*SYS_PTRACE")
        # What any user may read of it is reported all the same.
        self.assertEqual(metrics['vitalsd_target_up{target="app"}'], 1)
        self.assertIn('vitalsd_target_resident_bytes{target="app",type="anonymous"}', metrics)
        self.assertEqual(metrics['vitalsd_target_unreadable{target="app",field="io",reason="denied"}'], 1)
        scrape()
        self.assertEqual(len([line for line in self.log().splitlines() if "root/sys/fs/cgroup" in line]), 1, "once is enough")

    def test_a_job_completes_as_its_sidecar_ends_with_it(self):
        scrape = self.play(OTHER, "--collector.targets.watch=job:comm=job", "--exit-with-target=job", command="/bin/job")
        self.assertEqual(scrape()['vitalsd_target_up{target="job"}'], 1)
        with open(f"{self.run}/done", "w"):
            pass
        states = [self.podman("wait", f"vitalsd-test-{name}").stdout.strip() for name in ("app", "side")]
        self.assertEqual(states, ["7", "0"], self.log())
        self.assertIn('reason="the target job ended"', self.log())


if __name__ == "__main__":
    unittest.main()
