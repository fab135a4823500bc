#!/usr/bin/env python3
"""Draws the figures of the pages from runs of the chapters: docs/figures/*.svg, and the numbers in docs/figures/data/.

    figures.py [--build BUILD] [--training] [NAME…]

--training trains on MNIST anew (in $MNIST_DIR or data/mnist; long); otherwise the numbers of the last time are drawn.
"""

import argparse
import csv
import pathlib
import statistics

from drawing import BLUE, GREEN, ORANGE, gnuplot, graphviz
from runs import Runs

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIGURES = ROOT / "docs/figures"
DATA = FIGURES / "data"

TWO_STEPS = f"""digraph {{
  nodesep=0.7; ranksep=0.6;
  node [fontname="Helvetica", shape=box, style=rounded]; edge [fontname="Helvetica", arrowsize=0.7];
  x0 [shape=ellipse, color="{BLUE}", fontcolor="{BLUE}"]; x1 [shape=ellipse, color="{BLUE}", fontcolor="{BLUE}"];
  start [label="y_start = 0", shape=plaintext]; state [label="state", shape=plaintext];
  h0 [label="y0 = tanh(x0·W_x + y_start·W_y + b)"]; h1 [label="y1 = tanh(x1·W_x + y0·W_y + b)"];
  {{ rank=same; start; h0; h1; state }}
  x0 -> h0 [label="  W_x", color="{BLUE}", fontcolor="{BLUE}"];
  x1 -> h1 [label="  W_x", color="{BLUE}", fontcolor="{BLUE}"];
  start -> h0 [label="W_y", color="{ORANGE}", fontcolor="{ORANGE}", penwidth=2];
  h0 -> h1 [label="W_y", color="{ORANGE}", fontcolor="{ORANGE}", penwidth=2];
  h1 -> state;
}}"""
# From low to high in heat maps: the same on any ground.
COLD, NONE, WARM = "#1464a5", "#f7f7f7", "#c8501e"


def growth(runs):
    runs.growth()
    table = DATA / "growth.csv"
    return gnuplot(f"""
set multiplot layout 1,2
set logscale xy 2
set key top left
set xlabel 'time steps'
set xtics (1,2,4,8,16,32,64)
set xrange [1:64]
set title 'nodes on the tape'
plot '{table}' skip 1 using 1:2 with linespoints linestyle 2 pointtype 7 title 'step by step', \\
     '' skip 1 using 1:5 with linespoints linestyle 1 pointtype 5 title 'one looping node'
set title 'bytes kept: forward (dashed), and back'
set format y '%.0f'
plot '{table}' skip 1 using 1:4 with linespoints linestyle 2 pointtype 7 title 'step by step', \\
     '' skip 1 using 1:3 with lines linestyle 2 dashtype 2 notitle, \\
     '' skip 1 using 1:7 with linespoints linestyle 1 pointtype 5 title 'one looping node', \\
     '' skip 1 using 1:6 with lines linestyle 1 dashtype 2 notitle
""", width=900)


def hidden_states(runs):
    runs.hidden_states()
    lengths, steps = (12, 8, 5, 2), 12
    masked = "\n".join(
        f"set object rectangle from {i * (steps + 1) + n - 0.5},-0.5 to {i * (steps + 1) + steps - 0.5},7.5 "
        f"fillcolor rgb '#999999' fillstyle pattern 4 noborder behind\n" for i, n in enumerate(lengths) if n < steps)
    tics = ",".join(f"'{t}' {i * (steps + 1) + t}" for i in range(4) for t in range(0, steps, 3))
    titles = "\n".join(f"set label 'sequence {i}: {n} steps' at {i * (steps + 1) + 5.5},-1.1 center"
                       for i, n in enumerate(lengths))
    return gnuplot(f"""
{masked}
{titles}
set palette defined (-1 '{COLD}', 0 '{NONE}', 1 '{WARM}')
set cbrange [-1:1]
set cblabel 'output'
set yrange [7.5:-0.5]
set xrange [-0.5:50.5]
set tmargin 3
unset grid
unset key
set xtics ({tics})
set xlabel 'time step'
set ylabel 'neuron'
plot '{DATA / "hidden_states.csv"}' skip 1 matrix with image pixels
""", width=1000, height=300)


