"""What the checks need to know of Markdown: which lines are code, where the marked blocks are, what a heading's anchor is.

A marked block is a fenced block between two HTML comments, which no reader sees:

    <!-- listing chapters/01_two_steps/main.cpp from "// t = 0" to "apply(" -->
    ```cpp
    …
    ```
    <!-- end -->

docs/tools/README.md has all forms.
"""

import dataclasses
import re

OPENING = re.compile(r"^<!-- (listing|run)\b(.*)-->\s*$")
ENDING = "<!-- end -->"
FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*(\S*)")


class Problem(Exception):
    """Something that a page's author has to mend, in one line."""


@dataclasses.dataclass
class Block:
    kind: str        # "listing" or "run"
    argument: str    # what follows the kind
    line: int        # of the opening comment, the first line of the page being 1
    language: str
    content: list    # the lines between the fences
    start: int       # index of the first of them in the page's lines


def blocks(lines):
    """The marked blocks of a page; broken ones are Problems in the list."""
    found = []
    for number, line, language in split(lines):
        i, opening = number - 1, OPENING.match(line)
        if not opening or language is not None:  # an example of a mark, in a longer fence
            continue
        fence = FENCE.match(lines[i + 1]) if i + 1 < len(lines) else None
        if not fence:
            found.append((i + 1, Problem(f'expected a fenced block below "{line.strip()}", found none')))
            continue
        end = i + 2
        while end < len(lines) and lines[end].strip() != fence[1]:
            end += 1
        if end + 1 >= len(lines) or lines[end + 1].strip() != ENDING:
            found.append((i + 1, Problem(f'expected "{ENDING}" below the block of "{line.strip()}", found none')))
            continue
        found.append((i + 1, Block(opening[1], opening[2].strip(), i + 1, fence[2], lines[i + 2:end], i + 2)))
    return found


def split(lines):
    """Yields (number, line, language) for each line; language is None outside of fenced blocks, the fences included."""
    fence = language = None
    for number, line in enumerate(lines, 1):
        match = FENCE.match(line)
        if fence is None and match:
            fence, language = match[1], match[2]
        elif fence is not None and line.strip() == fence:
            fence = None
        else:
            yield number, line, language if fence else None


def anchors(lines):
    """The anchors of a page, as GitHub makes them from its headings, and those that are written out."""
    seen, found = {}, set()
    for _, line, language in split(lines):
        if language is not None:
            continue
        found.update(re.findall(r'<a (?:id|name)="([^"]+)"', line))
        heading = re.match(r"#{1,6}\s+(.*?)\s*#*$", line)
        if not heading:
            continue
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
        slug = re.sub(r"[^\w\- ]", "", text.replace("`", "")).strip().replace(" ", "-")
        count = seen[slug] = seen.get(slug, -1) + 1
        found.add(slug if count == 0 else f"{slug}-{count}")
    return found
