"""Tests the unit files by systemd's own tools: only known keys, and as little exposure as documented."""
import glob
import os
import shutil
import subprocess
import tempfile
import unittest

UNITS = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../systemd"))
DROP_INS = sorted(glob.glob(f"{UNITS}/drop-ins/*.conf"))
THRESHOLD = "15"  # ten times the exposure level


@unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze")
class UnitsTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="vitalsd-units-")
        self.addCleanup(shutil.rmtree, self.directory)

    def place(self, drop_ins=(), extra=""):
        """Copies the units to a directory, with a program that exists on this machine."""
        with open(f"{UNITS}/vitalsd.service") as f:
            text = f.read().replace("/usr/bin/vitalsd", shutil.which("true"))
        with open(f"{self.directory}/vitalsd.service", "w") as f:
            f.write(text + extra)
        shutil.copy(f"{UNITS}/vitalsd.socket", self.directory)
        os.makedirs(f"{self.directory}/vitalsd.service.d", exist_ok=True)
        for path in drop_ins:
            shutil.copy(path, f"{self.directory}/vitalsd.service.d")

    def verify(self):
        return subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=yes", f"{self.directory}/vitalsd.service",
                               f"{self.directory}/vitalsd.socket"], capture_output=True, text=True, timeout=60)

    def security(self):
        return subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={THRESHOLD}",
                               f"{self.directory}/vitalsd.service"], capture_output=True, text=True, timeout=60)

    def test_verify_finds_nothing(self):
        for chosen in [[], *[[path] for path in DROP_INS], DROP_INS]:
            with self.subTest([os.path.basename(path) for path in chosen]):
                shutil.rmtree(f"{self.directory}/vitalsd.service.d", ignore_errors=True)
                self.place(chosen)
                done = self.verify()
                self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_verify_would_find_something(self):
        self.place(extra="\n[Service]\nNoSuchKey=1\n")
        done = self.verify()
        self.assertNotEqual((done.returncode, done.stderr), (0, ""))

    def test_exposure_is_at_most_one_and_a_half(self):
        self.place()
        done = self.security()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_exposure_would_be_noticed(self):
        self.place(extra="\n[Service]\nNoNewPrivileges=no\nProtectSystem=no\nPrivateDevices=no\nSystemCallFilter=\n")
        self.assertNotEqual(self.security().returncode, 0)

    def test_what_collectors_read_is_not_hidden(self):
        with open(f"{UNITS}/vitalsd.service") as f:
            lines = f.read().splitlines()
        for wrong in ("ProtectProc=invisible", "ProtectProc=noaccess", "ProtectProc=ptraceable", "ProcSubset=pid", "PrivateUsers=yes", "PrivateNetwork=yes"):
            self.assertNotIn(wrong, lines)
        self.assertTrue(DROP_INS)


if __name__ == "__main__":
    unittest.main()
