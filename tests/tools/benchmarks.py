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


def knows(target):
    return f"\nbuild {target}:" in (building.BUILD / "build.ninja").read_text()


def configure_for(target):
    building.configure()
    if not knows(target):
        building.reconfigure()  # the library that it needs may have come after the build files


def measure(words):
    bench = "tests/benchmarks/bench"
    configure_for(bench)
    building.compile("the benchmark", bench)
    become(building.BUILD / bench, *words)


def beside_peers(words):
    ours, onednn = "tests/benchmarks/peer_side", "tests/benchmarks/onednn_side"
    configure_for(onednn)
    targets = [ours, onednn] if knows(onednn) else [ours]
    building.compile("the benchmark", *targets)
    programs = [building.BUILD / target for target in targets]
    # Debian's PyTorch belongs to Debian's Python.
    return run_tool("peers.py", *programs, *words, python="/usr/bin/python3")


def of_the_build():
    return run_tool("build_times.py", building.clang())
