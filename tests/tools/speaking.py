"""What the front door says to people, and how it ends when it cannot go on."""

import difflib
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Failure(Exception):
    """Something did not work: one line, and status 1."""
    status = 1


class Refusal(Failure):
    """What was typed, or a file that was given, cannot be used: one line, and status 2."""
    status = 2


def say(text):
    print(f"course: {text}", file=sys.stderr, flush=True)


def shown(text, longest=60):
    """The text as a message may have it: not too long, control characters and bytes that are no text escaped."""
    text = str(text)
    if len(text) > longest:
        text = text[:longest] + "…"
    return "".join(c if c.isprintable() else escaped(c) for c in text)


def escaped(character):
    if 0xDC80 <= ord(character) <= 0xDCFF:  # a byte of an argument that is not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


def nearest(word, names):
    """The name that is most like the word; where none is like it, the shortest."""
    matcher = difflib.SequenceMatcher(b=word[:40])  # no name is nearly as long

    def likeness(name):
        matcher.set_seq1(name)
        return matcher.ratio(), -len(name)

    return max(names, key=likeness)
