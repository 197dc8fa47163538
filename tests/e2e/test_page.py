"""Tests the status page in a real Chromium: what it shows, that it stays alive, and that strangers' names stay text.
playwright-core is an npm package, pinned in page/package.json and kept under build/; the browser is Debian's."""
import os
import shutil
import subprocess
import unittest

from harness import BINARY, Case

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page")
CACHE = f"{ROOT}/build/page-tools"


def tools():
    """Installs the pinned package, once -> why the page cannot be tested here, or nothing."""
    for program, package in (("chromium", "chromium"), ("node", "nodejs"), ("npm", "npm")):
        if not shutil.which(program):
            return f"{program} is not installed (package {package})"
    with open(f"{HERE}/package.json") as file:
        wanted = file.read()
    stamp = f"{CACHE}/installed"
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read() == wanted:
                return None
    os.makedirs(CACHE, exist_ok=True)
    shutil.copy(f"{HERE}/package.json", CACHE)
    done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--loglevel=error"],
                          cwd=CACHE, capture_output=True, text=True, timeout=200)
    if done.returncode:
        return f"npm cannot fetch playwright-core: {done.stderr.strip()[-200:]}"
    with open(stamp, "w") as file:
        file.write(wanted)
    return None


class PageTest(Case):
    @classmethod
    def setUpClass(cls):
        missing = tools()
        if missing:
            raise unittest.SkipTest(missing)
        for name in os.listdir(HERE):
            if name.endswith(".mjs"):
                shutil.copy(f"{HERE}/{name}", CACHE)  # beside node_modules

    def test_in_a_browser(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("VITALSD_")}
        environment |= {"VITALSD": os.path.abspath(BINARY), "DIRECTORY": self.directory}
        done = subprocess.run(["node", "--test", "--test-reporter=tap", "page.mjs"], cwd=CACHE, env=environment, capture_output=True,
                              text=True, timeout=280)
        self.assertEqual(done.returncode, 0, done.stdout[-6000:] + done.stderr[-2000:])


if __name__ == "__main__":
    unittest.main()
