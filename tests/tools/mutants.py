"""Makes small mistakes in the code of a module, one at a time, and sees whether the module's tests notice.

Everything happens in a copy of the sources, in build-mutants/, where only what the tests of that module need is built.
A mistake that no test notices shows what the tests do not look at, or changes nothing that could be noticed.
"""

import filecmp
import json
import os
import pathlib
import re
import shutil
import time
from typing import NamedTuple

import building
from processes import output_of
from speaking import ROOT, Failure, Refusal, nearest, say, shown

FOLDER = ROOT / "build-mutants"
SOURCES, BUILD = FOLDER / "source", FOLDER / "source/build"
NOT_COPIED = {".git", "build", "my"}  # of what is in the root

# What is written in one way, and the mistake that is made of it. Operators have spaces around them everywhere here, and
# brackets of templates have none.
REWRITES = [(re.compile(pattern), mistake) for pattern, mistake in [
    (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "), (r" >= ", " > "), (r" == ", " != "), (r" != ", " == "),
    (r" \+ ", " - "), (r" - ", " + "), (r" \* ", " / "), (r" / ", " * "), (r" % ", " / "),
    (r" \+= ", " -= "), (r" -= ", " += "), (r" \+= ", " = "), (r" && ", " || "), (r" \|\| ", " && "),
    (r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r"\bstd::min\(", "std::max("), (r"\bstd::max\(", "std::min("),
    (r"(?<=[(\s])!(?=[\w(])", ""), (r" = 0(?=[,;])", " = 1"), (r"(?<=[ (])1(?=[ ,;)])", "2"),
    (r"(?<=\bif \()(?=\S.*\) \S)", "false && "), (r"\bcontinue;", "break;"), (r"\bbreak;", "continue;"),
    (r"^\s+(?:[\w.\[\]]|->|::)+\([^{}]*\);$", ";"),  # a call whose result nobody uses
]]
STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'|//.*')
NO_CODE = re.compile(r"\s*(#|//|import |export |module|using |template|static_assert)")


class Mutant(NamedTuple):
    file: str  # from the root
    line: int  # from 1
    before: str
    after: str

    def __str__(self):
        return f"{self.file}:{self.line}\n  - {self.before.strip()}\n  + {self.after.strip()}"


def mutants_of(file, text):
    """Each mistake that can be made in a text."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if NO_CODE.match(line):
            continue
        hidden = STRING_OR_COMMENT.sub(lambda match: match[0][0] + "\0" * (len(match[0]) - 1), line)
        for pattern, mistake in REWRITES:
            for match in pattern.finditer(hidden):
                after = line[:match.start()] + mistake + line[match.end():]
                found[number, after] = Mutant(str(file), number, line, after)
    return list(found.values())


def sources_of(module, root=ROOT):
    """The files of a module: its interface and the units of its bodies."""
    declaration = re.compile(rf"^(export )?module {re.escape(module)};$", re.M)
    return sorted(path.relative_to(root) for path in (root / "shared").rglob("*.cpp*")
                  if declaration.search(path.read_text()))


def modules(root=ROOT):
    names = [re.search(r"^export module (rnn\.[\w.]+);$", path.read_text(), re.M)
             for path in (root / "shared").rglob("*.cppm")]
    return sorted(name[1] for name in names if name)


def importers(module, root=ROOT):
    """The modules whose interfaces or bodies import a module."""
    imports = re.compile(rf"^import {re.escape(module)};$", re.M)
    return [other for other in modules(root)
            if any(imports.search((root / file).read_text()) for file in sources_of(other, root))]


def tests_of(module, root=ROOT):
    """Names of the test programs of a module: those in tests/ROOM that import it, or are called after it; where there
    are none, those elsewhere; where there are none either, those of the modules that it is a part of."""
    room, _, name = module.removeprefix("rnn.").rpartition(".")
    own = root / "tests" / room.replace(".", "/") / f"{name}_test.cpp"
    imports = re.compile(rf"^import {re.escape(module)};$", re.M)
    others = [path for path in (root / "tests").rglob("*_test.cpp") if imports.search(path.read_text())]
    in_room = [path for path in others if path.parent == own.parent]
    chosen = {*in_room, *([own] if own.exists() else [])} or others
    if not chosen:
        return sorted({name for importer in importers(module, root) for name in tests_of(importer, root)})
    return sorted(path.name.removesuffix("_test.cpp") for path in chosen)


def find(word):
    """The module that is meant by rnn.training.shards, training.shards, or shared/training/shards.cpp."""
    name = re.sub(r"\.cppm?$", "", word.removeprefix("./").removeprefix("shared/")).replace("/", ".")
    name = "rnn." + name.removeprefix("rnn.")
    known = modules()
    if name not in known:
        raise Refusal(f"there is no module '{shown(word)}'; the nearest is {nearest(name, known).removeprefix('rnn.')}")
    return name


def spread(items, most):
    """So many of the items, from everywhere among them."""
    return items if len(items) <= most else [items[i * len(items) // most] for i in range(most)]


def left_out(folder, names):
    """What is not copied of a folder."""
    of_root = os.path.samefile(folder, ROOT)
    return {name for name in names if name in ("node_modules", "__pycache__")
            or of_root and (name in NOT_COPIED or name.startswith("build-"))}


def bring_up_to_date():
    """The copy has what the sources have; files that are the same stay as old as they are."""
    def copy(source, target):
        if not os.path.exists(target) or not filecmp.cmp(source, target, shallow=False):
            shutil.copyfile(source, target)
            shutil.copymode(source, target)

    shutil.copytree(ROOT, SOURCES, ignore=left_out, copy_function=copy, dirs_exist_ok=True)
    if not (BUILD / "build.ninja").exists():
        say(f"configuring {FOLDER.name}/")
        status, said = output_of(["meson", "setup", BUILD, SOURCES], env={**os.environ, "CXX": building.clang()})
        if status:
            shutil.rmtree(BUILD, ignore_errors=True)
            errors = [line for line in said.splitlines() if "ERROR" in line]
            raise Failure("\n".join(errors) or f"{FOLDER.name}/ could not be configured:\n{said}")


def introspected(what):
    """What Meson knows of the copy's "tests" or "targets"."""
    return json.loads((BUILD / f"meson-info/intro-{what}.json").read_text())


