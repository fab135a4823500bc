"""./course bench: how fast it is."""

import re

import building
from checking import run_tool
from processes import become
from speaking import Refusal, shown


def check(words):
    """Refuses what the program would not know."""
    for word in words:
        if word.startswith("-") and word not in ("--quick", "--smoke") and not word.startswith("--benchmark_"):
            raise Refusal(f"bench has no option '{shown(word)}'; ./course bench --help names them all")
    names = [word for word in words if not word.startswith("-")]
    if len(names) > 1:
        raise Refusal(f"bench takes one WHAT, got '{shown(names[0])}' and '{shown(names[1])}'")


def check_peers(words):
    rest = iter(words)
    for word in rest:
        option, _, value = word.partition("=")
        if option in ("--rounds", "--images"):
            value = value if "=" in word else next(rest, "")
            if not re.fullmatch("[1-9][0-9]{0,5}", value):
                raise Refusal(f"bench --peers {option} needs a whole number, got '{shown(value)}'")
        elif word != "--smoke":
            raise Refusal(f"bench --peers takes --rounds N, --images N and --smoke, got '{shown(word)}'")


def measure(words):
    building.configure()
    bench = "tests/benchmarks/bench"
    if f"\nbuild {bench}:" not in (building.BUILD / "build.ninja").read_text():
        building.reconfigure()  # the library may have come after the build files
    building.compile("the benchmark", bench)
    become(building.BUILD / bench, *words)


def beside_pytorch(words):
    building.configure()
    peer_side = "tests/benchmarks/peer_side"
    building.compile("the benchmark", peer_side)
    # Debian's PyTorch belongs to Debian's Python.
    return run_tool("peers.py", building.BUILD / peer_side, *words, python="/usr/bin/python3")


def of_the_build():
    return run_tool("build_times.py", building.clang())
