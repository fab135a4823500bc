"""Runs a chapter's program as several processes with mpirun."""

import os
import re
import signal
import subprocess

import building
import data
from checking import run_tool
from speaking import ROOT, Failure, Refusal, say, shown

# What mpirun has to say is said here, in a line; processes may be more than cores, and then none keeps one for itself.
MPIRUN = ["mpirun", "-q", "--oversubscribe", "--bind-to", "none"]
# mpirun does not start as root unless it is asked to twice: in a container, everybody is root.
AS_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
MOST = 1000


def split(words):
    """How many processes, the chapter, and the words for its program."""
    count = os.cpu_count() or 1
    if words[:1] == ["-n"]:
        number = (words[1:2] or [""])[0]
        if not re.fullmatch("[1-9][0-9]*", number) or int(number) > MOST:
            raise Refusal(f"mpi -n needs a whole number from 1 to {MOST}, got '{shown(number)}'")
        count, words = int(number), words[2:]
    if not words:
        raise Refusal("which chapter? For example: ./course mpi -n 2 06")
    return count, building.chapter(words[0]), words[1:]


def knows_mpi():
    return "ranks_mpi.cpp" in (building.BUILD / "build.ninja").read_text()


def compile_with_mpi(name):
    building.configure()
    if not knows_mpi():
        building.reconfigure()  # MPI may have come after the build files
        if not knows_mpi():
            raise Failure("build/ is without MPI: Meson found no Boost.MPI and Open MPI, or -Dmpi=disabled is set")
    building.compile(name, building.program(name))


def measure(words):
    compile_with_mpi("06_mnist")
    table = [ROOT / "docs/figures/data/many_machines.csv"] if words else []
    return run_tool("scaling.py", building.BUILD / building.program("06_mnist"), 5, *table)


def start(count, name, words):
    compile_with_mpi(name)
    data.use()
    return run([*MPIRUN, "-n", str(count), building.BUILD / building.program(name), *words])


def run(command):
    """mpirun's exit status. Ctrl-C is sent to it once, by us, and not by the terminal to all of its processes."""
    process = subprocess.Popen(command, env={**os.environ, **AS_ROOT}, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        status = process.wait()
    except (KeyboardInterrupt, SystemExit) as end:
        process.send_signal(signal.SIGTERM)
        process.wait()
        return 130 if isinstance(end, KeyboardInterrupt) else end.code
    except BaseException:
        process.kill()
        raise
    status = status if status >= 0 else 128 - status
    if status > 128 and status not in (130, 143):
        say(f"a process of the run was ended by signal {status - 128}, and the others with it; "
            "--resume goes on from the last checkpoint")
    return status
