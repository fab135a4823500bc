"""MNIST: whether it is here, and what happens when a program wants it."""

import os
import sys

import processes
from speaking import ROOT, Failure, say

MNIST = ROOT / "data" / "mnist"
FETCH = ROOT / "data" / "fetch_mnist"
PARTS = ("train-images:idx3", "train-labels:idx1", "t10k-images:idx3", "t10k-labels:idx1")


def candidates(part):
    name, axes = part.split(":")
    return [MNIST / f"{name}{mark}{axes}-ubyte{packed}" for mark in "-." for packed in ("", ".gz")]


def is_there():
    """Whether each of the four files is there, under one of its names."""
    return all(any(path.is_file() for path in candidates(part)) for part in PARTS)


def is_right():
    """Whether they are there and are what they should be, which takes a moment to find out."""
    return processes.output_of([FETCH, "--check"])[0] == 0


def fetch(quietly=False):
    """Downloads what is missing or wrong."""
    status = processes.output_of([FETCH])[0] if quietly else processes.run([FETCH], stdout=sys.stderr)
    if status:
        raise Failure("MNIST could not be downloaded")


def download():
    """./course data"""
    if not is_right():
        say("downloading MNIST to data/mnist/")
        fetch()
    say(f"MNIST is there: {MNIST}")


def use():
    """Programs read MNIST from data/mnist, where it is there and nothing else was said."""
    if not os.environ.get("MNIST_DIR") and is_there():
        os.environ["MNIST_DIR"] = str(MNIST)


def has_option(words, *options):
    return any(word == option or word.startswith(option + "=") for word in words for option in options)


def is_wanted(words):
    """Whether 06_mnist with these arguments reads data/mnist by default."""
    return not os.environ.get("MNIST_DIR") and not has_option(words, "--data", "--help", "-h")


def is_to_be_fetched(words):
    # A checkpoint knows which data it was made with; pictures need none, which is not worth a download.
    return is_wanted(words) and not is_there() and not has_option(words, "--resume") and words[:1] != ["predict"]


def with_weights(words):
    """06_mnist's arguments with the weights to look at: one's own where they are here, else the course's."""
    if words[:1] not in (["evaluate"], ["predict"], ["show"]) or has_option(words, "--init", "--help", "-h"):
        return words
    own = "weights.safetensors"
    weights = own if os.path.exists(own) else str(ROOT / "data/weights/digits.safetensors")
    say(f"with the weights {weights}")
    return [*words, "--init", weights]


def choose(words):
    """Sets MNIST_DIR and returns 06_mnist's arguments: built-in digits if MNIST cannot be downloaded."""
    words = with_weights(words)
    if not is_wanted(words):
        return words
    missing = is_to_be_fetched(words)
    os.environ["MNIST_DIR"] = str(MNIST)
    if missing:
        say("looking for MNIST")
        try:
            fetch(quietly=True)
        except Failure:
            say("MNIST cannot be downloaded here (./course data says why): the built-in digits take its place")
            return [*words, "--data", "digits"]
    elif not is_there() and words[:1] == ["predict"] and not has_option(words, "--resume"):
        return [*words, "--data", "digits"]
    return words
