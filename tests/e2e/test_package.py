"""Tests the Debian package: lintian finds nothing, a second build is equal, and it works under a real systemd."""
import os
import re
import shutil
import tempfile
import unittest

import nspawn
import package
from asking import Asking
from harness import Case, eventually, parse

CONFIG = "/etc/vitalsd/vitalsd.yml"
STATE = "/var/lib/vitalsd"
FILES = {
    "/usr/bin/vitalsd": "-rwxr-xr-x",
    "/lib/systemd/system/vitalsd.service": "-rw-r--r--",
    "/lib/systemd/system/vitalsd.socket": "-rw-r--r--",
    "/usr/lib/sysusers.d/vitalsd.conf": "-rw-r--r--",
    "/usr/lib/tmpfiles.d/vitalsd.conf": "-rw-r--r--",
    CONFIG: "-rw-r--r--",
    "/usr/share/man/man8/vitalsd.8.gz": "-rw-r--r--",
    "/usr/share/man/man5/vitalsd.yml.5.gz": "-rw-r--r--",
    "/usr/share/bash-completion/completions/vitalsd": "-rw-r--r--",
    "/usr/share/zsh/vendor-completions/_vitalsd": "-rw-r--r--",
    "/usr/share/doc/vitalsd/copyright": "-rw-r--r--",
    "/usr/share/doc/vitalsd/examples/drop-ins/bpf.conf": "-rw-r--r--",
    "/usr/share/doc/vitalsd/examples/alerts.yml": "-rw-r--r--",
}


