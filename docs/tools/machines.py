"""The time of a step on many machines: measured where there are two cores, and a model fitted to it, for any number."""

import csv
import math
import os

from drawing import BLUE, ORANGE, block, gnuplot

SHARDS = 20  # of a batch of 1000 images
CORES = 2  # of the machine that measured


def latencies(ranks):
    """How many messages wait for one another: along the chain, then three broadcasts, each a tree."""
    return ranks - 1 + 3 * math.ceil(math.log2(ranks)) if ranks > 1 else 0


def solve(rows, values):
    """Least squares: the numbers x for which Σ row·x is nearest to the values, by normal equations."""
    n = len(rows[0])
    system = [[sum(row[i] * row[j] for row in rows) for j in range(n)] +
              [sum(row[i] * value for row, value in zip(rows, values))] for i in range(n)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda k: abs(system[k][i]))
        system[i], system[pivot] = system[pivot], system[i]
        for k in range(n):
            if k != i:
                factor = system[k][i] / system[i][i]
                system[k] = [a - factor * b for a, b in zip(system[k], system[i])]
    return [system[i][n] / system[i][i] for i in range(n)]


def share(ranks, shards=SHARDS):
    """Of the work on all shards, that of the rank with the most of them."""
    return math.ceil(shards / ranks) / shards


def fit(measured):
    """Milliseconds that every rank takes alone, that all shards take together, and of a message with each latency."""
    rows = [(1, max(share(ranks), 1 / CORES), latencies(ranks) * (latency == 0), latencies(ranks) * (latency == 1))
            for latency, ranks, _ in measured]
    return solve(rows, [time for _, _, time in measured])


def read(table):
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    return [(int(row["latency_ms"]), int(row["ranks"]), float(row["ms_a_step"])) for row in rows if row["where"] == "hosts"]


def scaling(runs):
    measured = read(os.path.join(runs.data, "many_machines.csv"))
    alone, shards, fast, slow = fit(measured)
    ranks = sorted({round(10 ** (i / 40)) for i in range(121)} | set(range(1, 41)))
    rows = []
    for r in ranks:
        step = alone + shards * share(r)
        # The batch grows with the ranks: each has five shards.
        weak = alone + shards * 5 / SHARDS
        rows.append((r, step + latencies(r) * fast, step + latencies(r) * slow, weak + latencies(r) * fast,
                     weak + latencies(r) * slow))
    return gnuplot(f"""
{block("model", rows)}{block("fast", [(r, t) for d, r, t in measured if d == 0])}{block("slow", [(r, t) for d, r, t in measured if d == 1])}
set multiplot layout 2,1
set logscale xy
set xrange [1:1000]
set xlabel 'ranks'
set ylabel 'milliseconds a step'
set grid
set key top center
set title 'the same batch for all: 20 shards'
plot $model using 1:3 with lines linestyle 2 title 'model, {slow:.2f} ms a message', \\
     $slow using 1:2 with points pointtype 7 pointsize 0.6 linecolor rgb '{ORANGE}' title 'measured', \\
     $model using 1:2 with lines linestyle 1 title 'model, {fast:.2f} ms a message', \\
     $fast using 1:2 with points pointtype 5 pointsize 0.6 linecolor rgb '{BLUE}' title 'measured, on two cores'
set title '5 shards for each rank'
plot $model using 1:5 with lines linestyle 2 title 'model, {slow:.2f} ms a message', \\
     $model using 1:4 with lines linestyle 1 title 'model, {fast:.2f} ms a message'
""", width=420, height=620)
