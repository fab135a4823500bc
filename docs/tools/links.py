"""Links and images of a page: is there a file, is there such a heading in it?"""

import re
import urllib.parse

from marks import anchors, split

LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
NESTED = re.compile(r"\(([^()\s]+\.(?:svg|png|jpg))\)")
SOURCE = re.compile(r"<(?:img|source)[^>]*\bsrc(?:set)?=\"([^\"]+)\"|<a[^>]*\bhref=\"([^\"]+)\"")


def links_of(lines):
    for number, line, language in split(lines):
        if language is not None:
            continue
        text = re.sub(r"`[^`]*`", "``", line)
        found = [*LINK.findall(text), *NESTED.findall(text)]
        found += [a or b for a, b in SOURCE.findall(text)]
        for target in dict.fromkeys(found):
            yield number, target


def wordless_images(lines):
    """Images that say nothing to those who do not see them."""
    for number, line, language in split(lines):
        if language is None:
            for target in re.findall(r"!\[\s*\]\(([^)]*)\)", re.sub(r"`[^`]*`", "``", line)):
                yield number, target


def check_link(page, target):
    """What is wrong with a link, or None."""
    if re.match(r"[a-z]+:", target):
        return None
    file, _, anchor = urllib.parse.unquote(target).partition("#")
    path = page.parent / file if file else page
    if not path.exists():
        return f"expected the file {file}, found none"
    if anchor and path.suffix == ".md" and anchor not in anchors(path.read_text().splitlines()):
        return f"expected a heading #{anchor} in {file or 'this page'}, found none"
    return None
