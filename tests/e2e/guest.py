"""A virtual machine for tests: Debian's kernel under qemu with busybox, pure cgroup v2, PSI and the daemon.
   with Guest() as guest: guest.run("mkdir /sys/fs/cgroup/x"); fetch(guest.address, "/metrics")
The kernel is fetched once by apt, without being installed, and kept below ~/.cache/vitalsd. No disk image and no network but
the one port: the root is an initramfs that is made anew from the binary at each start, in a second."""
import glob
import os
import platform
import re
import shutil
import socket
import stat
import subprocess
import tempfile
import time
import unittest

from harness import BINARY, PATIENCE, eventually

QEMU = shutil.which("qemu-system-x86_64")
BUSYBOX = shutil.which("busybox")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "vitalsd")
KERNEL_PACKAGE = "linux-image-cloud-amd64"  # depends on the package of the current version
MODULES = ("virtio_pci", "virtio_blk", "virtio_net", "virtio_console", "dummy")
MADE_OF = "-" + "-".join(MODULES)  # in the name of the cache's folder, so that it is made anew when MODULES change
PORT = 9955  # where the daemon listens in the guest
BOOT_PATIENCE = max(PATIENCE, 90)  # seconds, without hardware support on a busy machine

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin HOME=/
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for module in $(cat /modules/order); do insmod /modules/$module; done
ip link set lo up; ip addr add 10.0.2.15/24 dev eth0; ip link set eth0 up
for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do echo +$controller > /sys/fs/cgroup/cgroup.subtree_control; done
exec 3<>/dev/vport0p1
echo ready >&3
# The shell that runs the test's commands; its input is a pipe, so that it is not interactive.
cat <&3 | sh >&3 2>&1 3>&-
poweroff -f
"""


def unavailable():
    """Why there can be no guest here, or None."""
    if platform.machine() != "x86_64":
        return "the guest is for x86_64"
    if not QEMU:
        return "qemu-system-x86_64 is not installed"
    if not BUSYBOX or libraries(BUSYBOX):
        return "busybox-static is not installed"
    try:
        kernel()
    except (OSError, subprocess.SubprocessError, LookupError) as error:
        return f"no kernel for the guest: {error}"
    return None


def needs_guest(case):
    reason = unavailable()
    return unittest.skip(reason)(case) if reason else case


def kernel():
    """-> a directory with vmlinuz, and modules/ in their loading order. Fetches it from Debian if the cache lacks it."""
    made = sorted(glob.glob(f"{CACHE}/guest-*{MADE_OF}/vmlinuz"))
    if made:
        return os.path.dirname(made[-1])
    if not shutil.which("apt-get"):
        raise LookupError("apt-get is not here to fetch it")
    depends = subprocess.run(["apt-cache", "depends", KERNEL_PACKAGE], capture_output=True, text=True, check=True).stdout
    package = re.search(r"Depends: (linux-image-\S+)", depends)
    if not package:
        raise LookupError(f"apt knows no {KERNEL_PACKAGE}")
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as work:
        subprocess.run(["apt-get", "download", "-qq", package[1]], cwd=work, check=True, capture_output=True, timeout=120)
        subprocess.run(["dpkg-deb", "-x", glob.glob(f"{work}/*.deb")[0], f"{work}/tree"], check=True)
        made = f"{work}/made"
        os.makedirs(f"{made}/modules")
        order = []
        for name in MODULES:
            collect_module(f"{work}/tree/lib/modules", name, order)
        for path in order:
            shutil.copy(path, f"{made}/modules")
        with open(f"{made}/modules/order", "w") as f:
            f.write("\n".join(map(os.path.basename, order)))
        os.rename(glob.glob(f"{work}/tree/boot/vmlinuz-*")[0], f"{made}/vmlinuz")
        os.chmod(made, 0o755)
        final = f"{CACHE}/guest-{package[1].removeprefix('linux-image-')}{MADE_OF}"
        try:
            os.rename(made, final)
        except OSError:  # another process was faster
            if not os.path.exists(f"{final}/vmlinuz"):
                raise
    return final


def collect_module(tree, name, order):
    """Appends a module's file to `order`, after the modules that it depends on, which its section .modinfo names."""
    found = glob.glob(f"{tree}/**/{name.replace('_', '[_-]')}.ko", recursive=True)
    if not found:
        raise LookupError(f"the kernel package has no module {name}")
    with open(found[0], "rb") as f:
        needs = re.search(rb"\0depends=([^\0]*)\0", f.read())
    for other in (needs[1].decode().split(",") if needs and needs[1] else []):
        collect_module(tree, other, order)
    if found[0] not in order:
        order.append(found[0])


