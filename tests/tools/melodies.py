"""The Nottingham collection: whether it is here, and what happens when 08_melody wants tunes."""

import os

import processes
from speaking import ROOT, say

MELODIES = ROOT / "data" / "melodies"
FETCH = ROOT / "data" / "fetch_melodies"


def is_there():
    return MELODIES.is_dir() and any(MELODIES.glob("*.abc"))


def has_option(words, *options):
    return any(word == option or word.startswith(option + "=") for word in words for option in options)


def is_wanted(words):
    """Whether 08_melody with these arguments reads data/melodies by default."""
    # generate and next make tunes: they read none.
    return (not os.environ.get("MELODY_DIR") and not has_option(words, "--data", "--help", "-h") and
            words[:1] not in (["generate"], ["next"]))


def is_to_be_fetched(words):
    # A checkpoint knows whether its tunes were composed.
    return is_wanted(words) and not is_there() and not has_option(words, "--resume")


def choose(words):
    """Sets MELODY_DIR and returns 08_melody's arguments: composed tunes if the collection cannot be downloaded."""
    if not is_wanted(words):
        return words
    if is_to_be_fetched(words):
        say("looking for the Nottingham collection of tunes")
        if processes.output_of([FETCH])[0]:
            say("it cannot be downloaded here (data/fetch_melodies says why): tunes are composed instead")
            return [*words, "--data", "composed"]
    if is_there():
        os.environ["MELODY_DIR"] = str(MELODIES)
    return words
