"""Numbers in prose: each must appear in a transcript or a listing on its page, or a comment must say where it comes from.

A source is a line of its own above the paragraph, list or table that it covers, or a comment at the end of a line:

    <!-- source 2.303: = log(10) -->                        a calculation, which is carried out
    <!-- source 2,320 12,544: $ ./course run 03 --steps 28 -->   a command, which is run and prints them
    <!-- source: docs/figures/data/mnist_training.csv -->   a file that has them; if no numbers are listed, it covers all of them
    <!-- source 2.7: TensorFlow 1.15's documentation -->    words, where nothing can be run
"""

import ast
import math
import re

from marks import Problem, split
from transcripts import NUMBER

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
POWER = r"10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)"
IN_PROSE = re.compile(rf"(?<![\w.+/:-])(?:{POWER}|(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?)(?![\w/-]|\.\d)(?:\s?(%))?")
# With a point also in formulas: what a formula comes to, not a constant of it that the eye can check.
IN_FORMULA = re.compile(r"(?<![\w.^{])\d+\.\d+(?![\d.^])")
SOURCE = re.compile(r"<!-- source\b([^:]*):\s*(.*?)\s*-->")
# Counts that the text itself makes, chapters and exercises, years.
SMALL = 12
# Whole numbers from here on may be rounded ones.
ROUNDED = 100
NAMES = re.compile(r"0\d(?:\.\d)?|19[5-9]\d|20[012]\d")
LITERATURE = re.compile(r"^(?:Where to read on|#+ To read on)")


class Number:
    def __init__(self, text, line):
        self.text, self.line = text, line
        digits = text.rstrip("% ").replace(",", "")
        power = re.fullmatch(POWER, digits)
        self.exponent = int(power[1].translate(SUPERSCRIPTS)) if power else None
        self.value = 10.0 ** self.exponent if power else float(digits)
        self.decimals = len(digits.partition(".")[2])
        self.percent = text.endswith("%")

    def is_count(self):
        small = self.decimals == 0 and self.value <= SMALL and not self.percent and self.exponent is None
        return small or bool(NAMES.fullmatch(self.text))

    def equals(self, value):
        """Whether that is the value, rounded to the digits that are shown."""
        if self.exponent is not None:
            return value > 0 and self.exponent in (math.floor(math.log10(value)), round(math.log10(value)))
        return any(abs(abs(v) - self.value) <= 0.5000001 * 10 ** -self.decimals
                   for v in (value, 100 * value if self.percent else value))

    def is_in(self, values):
        if self.decimals or self.percent or self.exponent is not None or self.value >= ROUNDED:
            return any(self.equals(value) for value in values)
        return self.value in values


def values_of(text):
    return {abs(float(number)) for number in NUMBER.findall(re.sub(r"(?<=\d),(?=\d{3}\b)", "", text).replace("−", "-"))}


def numbers_of(line):
    """The numbers of a line of prose that are not counts."""
    line = re.sub(r"<!--.*?-->|`[^`]*`|<[^>]*>", " ", line)
    line = re.sub(r"\]\([^)]*\)", "] ", line)
    formulas = re.findall(r"\$\$?([^$]+)\$\$?", line)
    prose = re.sub(r"\$\$?[^$]+\$\$?", " ", line)
    found = [match[0] for match in IN_PROSE.finditer(prose)]
    return found + [match for formula in formulas for match in IN_FORMULA.findall(formula)]


def paragraphs(lines):
    """Each paragraph of prose: its numbers, and the sources that stand in it, with their lines."""
    numbers, sources, literature = [], [], False
    for number, line, language in [*split(lines), (len(lines) + 1, "", None)]:
        if language is not None:
            continue
        if line.startswith("#") or LITERATURE.match(line):
            literature = bool(LITERATURE.match(line))
        if not line.strip():
            if numbers or sources:
                yield numbers, sources
            numbers, sources = [], []
            continue
        sources += [(number, names.replace("%", " %").split(), where) for names, where in SOURCE.findall(line)]
        if not literature:
            numbers += [Number(text, number) for text in numbers_of(line)]


def calculated(expression):
    functions = {name: getattr(math, name) for name in ("log", "log10", "sqrt", "exp", "tanh", "pi")}
    try:
        tree = ast.parse(expression, mode="eval")
        allowed = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Constant, ast.Load, ast.operator,
                   ast.unaryop)
        if not all(isinstance(part, allowed) for part in ast.walk(tree)):
            raise ValueError
        return float(eval(compile(tree, "source", "eval"), {"__builtins__": {}}, functions))
    except (SyntaxError, ValueError, NameError, TypeError, ZeroDivisionError):
        raise Problem(f"expected a calculation, found '{expression}'") from None


def source_values(root, shell, where):
    """The numbers that a source has; None where it is words."""
    if where.startswith("= "):
        return {abs(calculated(where[2:]))}
    if where.startswith("$ "):
        return values_of("\n".join(shell().run(where[2:], 0)))
    if re.fullmatch(r"[\w./-]+\.\w+", where):
        if not (root / where).is_file():
            raise Problem(f"expected the file {where}, found none")
        return values_of((root / where).read_text())
    if len(where.split()) < 2:
        raise Problem(f"expected = a calculation, $ a command, a file or words, found '{where}'")
    return None


def check(root, shell, lines, guarded):
    """Yields (line, problem) for numbers that nothing guards, and for sources that are wrong."""
    known = values_of(guarded)
    for numbers, sources in paragraphs(lines):
        excused = set()
        for line, names, where in sources:
            names = [name for name in names if name != "%"]
            try:
                values = source_values(root, shell, where)
            except Problem as problem:
                yield line, f"source: {problem}"
                continue
            meant = [n for n in numbers if not names or n.text.rstrip("% ") in names]
            for name in set(names) - {n.text.rstrip("% ") for n in numbers}:
                yield line, f"source: expected the number {name} in its paragraph, found none"
            for n in meant:
                exact = values is not None and where.startswith("= ") and n.equals(next(iter(values)))
                if values is None or exact or n.is_in(values):
                    excused.add(n.text)
                elif names or not n.is_count() and not n.is_in(known):
                    yield line, f"source: expected the number {n.text} in '{where}', found none like it"
                    excused.add(n.text)
        for n in numbers:
            if not n.is_count() and n.text not in excused and not n.is_in(known):
                yield n.line, (f"number {n.text}: expected it in a transcript or a listing of this page, or a source in a "
                               f"comment, found neither")
