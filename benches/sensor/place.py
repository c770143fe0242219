"""Two network namespaces, joined by a pair of virtual interfaces: one end sends, the other is watched. Nothing leaves the machine."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE, THERE = "here0", "there0"
# What is measured goes ahead of whatever else the machine does, as a service does by its unit. A real-time class would let
# the thread that reads starve the one that detects as soon as both want more than there is.
AHEAD = ("nice", "-n", "-15")


def run(*command, **options):
    """Runs a command that must succeed; what it printed."""
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def build():
    """Builds the tools with live capture; the folder that they lie in. BUILT_TOOLS names one where they lie already."""
    if "BUILT_TOOLS" in os.environ:
        return Path(os.environ["BUILT_TOOLS"])
    for options in (["-p", "nettraffic-examples", "--no-default-features", "--features", "dashboard,live", "--bins"],
                    ["-p", "nettraffic-sensor", "--features", "live", "--examples"]):
        run("cargo", "build", "--quiet", "--release", *options, cwd=ROOT)
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"


def machine():
    """What the machine is busy with."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before"


class Place:
    """The namespaces, a folder of their own, and what runs in them; all of it is gone at the end."""

    def __init__(self):
        missing = [name for name in ("ip", "tcpreplay") if not shutil.which(name)]
        if os.geteuid() or missing:
            print(f"skipped: this needs root, ip and tcpreplay (missing: {missing or 'root'})")
            sys.exit(0)
        self.load = machine()
        self.tools = build()
        self.here, self.there = f"ntb{os.getpid()}-here", f"ntb{os.getpid()}-there"
        # An end by a signal clears away too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        self.folder = Path(tempfile.mkdtemp(prefix="nettraffic-"))
        self.folder.chmod(0o755)

    def __enter__(self):
        for space in (self.here, self.there):
            run("ip", "netns", "add", space)
            # Or the kernel sends of itself, to find routers.
            run("ip", "netns", "exec", space, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
            run("ip", "-n", space, "link", "set", "lo", "up")
        self.join()
        return self

    def __exit__(self, *_):
        for space in (self.here, self.there):
            for pid in subprocess.run(["ip", "netns", "pids", space], text=True, capture_output=True, check=False).stdout.split():
                os.kill(int(pid), signal.SIGKILL)
            subprocess.run(["ip", "netns", "del", space], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def join(self, name=HERE):
        """Makes the pair of interfaces."""
        run("ip", "-n", self.there, "link", "add", THERE, "mtu", "65000", "type", "veth", "peer", "name", name, "netns", self.here)
        run("ip", "-n", self.there, "link", "set", THERE, "up")
        run("ip", "-n", self.here, "link", "set", name, "mtu", "65000", "up")

    def ip(self, *command):
        """Runs `ip` on the watched end."""
        run("ip", "-n", self.here, *command)

    def counted(self, space, name):
        """What the kernel counts of an interface."""
        return json.loads(run("ip", "-n", space, "-s", "-j", "link", "show", name))[0]["stats64"]

    def give_away(self, folder):
        """A folder that a sensor may write to once it has no rights any more."""
        folder.chmod(0o700)
        shutil.chown(folder, "nobody")

    def tool(self, name, *arguments):
        return run(self.tools / f"nettraffic-{name}", *arguments, cwd=self.folder)

    def detector(self, capture=None, rate="0.01"):
        """A detector for sensors, of usual traffic of its own making unless a capture is given."""
        usual = capture or self.folder / "usual.pcap"
        if not capture:
            self.tool("synth", "benign", "--seed", "1", "-o", usual)
        self.tool("train", "--live", "--benign", usual, "--false-alarm-rate", rate, "-o", self.folder / "live.ntm")
        return self.folder / "live.ntm"

    def send(self, capture, *how):
        """Sends a capture; how many packets it says were sent."""
        said = run("ip", "netns", "exec", self.there, *AHEAD, "tcpreplay", "-q", "-i", THERE, *how, capture)
        return int(re.search(r"Successful packets:\s+(\d+)", said)[1]), said

    def sensor(self, *arguments, before=(), program=None):
        program = program or self.tools / "nettraffic-monitor"
        return Sensor(["ip", "netns", "exec", self.here, *before, str(program), *map(str, arguments)], self.folder)


class Sensor:
    """A sensor at work, and what it says."""

    def __init__(self, command, folder):
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.said, self.times = [], []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    @property
    def pid(self):
        return self.process.pid

    def read(self):
        for line in self.process.stderr:
            # Without its time of day, or what stands in its place in the lines that follow.
            self.said.append(re.sub(r"^[\dT:.-]+Z ", "", line.strip()))
            self.times.append(time.time())

    def wait_for(self, words, seconds=20, since=0):
        """When it said this, later than `since`."""
        end = time.time() + seconds
        while time.time() < end:
            for line, at in zip(list(self.said), list(self.times)):
                if words in line and at >= since:
                    return at
            if self.process.poll() is not None and not self.reader.is_alive():
                break
            time.sleep(0.01)
        sys.exit(f"it did not say {words!r}, but:\n" + "\n".join(self.said))

    def stop(self):
        """Ends it; how long that took, and the numbers of its account."""
        begin = time.time()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        took = time.time() - begin
        self.reader.join(5)
        words = next((line for line in self.said if "packets received" in line), "")
        numbers = [int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", words)]
        names = ("received", "processed", "shed", "dropped")
        return code, took, dict(zip(names, numbers))

    def memory(self):
        """Resident memory, in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def seconds(self):
        """Processor time of it, in seconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def check(what, holds, more=""):
    """Says whether something holds; the script fails if it does not."""
    print(f"  {'ok   ' if holds else 'WRONG'} {what}{': ' if more else ''}{more}", flush=True)
    check.failed |= not holds


check.failed = False


def done():
    sys.exit(1 if check.failed else 0)
