"""Small mistakes that can be made in the code of a module, and the test programs that should notice them."""

import re
from typing import NamedTuple

from speaking import ROOT, Refusal, nearest, shown

HARMLESS = ROOT / "tests/tools/harmless_mutants.txt"

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
NO_CODE = re.compile(r"\s*(#|//|import |export |module|using |template|static_assert)|.*\breserve\(")


class Mutant(NamedTuple):
    file: str  # from the root
    line: int  # from 1
    before: str
    after: str

    def text(self):
        """What it says of itself wherever its line stands."""
        return f"{self.file}\n- {self.before.strip()}\n+ {self.after.strip()}"

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


def harmless(text=None):
    """The mistakes that change nothing a test could notice, and why: blocks with a mutant's text and then the reason."""
    blocks = [block.split("\n", 3) for block in re.split(r"\n\n+", (text or HARMLESS.read_text()).strip())
              if not block.startswith("#")]
    return {"\n".join(lines[:3]): " ".join(lines[3].split()) for lines in blocks}


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
