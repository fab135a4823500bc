"""Runs a chapter's program as several processes with mpirun."""

import os
import re

import building
import data
import mpirun
from checking import run_tool
from speaking import ROOT, Failure, Refusal, shown

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
    return run_tool("scaling.py", building.BUILD / building.program("06_mnist"), 3, *table)


def start(count, name, words):
    compile_with_mpi(name)
    data.use()
    return mpirun.run(["-n", count, building.BUILD / building.program(name), *words])
