"""Tests the names of containers: the queries of kube-prometheus over them in a real Prometheus, and real containers that
come and go under the kubelet's names."""
import glob
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import time
import unittest
import uuid

from harness import Case, Daemon, PATIENCE, Prometheus, eventually

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
APP, SIDE, SANDBOX = "a" * 64, "b" * 64, "c" * 64
UID = "0cd28b70-8b4d-4a0c-9a4d-6f4d1f2f6f11"
POD = f"kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{UID.replace('-', '_')}.slice"
# The monitor of the chart with asKubelet, by hand.
SCRAPING = """global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
- job_name: vitalsd
  honor_labels: true
  static_configs: [{{targets: ['{daemon}'], labels: {{node: node1, instance: node1}}}}]
  metric_relabel_configs:
  - {{source_labels: [__name__], regex: (container|machine)_.+|vitalsd_cgroup.*, target_label: job, replacement: kubelet}}
  - {{source_labels: [__name__], regex: (container|machine)_.+|vitalsd_cgroup.*, target_label: metrics_path, replacement: /metrics/cadvisor}}
- job_name: kube-state-metrics
  honor_labels: true
  static_configs: [{{targets: ['{objects}']}}]
"""
OBJECTS = """kube_pod_info{namespace="shop",pod="web-0",node="node1"} 1
kube_pod_container_resource_limits{namespace="shop",pod="web-0",container="nginx",resource="memory"} 67108864
kube_pod_container_resource_requests{namespace="shop",pod="web-0",container="nginx",resource="cpu"} 0.1
namespace_workload_pod:kube_pod_owner:relabel{namespace="shop",pod="web-0",workload="web",workload_type="statefulset"} 1
"""
K = 'job="kubelet", metrics_path="/metrics/cadvisor"'
NODE = 'on (namespace, pod) group_left (node) topk by (namespace, pod) (1, max by (namespace, pod, node) (kube_pod_info{node!=""}))'
OWNER = 'on (namespace, pod) group_left (workload, workload_type) namespace_workload_pod:kube_pod_owner:relabel{namespace="shop"}'
NETWORK = [f"container_network_{way}_{what}_total" for way in ("receive", "transmit") for what in ("bytes", "packets", "packets_dropped")]
# Of each kind that kube-prometheus' recording rules, alerts and dashboards ask.
QUERIES = [
    f'sum by (namespace, pod, container) (rate(container_cpu_usage_seconds_total{{{K}, image!=""}}[5m])) * {NODE}',
    *(f'{family}{{{K}, image!=""}} * {NODE}' for family in
      ("container_memory_working_set_bytes", "container_memory_rss", "container_memory_cache", "container_memory_swap")),
    f'sum(rate(container_cpu_usage_seconds_total{{{K}, namespace="shop", pod="web-0", container!=""}}[5m])) by (container)',
    f'sum(container_memory_working_set_bytes{{{K}, namespace="shop", pod="web-0", container!="", image!=""}}) by (container)',
    f'sum(container_memory_working_set_bytes{{{K}, container!="", image!=""}}) by (namespace)'
    ' / sum(kube_pod_container_resource_limits{resource="memory"}) by (namespace)',
    f'sum(container_memory_working_set_bytes{{{K}, namespace="shop", container!="", image!=""}}'
    f' * {OWNER}) by (workload)',
    f'sum by (pod, container) (increase(container_cpu_cfs_throttled_periods_total{{{K}, container!=""}}[5m]))'
    f' / sum by (pod, container) (increase(container_cpu_cfs_periods_total{{{K}}}[5m])) >= 0',
    *(f'sum(rate({family}{{{K}, namespace=~".+"}}[5m])) by (namespace)' for family in NETWORK),
    *(f'sum(rate({family}{{{K}, namespace="shop", pod=~"web-0"}}[5m])) by (pod)' for family in NETWORK),
    *(f'sum(rate({family}{{{K}, namespace="shop"}}[5m]) * {OWNER}) by (workload)' for family in NETWORK),
    *(f'sum by (namespace) (rate(container_fs_{family}_total{{{K}, container!="", device=~"(/dev/)?sda|8:0", namespace!=""}}[5m]))'
      for family in ("reads", "writes", "reads_bytes", "writes_bytes")),
    f'count(container_memory_working_set_bytes{{{K}, node="node1", container!=""}}) by (node)',
]


