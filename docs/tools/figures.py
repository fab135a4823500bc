#!/usr/bin/env python3
"""Draws the figures of the pages from runs of the chapters: docs/figures/*.svg, and the numbers in docs/figures/data/.

    figures.py [--build BUILD] [--training] [NAME…]

--training trains anew what the named figures show: on MNIST (in $MNIST_DIR or data/mnist) and on chapter 07's adding
problem, some minutes each; otherwise the numbers of the last time are drawn. Figures with images of MNIST, NAME_mnist,
are for this machine only: the images are not ours to hand on.
"""

import argparse
import sys

import cells
import reading
from drawing import BLUE, COLD, NONE, ORANGE, WARM, gnuplot, graphviz
from roofline import roofline
from runs import ROOT, Runs

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


def growth(runs):
    runs.growth()
    table = DATA / "growth.csv"
    return gnuplot(f"""
set multiplot layout 1,2
set logscale xy 2
set key top left
set xlabel 'time steps'
set xtics (1,2,4,8,16,32,64)
set xrange [1:70]
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
plot '{DATA / "hidden_states.csv"}' skip 1 matrix with image pixels notitle
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


DRAWN = {
    "two_steps": lambda runs: graphviz(TWO_STEPS),
    "static_2_steps": lambda runs: graphviz(runs.dot("02", 2)),
    "static_8_steps": lambda runs: graphviz(runs.dot("02", 8)),
    "dynamic": lambda runs: graphviz(runs.dot("03", 8)),
    "growth": growth,
    "hidden_states": hidden_states,
    "gradient_norms": gradient_norms,
    "clipping": clipping,
    "roofline": roofline,
    "mnist_training": reading.training,
    "confusion": reading.confusion,
    "digits": lambda runs: reading.digits(runs, "digits"),
    "reading": lambda runs: reading.row_by_row(runs, "reading"),
    "misread": lambda runs: reading.misread(runs, "misread"),
    "gru_cell": lambda runs: cells.gru_cell(),
    "lstm_cell": lambda runs: cells.lstm_cell(),
    "gated_norms": cells.norms,
    "adding_problem": cells.adding,
    "digits_mnist": lambda runs: reading.digits(runs, "digits", "digits_mnist"),
    "reading_mnist": lambda runs: reading.row_by_row(runs, "reading_mnist"),
    "misread_mnist": lambda runs: reading.misread(runs, "misread_mnist"),
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
    if options.training and set(options.names) != {"adding_problem"}:
        runs.training()
    if options.training and {"adding_problem"} & set(options.names or DRAWN):
        runs.adding()
    for name in options.names or DRAWN:
        if name.endswith("_mnist") and not (DATA / f"{name}.csv").exists():
            print(f"figures: {name} needs a training on MNIST: ./course figures --training", file=sys.stderr)
            continue
        (FIGURES / f"{name}.svg").write_text(DRAWN[name](runs))
        print(f"docs/figures/{name}.svg")


if __name__ == "__main__":
    main()
