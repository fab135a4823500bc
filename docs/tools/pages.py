#!/usr/bin/env python3
"""Checks that the pages still say what is true, or makes them say it: see README.md beside this file.

    pages.py [--update] [--build BUILD] [PAGE…]
"""

import argparse
import pathlib
import re
import shutil
import sys

import commands
import links
import listings
import quantities
import transcripts
from marks import Problem, blocks, split

ROOT = pathlib.Path(__file__).resolve().parents[2]


def all_pages(root):
    places = ("*.md", "docs/**/*.md", "data/*.md", "chapters/**/*.md", "tests/**/*.md", "shared/**/*.md")
    pages = {page for place in places for page in root.glob(place)}
    return sorted(page for page in pages if "node_modules" not in page.parts)


def compare(block, want, got, chosen=None, exact=True):
    """Throws at the first line that differs. `want` is the truth, `got` what the page shows."""
    for i in range(max(len(want), len(got))):
        truth = want[i] if i < len(want) else "nothing more"
        shown = got[i] if i < len(got) else "nothing more"
        beyond = i >= len(want) or i >= len(got)
        same = not beyond and (transcripts.same_line(truth, shown, chosen, exact) if chosen is not None else truth == shown)
        if not same:
            problem = Problem(f'expected "{truth.strip()}", found "{shown.strip()}"')
            problem.line = block.start + 1 + len(block.content) - len(got) + i
            raise problem


def drawn_with_characters(lines):
    """Diagrams made of lines and arrows in fenced blocks: a figure can be read on a phone and aloud, these cannot."""
    marked = {n for _, block in blocks(lines) if not isinstance(block, Problem)
              for n in range(block.start, block.start + len(block.content) + 1)}
    for number, line, language in split(lines):
        if language is not None and number not in marked and re.search("[─│┌┐└┘├┤┬┴┼►◄▲▼]", line):
            yield number


class Checker:
    def __init__(self, root, build, update, exact):
        self.root, self.build, self.update, self.exact = root, build, update, exact
        self.commands = commands.Commands(root, build)
        self.problems = []

    def report(self, page, line, text):
        self.problems.append(f"{page.relative_to(self.root)}:{line}: {text}")

    def check_block(self, block, shell):
        """The block's lines as they should be; throws when they are not."""
        if block.kind == "listing":
            want = listings.listing(self.root, block.argument)
            language = listings.language(pathlib.Path(block.argument.split()[0]))
            if not self.update:
                compare(block, want, block.content)
            return language, want
        chosen = transcripts.options(block.argument)
        if "needs" in chosen and not shutil.which(chosen["needs"]):
            return block.language, block.content
        command, count = transcripts.command_of(block)
        lines = shell.run(command, int(chosen.get("status", "0")))
        want = transcripts.excerpt(lines, chosen, command)
        try:
            compare(block, want, block.content[count:], chosen, self.exact)
        except Problem:
            if not self.update:
                raise
            return block.language, block.content[:count] + want
        return block.language, block.content  # close enough: leave the page as it is

    def check_page(self, page):
        text = page.read_text()
        lines = text.splitlines()
        shell, rewritten = None, []
        for line, block in blocks(lines):
            if isinstance(block, Problem):
                self.report(page, line, block)
                continue
            shell = shell or transcripts.Shell(self.root, self.build)
            try:
                language, content = self.check_block(block, shell)
            except Problem as problem:
                self.report(page, getattr(problem, "line", line), f"{block.kind}: {problem}")
                continue
            rewritten.append((block, ["```" + language, *content]))
        for block, new in reversed(rewritten if self.update else []):
            lines[block.start - 1:block.start + len(block.content)] = new
        if self.update and "\n".join(lines) + "\n" != text:
            page.write_text("\n".join(lines) + "\n")
            print(f"{page.relative_to(self.root)}: rewritten")
        if page.parent == self.root / "docs":
            guarded = "\n".join(line for _, block in blocks(lines) if not isinstance(block, Problem)
                                for line in block.content)
            for line, wrong in quantities.check(self.root, lambda: shell or transcripts.Shell(self.root, self.build), lines,
                                                guarded):
                self.report(page, line, wrong)
        for line in list(drawn_with_characters(lines))[:1]:
            self.report(page, line, "expected a figure, found a diagram of characters")
        for line, target in links.links_of(lines):
            if wrong := links.check_link(page, target):
                self.report(page, line, f"link {target}: {wrong}")
        for line, target in links.wordless_images(lines):
            self.report(page, line, f"image {target}: expected words for those who do not see it, found none")
        for line, command in commands.commands_of(lines):
            if wrong := self.commands.check(command):
                self.report(page, line, f"command {command}: {wrong}")


def main():
    parser = argparse.ArgumentParser(description="Checks the pages against sources, programs and one another.")
    parser.add_argument("--update", action="store_true", help="rewrite listings and transcripts")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    parser.add_argument("--build", type=pathlib.Path, help="where the chapters are built (default: build)")
    parser.add_argument("--digits", choices=["exact", "close"],
                        default="exact" if transcripts.has_fused_multiply_add() else "close",
                        help="how transcripts agree (default: exactly where the machine has fused multiply-add)")
    parser.add_argument("pages", nargs="*", type=pathlib.Path, help="only these pages")
    chosen = parser.parse_args()
    root = chosen.root.resolve()
    pages = [page.resolve() for page in chosen.pages] or all_pages(root)
    for page in pages:
        if not page.is_file() or root not in page.parents:
            print(f"docs: there is no page {page}", file=sys.stderr)
            return 2
    checker = Checker(root, (chosen.build or root / "build").resolve(), chosen.update, chosen.digits == "exact")
    for page in pages:
        checker.check_page(page)
    for problem in checker.problems:
        print(problem)
    if not checker.problems:
        print(f"{len(pages)} pages: listings, transcripts, numbers, links and commands are as they should be")
    return 1 if checker.problems else 0


if __name__ == "__main__":
    sys.exit(main())
