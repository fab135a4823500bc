"""What the compiler says, as somebody who learns wants to read it."""

import os
import re
import textwrap

from speaking import ROOT

# Paths as the compiler sees them from the build folder, whatever colors they begin with.
FROM_BUILD = re.compile(rf"(^|[\s'\"(`]|\x1b\[[\d;]*[mK])(?:{re.escape(str(ROOT))}/build[\w-]*/)?\.\./"
                        r"(?=(?:shared|chapters|tests|my)/)")
# What a type is an abbreviation of: 'Matrix' says more than the hundred letters of a template of uBLAS.
ALSO_KNOWN_AS = re.compile(r" \(aka '[^']*'\)")
COLORS = re.compile(r"\x1b\[[\d;]*[mK]")
MESSAGE = re.compile(r"\S+?:(?:\d+:\d+:)? (?:fatal )?(error|warning): ")
LINES = 24  # for all errors of a file; the first one has as many as it takes


def plain(line):
    """A line of the compiler's with paths from the top of the repository, and with no more than the names of types."""
    return ALSO_KNOWN_AS.sub("", FROM_BUILD.sub(r"\1", line).replace(f"{ROOT}/", ""))


def errors(text, most=LINES):
    """What a command that failed has said: the first error with its notes, others as long as there is room for them, and
    how many more there are. One mistake often leads to several errors, of which only the first is to the point."""
    before, groups = [], []
    for line in map(plain, text.splitlines()):
        message = MESSAGE.match(COLORS.sub("", line))
        if message:
            groups.append((message[1], []))
        elif re.match(r"\d+ (errors?|warnings?)\b.* generated", COLORS.sub("", line)):
            continue
        (groups[-1][1] if groups else before).append(line)
    found = [lines for kind, lines in groups if kind == "error"]
    shown = before + (found.pop(0) if found else [])
    while found and len(shown) + len(found[0]) <= most:
        shown += found.pop(0)
    return shown + ([f"… and {len(found)} more error{'s'[:len(found) > 1]}"] if found else [])


def wrapped(lines, indent):
    """The lines with an indent, at most as long as the terminal's."""
    try:
        columns = max(60, os.get_terminal_size(1).columns)
    except OSError:
        columns = 120
    for line in lines:
        if " note: " in line or MESSAGE.match(line):
            yield textwrap.fill(line, columns - 1, initial_indent=indent, subsequent_indent=indent + "    ",
                                break_long_words=False, break_on_hyphens=False)
        else:
            yield indent + line
