#!/usr/bin/env python3
"""Prints the numbers that the pages quote from training runs recorded in docs/figures/data/.

    measured.py mnist     test accuracy on MNIST after some epochs: least, mean and largest of the seeds
    measured.py adding    the first update after which the error is below 0.01, for each seed
"""

import csv
import pathlib
import statistics
import sys

DATA = pathlib.Path(__file__).resolve().parents[1] / "figures/data"


def table(name):
    with (DATA / name).open() as file:
        return list(csv.DictReader(file))


def mnist():
    rows = table("mnist_training.csv")
    for kind in ("with", "without"):
        for epoch in (0, 4, 9, 18):
            of = [float(row["test_accuracy"]) for row in rows if (row["dropout"], row["epoch"]) == (kind, str(epoch))]
            print(f"{kind} dropout, epoch {epoch}: {min(of):.3f} {statistics.mean(of):.3f} {max(of):.3f}")
    counts = [[int(n) for n in row.values()] for row in table("confusion.csv")]
    right, all_images = sum(row[i] for i, row in enumerate(counts)), sum(map(sum, counts))
    print(f"confusion: accuracy {right / all_images:.4f}, {all_images - right} misread")
    mistakes = sorted(((n, i, j) for i, row in enumerate(counts) for j, n in enumerate(row) if i != j), reverse=True)
    for n, i, j in mistakes[:5]:
        print(f"  {i} read as {j}: {n}")


def adding():
    first = {}
    for row in table("adding_problem.csv"):
        key = row["steps"], row["cell"], row["learning_rate"]
        below = first.setdefault(key, {}).setdefault(row["seed"], [])
        if float(row["error"]) < 0.01:
            below.append(int(row["update"]))
    for (steps, cell, rate), seeds in sorted(first.items(), key=lambda item: (item[0][1], item[0][2], int(item[0][0]))):
        print(f"{cell}, learning rate {rate}, T = {steps}:", *(min(at) if at else "never" for at in seeds.values()))


if __name__ == "__main__":
    what = {"mnist": mnist, "adding": adding}.get(sys.argv[1] if len(sys.argv) == 2 else "")
    if what is None:
        raise SystemExit("measured: expected mnist or adding")
    what()
