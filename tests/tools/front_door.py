"""The commands of ./course, which installs what they need and then runs this: front_door.py needs|run COMMAND [WORDS]

`needs` only looks at the arguments, and prints what has to be installed (the names behind need_ in ./course), "--", and
what the command can do without. `run` does what is asked for. Status 2: the arguments are wrong, and one line says how.
"""

import _signal as signal  # what the module signal is made of, and here at once

if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends us in silence, even before main() can see to that

import os
import re
import sys
from typing import Callable, NamedTuple

import benchmarks
import building
import checking
import data
import documents
import exercises
import machines
import melodies
import mutants
import mutating
import processes
import testing
from speaking import Failure, Refusal, nearest, say, shown


class Plan(NamedTuple):
    """What a command is going to do, and what it needs for that."""
    action: Callable  # returns a status, or None when all is well
    needs: str = "build"
    wishes: str = ""


def none(command, words):
    """Refuses the arguments of a command that takes none."""
    if words:
        raise Refusal(f"{command} takes no arguments, got '{shown(words[0])}'")


def at_most(command, words, option):
    """Refuses all arguments but this one option, which may be left out."""
    if words not in ([], [option]):
        wrong = next((word for word in words if word != option), option)
        raise Refusal(f"{command} takes nothing, or {option}, got '{shown(wrong)}'")


def mnist(words):
    wishes = "downloads" if data.is_to_be_fetched(words) else ""
    return Plan(lambda: building.start("06_mnist", data.choose(words)), wishes=wishes)


def melody(words):
    wishes = "downloads" if melodies.is_to_be_fetched(words) else ""
    return Plan(lambda: building.start("08_melody", *melodies.runs(words)), wishes=wishes)


def run(words):
    if not words:
        raise Refusal("which chapter? For example: ./course run 01")
    name = building.chapter(words[0])

    def start():
        data.use()
        building.start(name, words[1:])

    return Plan(start)


def mpi(words):
    plan = machines.split(words)
    return Plan(lambda: machines.start(*plan), "build mpi")


def build(words):
    none("build", words)

    def everything():
        building.configure()
        building.compile("everything", "all")

    return Plan(everything)


def test(words):
    if len(words) > 1:
        raise Refusal("test takes one chapter, or --all, or --rest")
    # MPI is optional, but its tests are not skipped in CI.
    optional = " mpi" if os.environ.get("CI") else ""
    if words in (["--all"], ["--rest"]):
        return Plan(lambda: testing.everything(words == ["--all"]),
                    "build sanitizers tidy format shellcheck site wasm browser protobuf" + optional)
    if words and words[0].startswith("-"):
        raise Refusal(f"test has no option '{shown(words[0])}': "
                      "use ./course test, ./course test 01, ./course test --all or ./course test --rest")
    suite = building.chapter(words[0]) if words else ""
    return Plan(lambda: testing.quick(suite), "build" if suite else "build protobuf" + optional)


def exercise(words):
    plan = exercises.plan(words)
    return Plan(plan.action, "build" if plan.builds else "")


def bench(words):
    if words[:1] == ["--build"]:
        none("bench --build", words[1:])
        return Plan(benchmarks.of_the_build)
    if words[:1] == ["--peers"]:
        benchmarks.check_peers(words[1:])
        return Plan(lambda: benchmarks.beside_peers(words[1:]), "build peers", "onednn")
    if words[:1] == ["--mpi"]:
        at_most("bench --mpi", words[1:], "--update")
        return Plan(lambda: machines.measure(words[1:]), "build mpi")
    benchmarks.check(words)
    return Plan(lambda: benchmarks.measure(words), "build benchmark")


def sanitize(words):
    if words not in (["address"], ["thread"]):
        raise Refusal("sanitize address, or sanitize thread?")
    return Plan(lambda: testing.sanitize(words[0]), "build sanitizers")


def coverage(words):
    none("coverage", words)
    return Plan(testing.coverage, "build sanitizers coverage")


def mutate(words):
    most = sys.maxsize
    if words[:1] == ["--most"]:
        number = (words[1:2] or [""])[0]
        if not re.fullmatch("[1-9][0-9]{0,5}", number):
            raise Refusal(f"mutate --most needs a whole number, got '{shown(number)}'")
        most, words = int(number), words[2:]
    names = [mutants.find(word) for word in words]
    # Tests that are skipped without MPI notice what no other test does.
    return Plan(lambda: mutating.run(names, most), "build sanitizers mpi")


def tidy(words):
    files = checking.sources_for_tidy(words)
    return Plan(lambda: checking.tidy(files), "build tidy")


def layout(words):
    at_most("format", words, "--check")
    return Plan(checking.check_format if words else checking.format_all, "format")


def fuzz(words):
    seconds = "60"
    if words[:1] == ["--seconds"]:
        seconds = (words[1:2] or [""])[0]
        if not re.fullmatch("[1-9][0-9]{0,5}", seconds):
            raise Refusal(f"fuzz --seconds needs a whole number, got '{shown(seconds)}'")
        words = words[2:]
    known = checking.readers()
    for word in words:
        if word not in known:
            raise Refusal(f"there is no reader '{shown(word)}'; there are: {' '.join(known)}")
    return Plan(lambda: checking.fuzz(seconds, words), "build sanitizers")


def download(words):
    none("data", words)
    return Plan(data.download, "" if data.is_right() else "downloads")


def docs(words):
    at_most("docs", words, "--update")
    return Plan(lambda: documents.check(words))


def figures(words):
    at_most("figures", words, "--training")
    downloads = words and not os.environ.get("MNIST_DIR") and not data.is_there()
    return Plan(lambda: documents.draw(words), "build figures" + (" downloads" if downloads else ""))


def site(words):
    at_most("site", words, "--serve")
    return Plan(lambda: documents.site(words), "site")


def wasm(words):
    none("wasm", words)
    return Plan(documents.widgets, "build wasm")


COMMANDS = {"mnist": mnist, "melody": melody, "run": run, "mpi": mpi, "build": build, "test": test, "exercise": exercise,
            "bench": bench, "sanitize": sanitize, "coverage": coverage, "mutate": mutate, "tidy": tidy,
            "format": layout, "fuzz": fuzz, "data": download, "docs": docs, "figures": figures, "site": site, "wasm": wasm}
IN_BASH = ("doctor", "help")  # what works without Python


def main(mode, command, *words):
    processes.end_as_others_do()
    try:
        if command not in COMMANDS:
            close = nearest(command, [*COMMANDS, *IN_BASH])
            raise Refusal(f"there is no command '{shown(command)}'; the nearest is ./course {close}")
        plan = COMMANDS[command](list(words))
        if mode == "needs":
            print(plan.needs, "--", plan.wishes)
            return 0
        return int(plan.action() or 0)
    except Failure as failure:
        say(failure)
        return failure.status
    except OSError as error:
        where = f"{shown(os.fspath(error.filename), 200)}: " if error.filename else ""
        say(f"{where}{error.strerror or error}")
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