class QueriesTest(Case):
    """A node in ordinary files: its pod has two containers and a sandbox, with containerd's files beside."""

    def cgroup(self, path, pid="", periods=10):
        stat = "".join(f"{key} 1048576\n" for key in ("anon", "file", "inactive_file", "active_file", "file_mapped", "pgfault"))
        for name, text in {"cgroup.procs": f"{pid}\n" if pid else "", "memory.current": "4194304\n", "memory.stat": stat,
                           "memory.swap.current": "4096\n", "pids.current": "1\n", "cpu.max": "50000 100000\n",
                           "cpu.stat": f"usage_usec 5000000\nuser_usec 1\nsystem_usec 1\nnr_periods {periods}\nnr_throttled {periods // 2}\n",
                           "io.stat": "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n"}.items():
            self.file(f"cgroup/{path}/{name}", text)

    def bundle(self, container, **annotations):
        of_pod = {"sandbox-name": "web-0", "sandbox-namespace": "shop"} | {key.replace("_", "-"): text for key, text in annotations.items()}
        self.file(f"root/run/containerd/io.containerd.runtime.v2.task/k8s.io/{container}/config.json",
                  json.dumps({"annotations": {f"io.kubernetes.cri.{key}": text for key, text in of_pod.items()}}))

    def make_node(self):
        shutil.copytree(f"{ROOT}/tests/fixtures/host/proc", f"{self.directory}/proc")
        self.file("cgroup/cgroup.controllers", "cpu memory io pids\n")
        self.cgroup("system.slice")
        self.cgroup("kubepods.slice")
        self.cgroup("kubepods.slice/kubepods-burstable.slice")
        self.cgroup(POD)
        for pid, container in enumerate((APP, SIDE, SANDBOX), 5001):
            self.cgroup(f"{POD}/cri-containerd-{container}.scope", pid)
        device = "  eth0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n"
        head = "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame" \
               " compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"
        for network in ("5001/net/dev", "1/net/dev"):
            path = f"{self.directory}/proc/{network}"
            if os.path.lexists(path):
                os.unlink(path)
            self.file(f"proc/{network}", head + device)
        for pid in (5002, 5003):
            os.makedirs(f"{self.directory}/proc/{pid}/net")
            os.link(f"{self.directory}/proc/5001/net/dev", f"{self.directory}/proc/{pid}/net/dev")
        os.makedirs(f"{self.directory}/pods/shop_web-0_{UID}")
        os.makedirs(f"{self.directory}/containers")
        for name, container in (("nginx", APP), ("side", SIDE)):
            os.symlink("/nowhere", f"{self.directory}/containers/web-0_shop_{name}-{container}.log")
            self.bundle(container, container_type="container", container_name=name, image_name=f"docker.io/library/{name}:1")
        self.bundle(SANDBOX, container_type="sandbox")

    def serve_objects(self):
        class Objects(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(OBJECTS.encode())

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Objects)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"127.0.0.1:{server.server_port}"

    def test_queries_of_kube_prometheus_return_data(self):
        self.make_node()
        paths = [f"--path.{name}fs={self.directory}/{name}" for name in ("proc", "cgroup", "root")]
        with Daemon("--collector.disable-defaults", "--collector.cgroups", *paths, f"--path.pod-logs={self.directory}/pods",
                    f"--path.container-logs={self.directory}/containers") as daemon:
            daemon.ready()
            config = self.file("scraping.yml", SCRAPING.format(daemon=daemon.address, objects=self.serve_objects()))
            with Prometheus(self, daemon, config=config) as prometheus:
                eventually("rates have two samples", lambda: prometheus.result(QUERIES[0]), 2 * PATIENCE)
                self.cgroup(f"{POD}/cri-containerd-{APP}.scope", 5001, periods=20)
                for query in QUERIES:
                    with self.subTest(query=query):
                        self.assertTrue(eventually("data", lambda: prometheus.result(query)))
                # Nothing is counted twice: neither the pod's cgroup nor the sandbox is a container.
                memory = prometheus.result(f'sum by (pod) (container_memory_working_set_bytes{{{K}, container!="", image!=""}})')
                self.assertEqual([(each["metric"]["pod"], each["value"][1]) for each in memory], [("web-0", str(2 * 3 * 1048576))])
                network = prometheus.result(f'count by (pod) (container_network_receive_bytes_total{{{K}, pod="web-0"}})')
                self.assertEqual([each["value"][1] for each in network], ["1"])

    def test_without_privilege_only_images_are_missing(self):
        if os.geteuid() != 0:
            self.skipTest("hiding files from the daemon needs root")
        self.make_node()
        # As the kubelet and containerd make them.
        for path, mode in (("pods", 0o750), ("root/run/containerd/io.containerd.runtime.v2.task/k8s.io", 0o711), ("containers", 0o755)):
            os.chmod(f"{self.directory}/{path}", mode)
        for bundle in glob.glob(f"{self.directory}/root/run/containerd/*/*/*"):
            os.chmod(bundle, 0o700)
        paths = [f"--path.{name}fs={self.directory}/{name}" for name in ("proc", "cgroup", "root")]
        with self.as_nobody("--collector.disable-defaults", "--collector.cgroups", *paths, f"--path.pod-logs={self.directory}/pods",
                            f"--path.container-logs={self.directory}/containers") as daemon:
            daemon.ready()
            metrics = daemon.metrics()
        of_pod = f'id="/{POD}",namespace="shop",pod="web-0"'
        of_app = f'id="/{POD}/cri-containerd-{APP}.scope",namespace="shop",pod="web-0",container="nginx"'
        of_sandbox = f'id="/{POD}/cri-containerd-{SANDBOX}.scope",container_id="{SANDBOX}",pod_uid="{UID}",qos="burstable"'
        for labels in (of_pod, of_app, of_sandbox):
            self.assertIn(f"container_memory_usage_bytes{{{labels}}}", metrics)
        self.assertEqual(metrics['vitalsd_collector_success{collector="cgroups"}'], 1)
        partial = [name for name, value in metrics.items() if name.startswith("vitalsd_collector_partial") and value]
        self.assertEqual(partial, [])