class Judge:
    """Builds the tests of one module and runs them."""

    def __init__(self, names):
        programs = {f"test_{name}{real}" for name in names for real in ("", "_double")}
        tests = [test for test in introspected("tests") if pathlib.PurePath(test["cmd"][0]).name in programs]
        files = {target["id"]: target["filename"][0] for target in introspected("targets")}
        self.targets = [os.path.relpath(files[target], BUILD) for test in tests for target in test["depends"]]
        self.names = {}  # by suite: another suite may have a test of the same name
        for test in tests:
            self.names.setdefault(test["suite"][0].partition(":")[2], []).append(test["name"])
        self.seconds = 600

    def __str__(self):
        return ", ".join(name for names in self.names.values() for name in names)

    def verdict(self):
        """"survived", "killed", or "no code": it cannot be compiled."""
        status, _ = output_of(["ninja", "-C", BUILD, *self.targets])
        if status:
            return "no code"
        begin = time.monotonic()
        for suite, names in self.names.items():
            # Meson ends a test that takes too long with all that it has started; its own limit is 300 s.
            status, _ = output_of(["meson", "test", "-C", BUILD, "--no-rebuild", "--quiet", "--maxfail", "1",
                                   "--timeout-multiplier", str(self.seconds / 300), "--suite", suite, *names])
            if status:
                return "killed"
        if self.seconds == 600:  # the first run is that of the right code
            self.seconds = 10 + 5 * (time.monotonic() - begin)
        return "survived"


def judge(module, most):
    """How many mistakes were made in a module, and those of them that its tests did not notice."""
    names = tests_of(module)
    if not names:
        say(f"{module}: no test program imports it, or what imports it")
        return 0, []
    judging = Judge(names)
    say(f"{module}: building {judging}")
    if judging.verdict() != "survived":
        raise Failure(f"{module}: its tests do not pass as it is: ./course test says more")
    mutants = [mutant for file in sources_of(module) for mutant in mutants_of(file, (ROOT / file).read_text())]
    verdicts = []
    survivors = []
    for mutant in spread(mutants, most):
        path = SOURCES / mutant.file
        right = path.read_text()
        lines = right.split("\n")
        lines[mutant.line - 1] = mutant.after
        path.write_text("\n".join(lines))
        try:
            verdicts.append(judging.verdict())
        finally:
            path.write_text(right)
        if verdicts[-1] == "survived":
            survivors.append(mutant)
            print(mutant, flush=True)
    made = len(verdicts) - verdicts.count("no code")
    say(f"{module}: {made - len(survivors)} of {made} mistakes noticed")
    return made, survivors


def run(names, most):
    bring_up_to_date()
    made = survived = 0
    for name in names or modules():
        of_module, survivors = judge(name, most)
        made += of_module
        survived += len(survivors)
    print(f"{made} mistakes made, {survived} not noticed", flush=True)
    return 1 if survived else 0
