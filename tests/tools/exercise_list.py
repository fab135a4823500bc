"""chapters/exercises.json, the one list of all exercises, in the order in which they are done.

For each: "name", "title", "folder" below chapters/, "hints" from the gentlest on, and "precision" where its numbers are
double. The folder holds exercise.hpp (what to write), stub.cpp (what my/NN.k.cpp begins as), tests.cpp and solution.cpp.

As a program it tells Meson what to build: exercise_list.py FOLDER prints the sources; with these sources as further
arguments, whose changes Meson then notices, a line for each exercise: NAME:FOLDER:PRECISION:MODULE,MODULE…
"""

import json
import pathlib
import re
import sys
from typing import NamedTuple, Tuple

FILE = "exercises.json"
SOURCES = ("exercise.hpp", "stub.cpp", "tests.cpp", "solution.cpp")


class Entry(NamedTuple):
    name: str
    title: str
    folder: str
    hints: Tuple[str, ...]
    precision: str = "float"


def entries(chapters):
    return [Entry(**entry) for entry in json.loads((chapters / FILE).read_text())]


def sources(chapters, entry):
    return [chapters / entry.folder / name for name in SOURCES]


def modules(paths):
    """The modules that these files import."""
    return sorted({name for path in paths for name in re.findall(r"(?m)^\s*import\s+([\w.]+)\s*;", path.read_text())})


def main(chapters, *known):
    chapters = pathlib.Path(chapters)
    for entry in entries(chapters):
        paths = sources(chapters, entry)
        if known:
            print(entry.name, entry.folder, entry.precision, ",".join(modules(paths)), sep=":")
        else:
            print(*paths, sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
