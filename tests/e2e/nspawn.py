"""Boots systemd as PID 1 in a container of systemd-nspawn, with this tree's binary and units of the daemon. The root is
Debian's, made by mmdebstrap and kept in the cache; each boot gets its own overlay over it."""
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile

from harness import BINARY, PATIENCE, eventually

SOURCE = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
UNITS = f"{SOURCE}/systemd"
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "vitalsd")
SUITE, PACKAGES = "bookworm", "systemd,systemd-sysv,dbus"
HIERARCHIES = ("/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup")


def missing():
    """Why no guest can be started; empty if one can."""
    if os.geteuid() != 0:
        return "needs root"
    if any("libasan" in path or "libtsan" in path for path in libraries(BINARY)):
        return "a sanitizer needs system calls that the unit refuses"
    return ", ".join(f"no {tool}" for tool in ("systemd-nspawn", "mmdebstrap", "nsenter", "curl") if not shutil.which(tool))


def root_tree(more=()):
    """The path of the root with these further packages. If it does not exist it is made, by one process at a time."""
    packages = ",".join([PACKAGES, *sorted(more)])
    tree = f"{CACHE}/nspawn-{SUITE}-{PACKAGES.replace(',', '-')}"
    if more:
        tree += f"-{hashlib.sha256(packages.encode()).hexdigest()[:12]}"
    os.makedirs(CACHE, exist_ok=True)
    with open(f"{tree}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(tree):
            shutil.rmtree(f"{tree}.new", ignore_errors=True)
            subprocess.run(["mmdebstrap", "-q", "--variant=minbase", "--dpkgopt=force-unsafe-io", f"--include={packages}", SUITE, f"{tree}.new"], check=True)
            os.rename(f"{tree}.new", tree)
    return tree


def libraries(binary):
    """The paths of the libraries that the binary is linked with, as the loader opens them."""
    listed = subprocess.run(["ldd", binary], capture_output=True, text=True).stdout
    return [word for line in listed.splitlines() for word in line.split() if word.startswith("/")] + opened_libraries()


def opened_libraries():
    """The libraries that the daemon loads when TLS, passwords or D-Bus are in use."""
    cache = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True).stdout
    return [line.split()[-1] for line in cache.splitlines() if re.match(r"\s*lib(ssl\.so\.3|crypto\.so\.3|crypt\.so\.1|systemd\.so\.0) ", line)]


def this_build(tree):
    """The files that install this build's daemon in the guest: path in the guest -> path here."""
    binds = {"/usr/bin/vitalsd": os.path.realpath(BINARY)}
    for path in libraries(BINARY):
        if not os.path.exists(tree + path):
            binds[path] = os.path.realpath(path)
    for unit in ("vitalsd.service", "vitalsd.socket"):
        binds[f"/usr/lib/systemd/system/{unit}"] = f"{UNITS}/{unit}"
    return binds


class Guest:
    """One booted system. `files` (path in the guest -> text) are put into it; the daemon is not started. With `binds` it has
    these files instead of this_build()'s, and the packages `more`."""

    def __init__(self, files=None, binds=None, more=()):
        self.directory = tempfile.mkdtemp(prefix="vitalsd-guest-")
        self.groups = []
        self.process = None
        try:
            tree = root_tree(more)
            self._boot(files or {}, tree, this_build(tree) if binds is None else binds)
        except BaseException:
            self.end()
            raise

    def _boot(self, files, tree, binds):
        for name in HIERARCHIES:  # its cgroups are made below one of ours, where they can be found again
            if os.path.exists(f"{name}/cgroup.procs"):
                group = f"{name}/{os.path.basename(self.directory)}"  # one name in all hierarchies: nspawn mirrors it
                os.mkdir(group)
                self.groups.append(group)

        def join():
            for group in self.groups:
                with open(f"{group}/cgroup.procs", "w") as procs:
                    procs.write(str(os.getpid()))

        self.log = open(f"{self.directory}/console", "w+")
        self.process = subprocess.Popen(
            ["systemd-nspawn", "-q", "-D", tree, "--volatile=overlay", "-b", "--register=no", "--keep-unit", "--private-network",
             "--console=pipe", "--hostname=guest", "--capability=CAP_BPF,CAP_PERFMON", *(f"--bind-ro={source}:{path}" for path, source in binds.items())],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, preexec_fn=join,
            env=os.environ | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"})
        self.leader = eventually("the guest's PID 1 is there", self._find_leader)
        eventually("the guest is up", lambda: self.run("systemctl", "is-system-running").stdout.strip() in ("running", "degraded"))
        for path, text in files.items():
            self.write(path, text)

    def _find_leader(self):
        assert self.process.poll() is None, open(self.log.name).read()
        listed = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout.split()
        for pid in listed:
            try:
                if "systemd" in os.path.basename(os.readlink(f"/proc/{pid}/exe")) and os.readlink(f"/proc/{pid}/exe") != shutil.which("systemd-nspawn"):
                    return int(pid)
            except OSError:
                pass
        return None

    def run(self, *command, namespaces=("-m", "-u", "-i", "-n", "-p"), input=None, timeout=PATIENCE):
        """Runs a command in the guest -> CompletedProcess with text output."""
        return subprocess.run(["nsenter", "-t", str(self.leader), *namespaces, *command], capture_output=True, text=True, input=input, timeout=timeout)

    def must(self, *command, **kwargs):
        done = self.run(*command, **kwargs)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}\n{self.journal()}")
        return done.stdout

    def write(self, path, text):
        self.must("/bin/sh", "-c", f"mkdir -p '{os.path.dirname(path)}' && cat > '{path}'", input=text)

    def show(self, name, unit="vitalsd.service"):
        return self.must("systemctl", "show", "-P", name, unit).strip()

    def journal(self, *arguments):
        return self.run("journalctl", "-q", "--no-pager", "-o", "cat", "-u", "vitalsd.service", *arguments).stdout

    def get(self, path="/metrics", address="127.0.0.1:9955"):
        """-> status, body. Sends a request with this machine's curl in the guest's network."""
        done = self.run("curl", "-s", "-m", str(PATIENCE), "-w", "\n%{http_code}", f"http://{address}{path}", namespaces=("-n",), timeout=PATIENCE + 5)
        body, _, status = done.stdout.rpartition("\n")
        return int(status or 0), body

    def spawn(self, *command, **popen):
        """Starts a program of this machine that enters only the guest's network namespace."""
        return subprocess.Popen(["nsenter", "-t", str(self.leader), "-n", *command], **popen)

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)  # nspawn passes it on: the guest powers off
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.kill(getattr(self, "leader", self.process.pid), signal.SIGKILL)
                self.process.kill()
                self.process.wait()
        if hasattr(self, "log"):
            self.log.close()
        for group in self.groups:
            for path, _, _ in os.walk(group, topdown=False):
                def gone(path=path):
                    try:
                        os.rmdir(path)
                    except FileNotFoundError:
                        pass
                    except OSError:
                        return False
                    return True
                eventually(f"{path} is empty", gone)
        shutil.rmtree(self.directory, ignore_errors=True)