CONF = """[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
netns = "none"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
"""
PARENT = "/vitalsd-kubepods"
SERIES = re.compile(r"^container_memory_usage_bytes\{([^}]*)\}", re.M)
LABEL = re.compile(r'(\w+)="([^"]*)"')


class RealContainersTest(Case):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("containers with cgroups of their own need root here")
        for name in ("podman", "runc", "busybox"):
            if not shutil.which(name):
                self.skipTest(f"{name} is not installed")
        self.root = f"{self.directory}/root"
        self.environment = os.environ | {"CONTAINERS_CONF": self.file("containers.conf", CONF)}
        for name in ("pods", "containers"):
            os.makedirs(f"{self.directory}/{name}")
        self.addCleanup(self.clean_up)
        image = f"{self.directory}/image"
        for directory in ("bin", "proc", "sys", "dev", "run", "etc"):
            os.makedirs(f"{image}/{directory}")
        busybox = shutil.which("busybox")
        shutil.copy(busybox, f"{image}/bin/busybox")
        os.symlink("busybox", f"{image}/bin/sleep")
        for path in re.findall(r"/\S+", subprocess.run(["ldd", busybox], capture_output=True, text=True).stdout):
            os.makedirs(f"{image}/{os.path.dirname(path)}", exist_ok=True)
            shutil.copy(path, f"{image}/{path}")
        subprocess.run(["tar", "-C", image, "-cf", f"{self.directory}/image.tar", "."], check=True)
        self.podman("import", "-q", f"{self.directory}/image.tar", "localhost/names-test")
        tried = self.podman("run", "--rm", "--pull", "never", "localhost/names-test", "/bin/busybox", "true", check=False)
        if tried.returncode != 0:
            self.skipTest(f"podman runs no containers here: {tried.stderr.strip()[-300:]}")

    def podman(self, *arguments, check=True):
        done = subprocess.run(["podman", "--root", f"{self.root}/var/lib/containers/storage", "--runroot", f"{self.directory}/runroot",
                               "--storage-driver", "overlay", "--tmpdir", f"{self.directory}/tmp", *arguments],
                              capture_output=True, text=True, env=self.environment, timeout=120)
        if check and done.returncode != 0:
            raise AssertionError(f"podman {' '.join(arguments)}: {done.stdout} {done.stderr}")
        return done

    def clean_up(self):
        self.podman("rm", "-f", "-t", "0", "-a", check=False)
        for mount in ("overlay", ""):
            subprocess.run(["umount", "-q", f"{self.root}/var/lib/containers/storage/{mount}"], capture_output=True)
        for top in glob.glob(f"/sys/fs/cgroup/*{PARENT}") + glob.glob(f"/sys/fs/cgroup{PARENT}"):
            for path, _, _ in os.walk(top, topdown=False):
                try:
                    os.rmdir(path)
                except OSError:
                    pass

    def start(self, pod, container, uid):
        """Starts a container as the kubelet would: its folder is there before it, the link to its log after it."""
        os.makedirs(f"{self.directory}/pods/shop_{pod}_{uid}", exist_ok=True)
        done = self.podman("run", "-d", "--pull", "never", "--name", f"{pod}-{container}-{uid[:8]}", "--network", "none",
                           "--cgroup-parent", f"{PARENT}/burstable/pod{uid}", "localhost/names-test", "/bin/sleep", "1000")
        identity = done.stdout.split()[-1]
        self.expected[identity] = (pod, container)
        os.symlink("/nowhere", f"{self.directory}/containers/{pod}_shop_{container}-{identity}.log")
        return identity

    def stop(self, pod, container, identity, uid):
        self.podman("rm", "-f", "-t", "0", identity)
        os.unlink(f"{self.directory}/containers/{pod}_shop_{container}-{identity}.log")
        shutil.rmtree(f"{self.directory}/pods/shop_{pod}_{uid}", ignore_errors=True)

    def series(self):
        """By container's id, the labels that it is reported with."""
        found = {}
        for match in SERIES.finditer(self.daemon.get()[2].decode()):
            labels = dict(LABEL.findall(match[1]))
            path = labels["id"].split("/")
            if PARENT[1:] in path and path[-1].startswith("libpod-"):
                found[path[-1].removeprefix("libpod-").removesuffix(".scope")] = labels
        return found

    def watch(self):
        """Scrapes until told otherwise, and notes every name that is not right."""
        while not self.ended.is_set():
            for identity, labels in self.series().items():
                # None as long as the link is not there: then only ids are right.
                names = (labels.get("pod"), labels.get("container"))
                if names not in ((None, None), self.expected.get(identity)):
                    self.wrong.append((identity, labels))
            self.scrapes += 1
            time.sleep(0.02)

    def test_names_are_right_at_every_scrape(self):
        self.expected, self.wrong, self.scrapes, self.ended = {}, [], 0, threading.Event()
        with Daemon("--collector.disable-defaults", "--collector.cgroups", "--collector.defaults.fresh=0s", f"--path.rootfs={self.root}",
                    f"--path.pod-logs={self.directory}/pods", f"--path.container-logs={self.directory}/containers") as self.daemon:
            self.daemon.ready()
            watcher = threading.Thread(target=self.watch)
            watcher.start()
            self.addCleanup(watcher.join)
            self.addCleanup(self.ended.set)
            for _ in range(3):  # the pod comes back under its old name
                uid = str(uuid.uuid4())
                running = {name: self.start("web-0", name, uid) for name in ("nginx", "side")}
                for name, identity in running.items():
                    labels = eventually("it is named", lambda: "pod" in (found := self.series().get(identity, {})) and found)
                    self.assertEqual((labels["pod"], labels["namespace"], labels["container"]), ("web-0", "shop", name))
                    self.assertEqual((labels["image"], labels["name"]), ("localhost/names-test:latest", f"web-0-{name}-{uid[:8]}"))
                for name, identity in running.items():
                    self.stop("web-0", name, identity, uid)
            self.ended.set()
            watcher.join()
        self.assertEqual(self.wrong, [])
        self.assertGreater(self.scrapes, 10)


if __name__ == "__main__":
    unittest.main()