class Archive:
    """An initramfs: cpio's "newc" format (Documentation/driver-api/early-userspace/buffer-format.rst)."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.known = set()

    def entry(self, name, mode, data=b""):
        parent = os.path.dirname(name)
        if parent and parent not in self.known:
            self.entry(parent, stat.S_IFDIR | 0o755)
        self.known.add(name)
        fields = [len(self.known), mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        header = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        self.file.write(header + bytes(-len(header) % 4) + data + bytes(-len(data) % 4))

    def copy(self, name, path):
        with open(path, "rb") as f:
            self.entry(name, stat.S_IFREG | 0o755, f.read())

    def close(self):
        self.entry("TRAILER!!!", 0)
        self.file.close()


def stripped(binary, directory):
    """The path of a copy of the binary without symbols, which are most of its size."""
    target = f"{directory}/vitalsd"
    if subprocess.run(["strip", "-o", target, binary], capture_output=True).returncode != 0:
        shutil.copy(binary, target)
    return target


def libraries(binary):
    """The paths of a program's shared libraries and its loader; none when it is static."""
    listed = subprocess.run(["ldd", binary], capture_output=True, text=True).stdout
    return sorted(set(re.findall(r"(?:=> |^\s*)(/\S+) \(0x", listed, re.M)))


class Guest:
    """A running guest. `address` reaches the guest's port 9955; `append` is added to the kernel's command line. `programs` of
    this machine are in the guest as /tools/NAME."""

    def __init__(self, memory="768M", cpus=2, disk=16 << 20, append="", programs=()):
        self.directory = tempfile.mkdtemp(prefix="vitalsd-guest-")
        self.shell = self.qemu = None
        try:
            self._start(memory, cpus, disk, append, programs)
        except BaseException:
            self.end()
            raise

    def _start(self, memory, cpus, disk, append, programs):
        made = kernel()
        archive = self._archive(made, INIT)
        for directory in ("proc", "sys", "dev", "tmp", "etc"):
            archive.entry(directory, stat.S_IFDIR | 0o755)
        for program in programs:
            archive.copy(f"tools/{os.path.basename(program)}", shutil.which(program))
        for path in sorted({path for program in [BINARY, *map(shutil.which, programs)] for path in libraries(program)}):
            archive.copy(path.lstrip("/"), path)
        archive.copy("vitalsd", stripped(BINARY, self.directory))
        archive.close()
        with open(f"{self.directory}/disk", "wb") as f:
            f.truncate(disk)
        self._power_on(made, memory, cpus, [f"{self.directory}/disk"], append)

    def _archive(self, made, init):
        """An initramfs with busybox, the kernel's modules and this script. The caller may add to it and must close it."""
        archive = Archive(f"{self.directory}/initrd")
        archive.copy("bin/busybox", BUSYBOX)
        for path in glob.glob(f"{made}/modules/*"):
            archive.copy(f"modules/{os.path.basename(path)}", path)
        archive.entry("init", stat.S_IFREG | 0o755, init.encode())
        return archive

    def _power_on(self, made, memory, cpus, disks, append, *options):
        """Starts qemu and waits for the shell; the disks are /dev/vda and so on."""
        command = [QEMU, "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", str(cpus), "-m", memory, "-nographic", "-no-reboot",
                   "-kernel", f"{made}/vmlinuz", "-initrd", f"{self.directory}/initrd",
                   "-append", f"console=ttyS0 quiet psi=1 net.ifnames=0 mitigations=off nokaslr random.trust_cpu=on panic=-1 {append}",
                   "-serial", f"file:{self.directory}/console",
                   "-chardev", f"socket,id=shell,path={self.directory}/shell,server=on,wait=off", "-device", "virtio-serial-pci",
                   "-device", "virtserialport,chardev=shell",
                   "-monitor", f"unix:{self.directory}/monitor,server=on,wait=off",
                   "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-10.0.2.15:{PORT}", "-device", "virtio-net-pci,netdev=net,romfile=",
                   *options]
        for number, path in enumerate(disks):
            command += ["-drive", f"file={path},format=raw,if=none,id=disk{number},cache=unsafe", "-device", f"virtio-blk-pci,drive=disk{number}"]
        self.buffer, self.commands = b"", 0
        self.qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.shell = self._connect("shell")
        self.address = f"127.0.0.1:{self._forwarded_port()}"
        eventually("the guest's shell answers", self._answers, BOOT_PATIENCE)
        self.buffer = b""

    def _connect(self, name):
        connection = socket.socket(socket.AF_UNIX)

        def connected():
            if self.qemu.poll() is not None:
                raise AssertionError(f"qemu ended: {self.qemu.stderr.read().decode(errors='replace')}")
            try:
                connection.connect(f"{self.directory}/{name}")
                return True
            except OSError:
                return False
        eventually(f"qemu's {name} socket is there", connected)
        connection.settimeout(0.2)
        return connection

    def _monitor(self, command):
        """-> the output of a command of qemu's monitor."""
        with self._connect("monitor") as monitor:
            monitor.sendall(command.encode() + b"\n")
            text = b""

            def done():
                nonlocal text
                try:
                    text += monitor.recv(65536)
                except TimeoutError:
                    pass
                return text.count(b"(qemu)") > 1
            eventually(f"qemu's answer to {command}", done)
            return text.decode()

    def _forwarded_port(self):
        """The host's port, which the kernel chose for qemu, as qemu's monitor shows it."""
        return int(re.search(r"TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)", self._monitor("info usernet"))[1])

    def _answers(self):
        if self.qemu.poll() is not None:
            raise AssertionError(f"the guest ended: {self.console()}")
        try:
            self.buffer += self.shell.recv(65536)
        except TimeoutError:
            pass
        return self.buffer.endswith(b"ready\n")

    def console(self):
        with open(f"{self.directory}/console", errors="replace") as f:
            return f.read()[-4000:]

    def run(self, command, check=True, patience=BOOT_PATIENCE):
        """Runs shell code in the guest and waits for its end -> its output. If `check`, its exit status must be 0."""
        self.commands += 1
        mark = f"::{self.commands}::"
        # The end mark is written in two parts, so that an echo of the command is not taken for it.
        self.shell.sendall(f"{{\n{command}\n}} </dev/null; echo; echo ':'':{self.commands}::'$?\n".encode())
        end = time.monotonic() + patience
        while not (found := re.search(rf"\n{mark}(\d+)\r?\n".encode(), self.buffer)):
            if time.monotonic() > end or self.qemu.poll() is not None:
                raise AssertionError(f"no end of {command!r}: {self.buffer[-2000:]!r} {self.console()}")
            try:
                self.buffer += self.shell.recv(1 << 16)
            except TimeoutError:
                pass
        output, self.buffer = self.buffer[:found.start()].decode(errors="replace").replace("\r", ""), self.buffer[found.end():]
        if check and found[1] != b"0":
            raise AssertionError(f"{command!r} ended with {found[1].decode()}: {output}")
        return output.removesuffix("\n")

    def power_off(self):
        """Ends qemu at once, as if the plug were pulled."""
        if self.shell:
            self.shell.close()
        if self.qemu:
            self.qemu.kill()
            self.qemu.wait()
            self.qemu.stderr.close()
        self.shell = self.qemu = None

    def end(self):
        self.power_off()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.end()
