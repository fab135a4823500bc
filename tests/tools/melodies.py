"""The Nottingham collection: whether it is here, and what happens when 08_melody wants tunes."""

import os

import mine
import processes
from data import has_option
from speaking import ROOT, say

MELODIES = ROOT / "data" / "melodies"
FETCH = ROOT / "data" / "fetch_melodies"
SUMS = ROOT / "data" / "melodies.sha256"


def is_there():
    return MELODIES.is_dir() and any(MELODIES.glob("*.abc"))


def nottingham_is_complete():
    """The chorales, which are downloaded last, may be missing: nothing reads them by default."""
    names = [line.split()[1] for line in SUMS.read_text().splitlines()]
    return all((MELODIES / name).exists() for name in names if name.endswith(".abc"))


def is_wanted(words):
    """Whether 08_melody with these arguments reads data/melodies by default."""
    return not os.environ.get("MELODY_DIR") and not has_option(words, "--data", "--help", "-h")


def is_to_be_fetched(words):
    # A checkpoint knows whether its tunes were composed; generate and next need none, or can do with composed ones.
    return (is_wanted(words) and not is_there() and not has_option(words, "--resume") and
            words[:1] not in (["generate"], ["next"]))


def runs(words):
    """What 08_melody is to do last, and before that. Without arguments it trains and then makes a tune, in my/."""
    if words:
        return [choose(words)]
    if not mine.check_folder():
        mine.FOLDER.mkdir()
    files = {kind: str(mine.FOLDER / f"melody.{kind}") for kind in ("safetensors", "wav", "mid")}
    training = choose(["--save", files["safetensors"]])
    tune = ["generate", "--init", files["safetensors"], "--wav", files["wav"], "--midi", files["mid"], "--quiet"]
    say(f"a network is trained, and makes a tune: {', '.join(f'my/melody.{kind}' for kind in files)}")
    return [tune, training]


def choose(words):
    """Sets MELODY_DIR and returns 08_melody's arguments: composed tunes if the collection cannot be downloaded."""
    if not is_wanted(words):
        return words
    if is_to_be_fetched(words):
        say("looking for the Nottingham collection of tunes")
        if processes.output_of([FETCH])[0] and not nottingham_is_complete():
            say("it cannot be downloaded here (data/fetch_melodies says why): tunes are composed instead")
            return [*words, "--data", "composed"]
    if is_there():
        os.environ["MELODY_DIR"] = str(MELODIES)
    return words