def gradient_norms(runs):
    runs.gradient_norms()
    norms = DATA / "gradient_norms.csv"
    panels = "".join(f"""
set title '{name}'
plot for [i=0:2] '{norms}' skip 1 using 1:(column(i + {first})) with lines linestyle i+1 title word('0.5 1 2', i + 1)
set key off
""" for name, first in (("linear", 2), ("tanh", 5), ("tanh, saturated", 8)))
    return gnuplot(f"""
set multiplot layout 1,3
set logscale y
set format y '10^{{%T}}'
set yrange [1e-40:1e20]
set xlabel 'time step'
set ylabel 'norm of the gradient'
set mytics 1
set key at graph 0.95,0.45 title 'W_y times' noenhanced
{panels}""", width=1000)


def clipping(runs):
    table = DATA / "clipping.csv"
    return gnuplot(f"""
set multiplot layout 1,2
set logscale y
set xlabel 'update'
set key at graph 0.98,0.55
set title 'loss'
plot '{table}' skip 1 using 1:2 with lines linestyle 2 title 'not clipped', \\
     '' skip 1 using 1:4 with lines linestyle 1 title 'clipped at 1'
set title 'norm of the gradient, before clipping'
plot '{table}' skip 1 using 1:3 with lines linestyle 2 title 'not clipped', \\
     '' skip 1 using 1:5 with lines linestyle 1 title 'clipped at 1'
""", width=900)


def bands(kind):
    """Gnuplot's block of data: epoch, least, mean and largest test accuracy over the seeds."""
    epochs = {}
    with (DATA / "mnist_training.csv").open() as file:
        for row in csv.DictReader(file):
            if row["dropout"] == kind:
                epochs.setdefault(int(row["epoch"]), []).append(float(row["test_accuracy"]))
    lines = [f"{e},{min(a)},{statistics.mean(a)},{max(a)}" for e, a in sorted(epochs.items())]
    return f"${kind} << EOD\n" + "\n".join(lines) + "\nEOD\n", max(len(a) for a in epochs.values())


def mnist_training(runs):
    (with_dropout, seeds), (without, _) = bands("with"), bands("without")
    seeds = f"{seeds} seeds" if seeds > 1 else "1 seed"
    return gnuplot(f"""
{with_dropout}{without}
set style fill transparent solid 0.2 noborder
set key bottom right
set xlabel 'epoch'
set ylabel 'accuracy on the test images'
set yrange [0.6:1]
plot $without using 1:2:4 with filledcurves linecolor rgb '{BLUE}' notitle, \\
     $with using 1:2:4 with filledcurves linecolor rgb '{ORANGE}' notitle, \\
     $without using 1:3 with lines linestyle 1 title 'without dropout, {seeds}', \\
     $with using 1:3 with lines linestyle 2 title 'with dropout, in evaluation too, {seeds}', \\
     '{ROOT / "data/notebook/mnist_log.csv"}' skip 1 using 1:3 with points pointtype 7 pointsize 0.5 \\
       linecolor rgb '{GREEN}' title 'the log of the notebook'
""", height=420)


def digit(runs):
    return gnuplot(f"""
set multiplot layout 1,2
unset key
unset grid
set yrange [27.5:-0.5]
set ylabel 'row, a time step each'
set palette gray negative
unset colorbox
set title 'what the network reads'
set xrange [-0.5:27.5]
set size ratio -1
plot '{DATA / "digit_image.csv"}' skip 1 matrix with image pixels
set title 'what it believes after each row'
set xrange [-0.5:9.5]
set xtics 1
set xlabel 'digit'
set size noratio
set colorbox
set cbrange [0:1]
set palette color positive defined (0 '{NONE}', 1 '{COLD}')
plot '{DATA / "digit.csv"}' skip 1 every ::1 matrix using ($1-1):2:3 with image pixels
""", width=900, height=420)


DRAWN = {
    "two_steps": lambda runs: graphviz(TWO_STEPS),
    "static_2_steps": lambda runs: graphviz(runs.dot("02", 2)),
    "static_8_steps": lambda runs: graphviz(runs.dot("02", 8)),
    "dynamic": lambda runs: graphviz(runs.dot("03", 8)),
    "growth": growth,
    "hidden_states": hidden_states,
    "gradient_norms": gradient_norms,
    "clipping": clipping,
    "mnist_training": mnist_training,
    "digit": digit,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=ROOT / "build")
    parser.add_argument("--training", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME", default=[], help=", ".join(DRAWN))
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in DRAWN]
    if unknown:
        raise SystemExit(f"figures: there is no figure '{unknown[0]}'; there are: {', '.join(DRAWN)}")
    DATA.mkdir(parents=True, exist_ok=True)
    runs = Runs(options.build, DATA)
    if options.training:
        runs.mnist_training()
    for name in options.names or DRAWN:
        (FIGURES / f"{name}.svg").write_text(DRAWN[name](runs))
        print(f"docs/figures/{name}.svg")


if __name__ == "__main__":
    main()
