"""Listings: parts of source files, never copies kept by hand."""

import re
import shlex
import textwrap

from marks import Problem

LANGUAGES = {".cpp": "cpp", ".cppm": "cpp", ".hpp": "cpp", ".py": "python", ".json": "json", ".ini": "ini"}


def language(path):
    return "meson" if path.name == "meson.build" else LANGUAGES.get(path.suffix, "")


def listing(root, argument):
    """The lines that a listing's argument asks for: FILE, FILE region NAME, FILE function NAME…, FILE from "…" to "…"."""
    try:
        file, *words = shlex.split(argument)
    except ValueError:
        raise Problem(f"expected FILE and what of it, found '{argument}'") from None
    path = root / file
    if not path.is_file():
        raise Problem(f"expected the file {file}, found none")
    lines = path.read_text().splitlines()
    if not words:
        part = lines
    elif words[0] == "region" and len(words) == 2:
        part = region(lines, file, words[1])
    elif words[0] == "function" and len(words) > 1:
        part = [line for name in words[1:] for line in ("", *function(lines, file, name))]
    elif words[0] == "from" and len(words) == 4 and words[2] == "to":
        part = between(lines, file, words[1], words[3])
    else:
        raise Problem(f"expected region NAME, function NAME… or from \"…\" to \"…\" after {file}, found '{argument}'")
    return textwrap.dedent("\n".join(part)).strip("\n").splitlines()


def only(lines, file, wanted, test):
    """The place of the one line that passes the test."""
    places = [i for i, line in enumerate(lines) if test(line)]
    if len(places) != 1:
        raise Problem(f"expected one {wanted} in {file}, found {len(places)}")
    return places[0]


def region(lines, file, name):
    """Between the comments // [name] and // [end] (or # [name] and # [end])."""
    marks = [f"{sign} [{name}]" for sign in ("//", "#")]
    start = only(lines, file, f"region [{name}]", lambda line: line.strip() in marks)
    for end in range(start + 1, len(lines)):
        if lines[end].strip() in ("// [end]", "# [end]"):
            return lines[start + 1:end]
    raise Problem(f"expected // [end] after the region [{name}] in {file}, found none")


def function(lines, file, name):
    """The definition of a function, class or struct, with the comment above it, down to its closing brace."""
    word = re.compile(rf"(?<![\w:.]){re.escape(name)}(?![\w:])")

    def defines(i):
        # A signature may go on for a few lines.
        head = ""
        for line in lines[i:i + 5]:
            head += re.sub(r"//.*", "", line).rstrip()
            if head.endswith(("{", "}", ";", ":")) or not head:
                break
        first = re.sub(r"//.*", "", lines[i])
        return (word.search(first.split("{")[0]) and re.match(r"\s*[A-Za-z~]", head)
                and not head.lstrip().startswith("return ") and head.count("(") == head.count(")")
                and head.endswith(("{", "}")))

    start = only(range(len(lines)), file, f"definition of {name}", defines)
    indent = re.match(r"\s*", lines[start])[0]
    end = start
    if not lines[start].rstrip().endswith("}"):
        end = next((i for i in range(start + 1, len(lines)) if re.fullmatch(indent + r"};?", lines[i])), None)
        if end is None:
            raise Problem(f"expected the closing brace of {name} in {file}, found none")
    while start > 0 and lines[start - 1].strip().startswith(("//", "template")):
        start -= 1
    return lines[start:end + 1]


def between(lines, file, first, last):
    """From the one line that contains `first` to the next one that contains `last`, which may be the same."""
    start = only(lines, file, f"line with '{first}'", lambda line: first in line)
    for end in range(start, len(lines)):
        if last in lines[end]:
            return lines[start:end + 1]
    raise Problem(f"expected a line with '{last}' after '{first}' in {file}, found none")
