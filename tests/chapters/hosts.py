"""Several hosts on one machine: network namespaces with an address and a host name each, joined by a switch. The folder of
a run is there on the first host alone."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from mpirun import AS_ROOT  # noqa: E402

# What mpirun finds in its environment: as root it does not start unless it is told to.
ALLOWED = {**os.environ, **AS_ROOT}
# What tells mpirun of the others, and that a host which is cut off is gone after some seconds of silence.
MCA = ["--mca", "btl", "self,tcp", "--mca", "oob_tcp_keepalive_time", "1", "--mca", "oob_tcp_keepalive_intvl", "1",
       "--mca", "oob_tcp_keepalive_probes", "3"]


def without_mpiruns_own(err):
    """Without what mpirun and its libraries say of themselves, in brackets: of a process that was killed while it started,
    of a file that was closed already; and seldom, when all the others have ended, of a crash."""
    return re.sub(r"(?m)^\[.*\n", "", err)


def run(*words, check=True):
    return subprocess.run([str(word) for word in words], check=check, capture_output=True, text=True)


def why_not():
    """Why there can be no such hosts here; an empty text when there can."""
    if os.geteuid() != 0:
        return "network namespaces are root's to make"
    for tool in "ip", "unshare":
        if not shutil.which(tool):
            return f"there is no {tool} (iproute2, util-linux)"
    name = f"probe{os.getpid()}"
    if run("ip", "netns", "add", name, check=False).returncode:
        return "network namespaces cannot be made here"
    made = run("ip", "-n", name, "link", "add", "veth0", "type", "veth", "peer", "name", "veth1", check=False)
    run("ip", "netns", "del", name)
    return "" if made.returncode == 0 else "there are no pairs of network devices here (veth)"


class Hosts:
    def __init__(self, count, folder):
        self.folder = folder
        self.slow_switch = None
        self.names = [f"unrolled-{os.getpid()}-{i}" for i in range(count)]
        self.addresses = [f"10.77.0.{i + 1}" for i in range(count)]
        self.switch = f"unrolled-{os.getpid()}-switch"
        self.tools = pathlib.Path(tempfile.mkdtemp())
        run("ip", "netns", "add", self.switch)
        run("ip", "-n", self.switch, "link", "add", "bridge", "type", "bridge")
        run("ip", "-n", self.switch, "link", "set", "bridge", "up")
        for i, name in enumerate(self.names):
            run("ip", "netns", "add", name)
            run("ip", "-n", self.switch, "link", "add", f"port{i}", "type", "veth", "peer", "name", "eth0", "netns", name)
            run("ip", "-n", self.switch, "link", "set", f"port{i}", "master", "bridge", "up")
            run("ip", "-n", name, "addr", "add", f"{self.addresses[i]}/24", "dev", "eth0")
            run("ip", "-n", name, "link", "set", "eth0", "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
        # In place of ssh: mpirun calls it with an address and a command.
        self.agent = self.tools / "agent"
        self.agent.write_text(f"""#!/bin/sh
number=$((${{1##*.}} - 1))
shift
exec ip netns exec unrolled-{os.getpid()}-$number unshare --mount --uts --propagation private sh -c '
  hostname host$1
  mount -t tmpfs none "$2"
  exec sh -c "$3"' sh $number '{folder}' "$*"
""")
        self.agent.chmod(0o755)

    def delay(self, milliseconds):
        """From here on, what one host sends arrives so much later at another. To be called once. Returns what delays it:
        "netem", or "stand-in" where the kernel has no netem."""
        if self.delay_by_netem(milliseconds):
            return "netem"
        stand_in = pathlib.Path(__file__).with_name("slow_switch.py")
        for i, name in enumerate(self.names):
            run("ip", "netns", "exec", name, sys.executable, stand_in, "checksums-of", "eth0")
            run("ip", "-n", self.switch, "link", "set", f"port{i}", "nomaster")
        ports = [f"port{i}" for i in range(len(self.names))]
        self.slow_switch = subprocess.Popen(
            ["ip", "netns", "exec", self.switch, sys.executable, stand_in, str(milliseconds), *ports])
        return "stand-in"

    def delay_by_netem(self, milliseconds):
        """False where that cannot be: there is no tc, or the kernel has no netem."""
        return bool(shutil.which("tc")) and all(
            run("tc", "-n", name, "qdisc", "add", "dev", "eth0", "root", "netem", "delay", f"{milliseconds}ms",
                check=False).returncode == 0 for name in self.names)

    def cut_off(self, host):
        run("ip", "-n", self.switch, "link", "set", f"port{host}", "down")

    def on_the_first(self, command):
        return ["ip", "netns", "exec", self.names[0], "unshare", "--uts", "sh", "-c", 'hostname host0; exec "$@"', "sh",
                *command]

    def mpirun(self, hosts, command, each=1):
        """`each` ranks on each of the first `hosts` hosts."""
        where = ",".join(f"{address}:{each}" for address in self.addresses[:hosts])
        return self.on_the_first(["mpirun", "-q", "--bind-to", "none", "--host", where, "-n", str(hosts * each),
                                  "--mca", "plm_rsh_agent", str(self.agent), *MCA, *map(str, command)])

    def processes(self):
        return [int(pid) for name in self.names
                for pid in run("ip", "netns", "pids", name, check=False).stdout.split()]

    def remove(self):
        if self.slow_switch:
            self.slow_switch.kill()
            self.slow_switch.wait()
        for pid in self.processes():
            with contextlib.suppress(OSError):
                os.kill(pid, 9)
        time.sleep(0.2)
        for name in [*self.names, self.switch]:
            run("ip", "netns", "del", name, check=False)
        shutil.rmtree(self.tools)
