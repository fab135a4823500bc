"""Looks more closely: clang-tidy, clang-format, fuzzing."""

import os
import pathlib
import re
import sys

import building
import processes
from speaking import ROOT, Failure, Refusal, say, shown

TOOLS = ROOT / "tests" / "tools"


def run_tool(name, *words, python=sys.executable, **options):
    """The exit status of one of the programs beside this file."""
    return processes.run([python, "-X", "utf8", TOOLS / name, *map(str, words)], **options)


def sources_for_tidy(words):
    """The files to look at, none for all."""
    for word in words:
        path = pathlib.Path(os.path.realpath(word))
        room = path.relative_to(ROOT).parts[0] if path.is_relative_to(ROOT) and path != ROOT else ""
        if room not in ("shared", "chapters") or path.suffix not in (".cpp", ".cppm") or not path.is_file():
            raise Refusal(f"tidy looks at the sources in shared/ and chapters/, not at '{shown(word)}'")
    return words


def tidy(files, stream=None):
    building.configure()
    say(f"looking at {' '.join(map(str, files)) or 'shared/ and chapters/'}")
    return run_tool("tidy.py", building.BUILD, building.clang_tool("clang-tidy"), *files, stdout=stream)


def sources_to_format():
    return sorted(path for folder in ("chapters", "docs/widgets", "shared", "tests") for path in (ROOT / folder).rglob("*")
                  if path.suffix in (".cpp", ".cppm", ".hpp"))


def format_all():
    return processes.run(["clang-format-19", "-i", *sources_to_format()])


def check_format():
    status, said = processes.output_of(["clang-format-19", "--dry-run", "-Werror", *sources_to_format()])
    if status:
        files = set(re.findall(rf"(?m)^{re.escape(str(ROOT))}/([^:\n]*):", said))
        print(*sorted(files), sep="\n", file=sys.stderr)
        raise Failure("these files are not formatted as .clang-format says: run ./course format")


def readers():
    """Those that read what may come from anywhere: each has a folder of seeds."""
    return sorted(path.name for path in (ROOT / "tests" / "fuzz").iterdir() if path.is_dir())


def fuzz(seconds, names):
    build = ROOT / "build-fuzz"
    building.configure(build, "-Dfuzzing=true", "-Db_sanitize=address,undefined", "-Db_lundef=false",
                       "-Dbuildtype=debug", "-Doptimization=1")
    building.compile("the fuzz targets", "fuzz_targets", build=build)
    return run_tool("fuzz.py", build, seconds, *names)
