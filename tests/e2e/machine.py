"""A whole Debian machine under qemu: systemd is PID 1, and the disk outlives reboots and power cuts.
   with Machine(needed, deb) as machine: machine.run("systemctl reboot"); fetch(machine.address, "/metrics")
The disk starts as the tree of packages that nspawn.py makes; all else that the test needs is in the initramfs and in /run."""
import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
import time

import guest
import nspawn
from harness import eventually, fetch

IMAGE_SIZE = "768M"

# The network is set up before systemd starts, which leaves it alone. /run is kept, and has the unit of the test's shell.
INIT = f"""#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do insmod /modules/$module; done
ip addr add 10.0.2.15/24 dev eth0; ip link set eth0 up
mount -t ext4 /dev/vda /root || exec poweroff -f
mount -t tmpfs -o mode=755 run /root/run
mkdir -p /root/run/systemd/system/multi-user.target.wants
cp /shell.service /root/run/systemd/system
ln -s ../shell.service /root/run/systemd/system/multi-user.target.wants/shell.service
mount --move /dev /root/dev; umount /proc /sys
exec switch_root /root /sbin/init
"""

SHELL = """[Unit]
Description=What the test talks to
[Service]
ExecStart=/bin/sh -c 'exec 3<>/dev/vport0p1; echo ready >&3; cat <&3 | sh >&3 2>&1 3>&-'
Environment=HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
StandardOutput=null
"""


def missing():
    """Why no machine can be started; empty if one can."""
    if os.geteuid() != 0:
        return "needs root"
    tools = ", ".join(f"no {tool}" for tool in ("mmdebstrap", "mke2fs", "e2fsck", "debugfs") if not shutil.which(tool))
    return tools or guest.unavailable() or ""


def image(packages):
    """The path of a disk with these packages, which must not be written to. If it does not exist it is made, by one process
    at a time."""
    tree = nspawn.root_tree(packages)
    of = hashlib.sha256(f"{os.path.basename(tree)} {os.stat(tree).st_ctime_ns} {IMAGE_SIZE}".encode()).hexdigest()[:12]
    path = f"{guest.CACHE}/machine-{of}.ext4"
    with open(f"{path}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(path):
            subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-d", tree, f"{path}.new", IMAGE_SIZE], check=True)
            os.rename(f"{path}.new", path)
    return path


class Disk:
    """A disk that no running machine uses. Its journal is replayed first, as at a boot."""

    def __init__(self, path):
        self.path = path
        checked = subprocess.run(["e2fsck", "-fy", path], capture_output=True, text=True)
        assert checked.returncode <= 1, checked.stdout  # 1: everything was repaired

    def files(self, directory):
        """Path -> content of all files below a directory."""
        with tempfile.TemporaryDirectory() as target:
            subprocess.run(["debugfs", "-R", f"rdump {directory} {target}", self.path], check=True, capture_output=True)
            found = {}
            for folder, _, names in os.walk(target):
                for name in names:
                    with open(f"{folder}/{name}", "rb") as f:
                        found[f"{os.path.dirname(directory)}{folder.removeprefix(target)}/{name}"] = f.read()
        return found


class Machine(guest.Guest):
    """A running machine with these packages. The file `parcel` of this machine is /root/parcel in it. `address` reaches its
    port 9955, and changes with each power_on()."""

    def __init__(self, packages, parcel):
        self.packages, self.parcel = packages, parcel
        super().__init__(memory="1G")

    def _start(self, memory, cpus, disk, append, programs):
        self.made = guest.kernel()
        self.size = memory, cpus
        archive = self._archive(self.made, INIT)
        for directory in ("proc", "sys", "dev", "root"):
            archive.entry(directory, stat.S_IFDIR | 0o755)
        archive.entry("shell.service", stat.S_IFREG | 0o644, SHELL.encode())
        archive.close()
        subprocess.run(["cp", "--sparse=always", image(self.packages), f"{self.directory}/disk"], check=True)
        shutil.copy(self.parcel, f"{self.directory}/parcel")
        self.power_on()
        self.run(f"head -c {os.path.getsize(self.parcel)} /dev/vdb > /root/parcel")

    def power_on(self):
        self.started = time.monotonic()
        self._power_on(self.made, *self.size, [f"{self.directory}/disk", f"{self.directory}/parcel"],
                       "systemd.mask=serial-getty@ttyS0.service", "-device", "virtio-rng-pci")

    def reboot(self):
        """Reboots from within, as an administrator does, but into a new qemu with the same disk: in the old one, the code that
        it has translated would make the kernel unpack five times slower."""
        started = time.monotonic()
        self.shell.sendall(b"systemctl reboot\n")
        eventually("the guest has ended", lambda: self.qemu.poll() is not None, guest.BOOT_PATIENCE)
        self.power_off()
        self.power_on()
        self.started = started

    @contextlib.contextmanager
    def disk_now(self):
        """A copy of the Disk as a power cut at this moment would leave it; the machine goes on."""
        copy = f"{self.directory}/copy"
        self._monitor("stop")
        try:
            subprocess.run(["cp", "--sparse=always", f"{self.directory}/disk", copy], check=True)
        finally:
            self._monitor("cont")
        yield Disk(copy)
        os.remove(copy)

    def first_scrape(self, accept=lambda text: True):
        """Scrapes until a response is accepted -> its text, and the seconds since power_on() or reboot() began."""
        def answer():
            try:
                status, _, body = fetch(self.address, "/metrics", timeout=5)
            except OSError:
                return None
            text = body.decode()
            return text if status == 200 and accept(text) else None
        text = eventually("the machine is scraped", answer, guest.BOOT_PATIENCE)
        return text, time.monotonic() - self.started
