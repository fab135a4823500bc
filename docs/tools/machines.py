"""The time of a step on many machines: measured where there are two cores, and a model fitted to it, for any number."""

import csv
import math
import os

from drawing import BLUE, ORANGE, block, gnuplot

SHARDS = 20  # of a batch of 1000 images
CORES = 2  # of the machine that measured
NEURONS = 100  # of the networks that were measured, the one that is drawn
PIECE = 32 * 1024  # bytes, of a gradient on its way
FAST_NETWORK = 0.002, 1e-7  # milliseconds for a message and for a byte, as clusters have it: 2 µs, 10 GB/s


def gradient(neurons):
    """Bytes of chapter 06's gradient: W_x, W_y, b, W_out, b_out."""
    return 4 * (28 * neurons + neurons * neurons + neurons + 10 * neurons + 10)


def hops(ranks):
    """Messages that wait for one another in a step: along the chain to the last rank, then a tree to all."""
    return ranks - 1 + math.ceil(math.log2(ranks))


def carried(ranks, size):
    """Bytes that wait for one another: the first piece all along the chain, the others behind it, and the whole sum at
    every level of the tree."""
    first = min(PIECE, size)
    return (ranks - 1) * first + (size - first if ranks > 1 else 0) + math.ceil(math.log2(ranks)) * size


def share(ranks, shards=SHARDS):
    """Of the work on all shards, that of the rank with the most of them."""
    return math.ceil(shards / ranks) / shards


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


class Model:
    """Milliseconds of a step: `alone` for each size of network on one rank, a message with either latency, and a byte."""

    def __init__(self, measured):
        """Fitted to (latency, neurons, ranks, milliseconds). Each time counts relative to its size."""
        sizes = sorted({neurons for _, neurons, _, _ in measured})
        rows, values = [], []
        for latency, neurons, ranks, time in measured:
            work = max(share(ranks), 1 / CORES)
            row = [work * (neurons == size) for size in sizes]
            row += [hops(ranks) * (latency == 0), hops(ranks) * (latency == 1), carried(ranks, gradient(neurons))]
            rows.append([number / time for number in row])
            values.append(1)
        *alone, self.fast, self.slow, self.byte = solve(rows, values)
        self.alone = dict(zip(sizes, alone))
        self.errors = [abs(sum(row) - 1) for row in
                       ([a * b for a, b in zip(row, [*alone, self.fast, self.slow, self.byte])] for row in rows)]

    def networks(self):
        """Milliseconds for a message and for a byte: measured with latency and without, and what clusters have."""
        return (self.slow, self.byte), (self.fast, self.byte), FAST_NETWORK

    def step(self, ranks, network, work):
        """For the network that is drawn, with a core for each rank; `work` is the part of all shards that a rank has."""
        message, byte = network
        return work * self.alone[NEURONS] + hops(ranks) * message + carried(ranks, gradient(NEURONS)) * byte


def read(table):
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    return [(int(row["latency_ms"]), int(row["hidden"]), int(row["ranks"]), float(row["ms_a_step"]))
            for row in rows if row["where"] == "hosts"]


def scaling(runs):
    measured = read(os.path.join(runs.data, "many_machines.csv"))
    model = Model(measured)
    rows = []
    for ranks in sorted({round(10 ** (i / 40)) for i in range(121)} | set(range(1, 41))):
        rows.append((ranks, *(model.step(ranks, network, work) for work in (share(ranks), 5 / SHARDS)
                              for network in model.networks())))
    points = {latency: [(ranks, time) for which, neurons, ranks, time in measured if (which, neurons) == (latency, NEURONS)]
              for latency in (0, 1)}
    return gnuplot(f"""
{block("model", rows)}{block("fast", points[0])}{block("slow", points[1])}
set multiplot layout 2,1
set logscale xy
set xrange [1:1000]
set yrange [0.5:3000]
set xlabel 'ranks'
set ylabel 'milliseconds a step'
set grid
set key top left reverse Left
set title 'strong scaling: 20 shards for all'
plot $model using 1:2 with lines linestyle 2 title '{model.slow:.1f} ms a message', \\
     $model using 1:3 with lines linestyle 1 title '{model.fast:.2f} ms a message', \\
     $model using 1:4 with lines linestyle 3 dashtype 2 title 'on paper: a fast network', \\
     $slow using 1:2 with points pointtype 7 pointsize 0.6 linecolor rgb '{ORANGE}' notitle, \\
     $fast using 1:2 with points pointtype 5 pointsize 0.6 linecolor rgb '{BLUE}' notitle
set title 'weak scaling: 5 shards for each'
plot $model using 1:5 with lines linestyle 2 title '{model.slow:.1f} ms a message', \\
     $model using 1:6 with lines linestyle 1 title '{model.fast:.2f} ms a message', \\
     $model using 1:7 with lines linestyle 3 dashtype 2 title 'on paper: a fast network'
""", width=420, height=620)


if __name__ == "__main__":
    import sys
    fitted = Model(read(sys.argv[1]))
    print(f"a message: {fitted.fast:.2f} ms, with latency {fitted.slow:.2f} ms; a byte: {1e6 * fitted.byte:.0f} ns")
    print(*(f"{neurons} neurons on one rank: {time:.1f} ms" for neurons, time in fitted.alone.items()), sep="\n")
    print(f"errors: {100 * sum(fitted.errors) / len(fitted.errors):.0f}% on average, {100 * max(fitted.errors):.0f}% at most")
    for each in fitted.networks():
        print(*(f"{ranks} ranks: {fitted.step(ranks, each, share(ranks)):.1f} ms, five shards each"
                f" {fitted.step(ranks, each, 5 / SHARDS):.1f} ms" for ranks in (2, 4, 10, 20, 100, 1000)), sep="; ")