@unittest.skipIf(package.missing(), package.missing())
class PackageTest(Case):
    @classmethod
    def setUpClass(cls):
        cls.deb = package.make()

    def setUp(self):
        super().setUp()
        self.tree = f"{self.directory}/tree"
        package.must("dpkg-deb", "-x", self.deb, self.tree)

    def test_lintian_finds_nothing(self):
        changes, = [name for name in os.listdir(f"{package.ROOT}/build/deb") if name.endswith(".changes")]
        done = package.run("lintian", "--allow-root", "--fail-on", "error,warning", f"{package.ROOT}/build/deb/{changes}")
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_what_is_in_it(self):
        contents = package.contents(self.deb)
        self.assertEqual({path: contents.get(path, ("",))[0] for path in FILES}, FILES)
        self.assertEqual({owner for _, owner in contents.values()}, {"root/root"})
        self.assertEqual(package.must("dpkg-deb", "-I", self.deb, "conffiles").split(), [CONFIG])
        self.assertIn("libbpf1", package.dependencies(self.deb))  # the BPF source of process samples is built in
        for unit in ("vitalsd.service", "vitalsd.socket"):
            with open(f"{package.ROOT}/systemd/{unit}") as mine, open(f"{self.tree}/lib/systemd/system/{unit}") as packaged:
                self.assertEqual(mine.read(), packaged.read())

    def test_no_path_of_the_build_is_in_it(self):
        for folder, _, names in os.walk(self.tree):
            for name in names:
                with open(f"{folder}/{name}", "rb") as f:
                    self.assertNotIn(package.ROOT.encode(), f.read(), name)

    def test_its_binary_takes_its_configuration_and_made_its_documents(self):
        binary = f"{self.tree}/usr/bin/vitalsd"
        done = package.run(binary, "--config.check", f"--config.file={self.tree}{CONFIG}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(package.must("git", "-C", package.ROOT, "rev-parse", "--short=12", "HEAD").strip(), package.must(binary, "--version"))
        for form, path in (("man8", "man/man8/vitalsd.8.gz"), ("man5", "man/man5/vitalsd.yml.5.gz"),
                           ("bash", "bash-completion/completions/vitalsd"), ("zsh", "zsh/vendor-completions/_vitalsd")):
            installed = package.must("zcat" if path.endswith("gz") else "cat", f"{self.tree}/usr/share/{path}")
            self.assertEqual(installed, package.must(binary, "--reference", f"--reference.format={form}"), form)


@unittest.skipIf(package.missing() or nspawn.missing(), package.missing() or nspawn.missing())
class LifeTest(unittest.TestCase):
    """Each test has its own container, with the package's dependencies installed and three versions of it in /packages."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="vitalsd-package-")
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        os.chmod(cls.directory, 0o755)
        deb = package.make()
        shutil.copy(deb, f"{cls.directory}/first.deb")
        cls.needed = package.dependencies(deb)
        version = package.field(deb, "Version")

        def another_configuration(tree):
            with open(f"{tree}{CONFIG}", "a") as f:
                f.write("\n# Of the newer version.\n")
        os.rename(package.newer(deb, cls.directory, f"{version}+1", another_configuration), f"{cls.directory}/second.deb")

    def setUp(self):
        self.guest = nspawn.Guest(binds={"/packages": self.directory}, more=[*self.needed, "bash-completion", "man-db"])
        self.addCleanup(self.guest.end)

    def apt(self, *arguments):
        return self.guest.must("env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "apt-get", "-y", "-q", "-o", "Dpkg::Options::=--force-confold",
                               *arguments, input="", timeout=120)

    def install(self, name="first"):
        return self.apt("install", "--no-install-recommends", f"/packages/{name}.deb")

    def states(self, unit="vitalsd.service"):
        """-> the unit's states of is-enabled and is-active"""
        return tuple(self.guest.run("systemctl", verb, unit).stdout.strip() for verb in ("is-enabled", "is-active"))

    def files(self):
        """All paths in the container, except the system's own records."""
        listed = self.guest.must("find", "/", "/run", "-xdev", "-not", "-path", "/run/systemd/*", "-not", "-path", "/run/user/*").splitlines()
        return {path for path in listed if not re.match(r"/var/(log|cache)/|/tmp/|/var/tmp/|/var/lib/(dpkg|systemd|apt|polkit-1)/|/etc/(passwd|group|g?shadow)-$", path)}

    def comms(self):
        return self.guest.run("/bin/sh", "-c", "cat /proc/[0-9]*/comm").stdout.split("\n")

    def configure(self, text):
        self.guest.write(CONFIG, text)
        self.guest.must("systemctl", "restart", "vitalsd.service")

    def test_installed_it_serves(self):
        guest = self.guest
        self.install()
        self.assertEqual(self.states(), ("enabled", "active"))
        self.assertEqual(self.states("vitalsd.socket"), ("disabled", "inactive"))
        self.assertEqual((guest.show("Type"), guest.show("SubState"), guest.show("NRestarts")), ("notify", "running", "0"))
        status, body = guest.get()
        self.assertEqual(status, 200)
        self.assertIn("node_load1", parse(body))
        self.assertEqual(guest.journal("-p", "warning"), "")
        # It runs as the account that sysusers made, which owns the state directory.
        self.assertRegex(guest.must("getent", "passwd", "vitalsd"), r"^vitalsd:.*:/usr/sbin/nologin\n$")
        self.assertEqual(guest.must("stat", "-L", "-c", "%U %a", STATE), "vitalsd 700\n")
        self.assertEqual(guest.must("stat", "-c", "%U %a", "/run/vitalsd"), "root 755\n")
        uid = guest.must("id", "-u", "vitalsd").strip()
        self.assertIn(f"Uid:\t{uid}\t", guest.must("cat", f"/proc/{guest.show('MainPID')}/status"))
        # The documentation that `systemctl status` names, and the shell's completion.
        self.assertIn("man:vitalsd(8)", guest.must("systemctl", "status", "vitalsd"))
        for page in ("8", "vitalsd"), ("5", "vitalsd.yml"):
            self.assertIn("VITALSD", guest.must("man", *page).upper())
        loaded = guest.must("bash", "-c", "source /usr/share/bash-completion/bash_completion; _completion_loader vitalsd; complete -p vitalsd")
        self.assertIn("_vitalsd vitalsd", loaded)

    def test_an_upgrade_keeps_state_and_configuration(self):
        guest = self.guest
        self.install()
        edited = ("collectors:\n  defaults: {interval: 1s}\n"
                  '  process_groups: {enabled: true, process_names: [{name: burner, comm: [burner]}]}\n')
        self.configure(edited)
        guest.must("cp", "/bin/bash", "/usr/bin/burner")
        burner = guest.must("/bin/sh", "-c", "burner -c 'while :; do :; done' >/dev/null 2>&1 & echo $!").strip()
        name = 'namedprocess_namegroup_cpu_seconds_total{groupname="burner",mode="user"}'
        eventually("the group has used something", lambda: parse(guest.get()[1]).get(name, 0) > 0.5)
        guest.must("/bin/sh", "-c", f"kill {burner}")
        eventually("it has ended", lambda: parse(guest.get()[1]).get('namedprocess_namegroup_num_procs{groupname="burner"}') == 0)
        used, pid = parse(guest.get()[1])[name], guest.show("MainPID")

        self.install("second")
        self.assertEqual(self.states(), ("enabled", "active"))
        self.assertNotEqual(guest.show("MainPID"), pid)
        self.assertNotIn("(deleted)", guest.must("readlink", f"/proc/{guest.show('MainPID')}/exe"))
        self.assertGreaterEqual(parse(guest.get()[1])[name], used)
        self.assertEqual(guest.must("cat", CONFIG), edited)
        self.assertIn("# Of the newer version.", guest.must("cat", f"{CONFIG}.dpkg-dist"))

    def test_an_upgrade_brings_the_configuration_that_nobody_edited(self):
        self.install()
        self.install("second")
        self.assertIn("# Of the newer version.", self.guest.must("cat", CONFIG))
        self.assertEqual(self.states(), ("enabled", "active"))

    def test_an_upgrade_starts_nothing_that_was_turned_off(self):
        self.install()
        self.guest.must("systemctl", "disable", "--now", "vitalsd.service")
        self.install("second")
        self.assertEqual(self.states(), ("disabled", "inactive"))
        self.assertEqual(self.states("vitalsd.socket"), ("disabled", "inactive"))

    def enable_the_socket(self):
        self.guest.must("systemctl", "stop", "vitalsd.service")
        self.guest.must("systemctl", "enable", "--now", "vitalsd.socket")
        self.guest.must("systemctl", "start", "vitalsd.service")

    def test_an_upgrade_behind_the_socket_refuses_nobody(self):
        guest = self.guest
        self.install()
        self.enable_the_socket()
        asking, pid = Asking(self, guest), guest.show("MainPID")
        self.install("second")
        self.assertEqual(guest.get()[0], 200)
        done, failed = asking.end()
        self.assertGreater(done, 10)
        self.assertEqual(failed, [])
        self.assertEqual(self.states(), ("enabled", "active"))
        self.assertEqual(self.states("vitalsd.socket"), ("enabled", "active"))
        self.assertNotEqual(guest.show("MainPID"), pid)

    def test_removed_it_leaves_its_configuration_and_purged_nothing(self):
        guest, before = self.guest, self.files()
        self.install()
        self.enable_the_socket()
        guest.write("/etc/vitalsd/web.yml", "# An administrator's.\n")
        guest.must("/bin/sh", "-c", f"echo '# edited' >> {CONFIG}")
        Asking(self, guest)  # its requests would start the service again if the socket were stopped last
        self.apt("remove", "vitalsd")
        for unit in ("vitalsd.service", "vitalsd.socket"):
            self.assertNotEqual(self.states(unit)[1], "active")
        self.assertNotIn("vitalsd", self.comms())
        self.assertEqual(guest.get()[0], 0)
        self.assertIn("# edited", guest.must("cat", CONFIG))
        guest.must("test", "-d", STATE)
        guest.must("test", "!", "-e", "/usr/bin/vitalsd")

        self.install()  # installs again as if for the first time
        self.assertEqual(self.states(), ("enabled", "active"))
        self.assertIn("# edited", guest.must("cat", CONFIG))

        self.apt("purge", "vitalsd")
        self.assertEqual(sorted(self.files() - before), [])
        self.assertEqual(guest.must("systemctl", "list-units", "--all", "--no-legend", "vitalsd*").strip(), "")
        # The account stays, as Debian's accounts do: a new account must not get its files elsewhere.
        self.assertNotEqual(guest.must("getent", "passwd", "vitalsd"), "")

        self.install()
        self.assertEqual(self.states(), ("enabled", "active"))
        self.assertNotIn("# edited", guest.must("cat", CONFIG))
        self.assertEqual(guest.get()[0], 200)


if __name__ == "__main__":
    unittest.main()
