#!/usr/bin/env python3
"""Draws the figures of the pages from runs of the chapters: docs/figures/*.svg, and the numbers in docs/figures/data/.

    figures.py [--build BUILD] [--training] [NAME…]

--training trains anew what the named figures show: on MNIST (in $MNIST_DIR or data/mnist), on chapter 07's adding
problem and on composed tunes, some minutes each, and on MNIST pixel by pixel, most of an hour; with the tunes it also
makes docs/audio/ anew. Otherwise the numbers of the last time are drawn. Figures with images of MNIST, NAME_mnist, are
for this machine only: the images are not ours to hand on.
"""

import argparse
import json
import re
import sys

import cells
import diagrams
import reading
import tunes
from drawing import COLD, NONE, ORANGE, WARM, block, gnuplot, graphviz
from roofline import roofline
from runs import ROOT, Runs

FIGURES = ROOT / "docs/figures"
DATA = FIGURES / "data"

def tanh(runs):
    """Where tanh is flat its slope is next to nothing."""
    return gnuplot(f"""
set xrange [-5:5]
set yrange [-1.1:1.1]
set xlabel 'pre-activation'
set key at graph 0.98,0.3
plot tanh(x) with lines linestyle 1 title 'tanh', 1 - tanh(x)**2 with lines linestyle 2 title 'its slope'
""", width=380, height=260)


def loss(runs):
    """The loss over the weight, and its slope where the run starts."""
    table = [runs.chapter("02", "slope", "--weight", w / 20, "--updates", 0) for w in range(0, 31)]
    points = [re.search(r"h2 +loss\n +(.*)", text)[1].split() for text in table]
    downhill = re.findall(r"(?m)^ +\d+ +(\S+) +(\S+) +(\S+)$", runs.chapter("02", "slope").split("Downhill")[1])
    w, slope, height = map(float, downhill[0])
    return gnuplot(f"""
{block("loss", [(row[0], row[4]) for row in points])}{block("downhill", downhill)}
set xrange [0:1.5]
set yrange [0:0.26]
set xlabel 'w'
set ylabel 'loss'
set key top right
plot $loss using 1:2 with lines linestyle 1 title 'loss', \\
     {height} + {slope} * (x - {w}) with lines linestyle 2 dashtype 2 title 'slope at w = {w}', \\
     $downhill using 1:3 with points pointtype 7 pointsize 0.6 linecolor rgb '{ORANGE}' title 'downhill'
""", width=380, height=280)


def fading(runs, steps=9):
    """How much of a different start is left after each step."""
    states = [json.loads(runs.chapter("02", "--steps", steps, "--initial-state", start, "--json"))["outputs"]
              for start in (0, 0.5)]
    rows = []
    for t in range(steps):
        gaps = [abs(a - b) for one, other in zip(*states) for a, b in zip(one[t], other[t])]
        rows.append((t, sum(gaps) / len(gaps)))
    return gnuplot(f"""
{block("gaps", rows)}
set xlabel 'time step'
set ylabel 'mean difference'
set logscale y
set format y '10^{{%T}}'
unset key
plot $gaps using 1:2 with linespoints linestyle 2 pointtype 7
""", width=380, height=260)


def growth(runs):
    runs.growth()
    table = DATA / "growth.csv"
    return gnuplot(f"""
set multiplot layout 2,1
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
""", width=420, height=560)


def hidden_states(runs):
    runs.hidden_states()
    lengths, steps = (12, 8, 5, 2), 12
    masked = "\n".join(
        f"set object rectangle from {i * (steps + 1) + n - 0.5},-0.5 to {i * (steps + 1) + steps - 0.5},7.5 "
        f"fillcolor rgb '#999999' fillstyle pattern 4 noborder behind\n" for i, n in enumerate(lengths) if n < steps)
    tics = ",".join(f"'{t}' {i * (steps + 1) + t}" for i in range(4) for t in range(0, steps, 3))
    titles = "\n".join(f"set label '{n} steps' at {i * (steps + 1) + 5.5},-1.1 center"
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
""", width=440, height=240)


def gradient_norms(runs):
    runs.gradient_norms()
    norms = DATA / "gradient_norms.csv"
    panels = "".join(f"""
set title '{name}'
plot for [i=0:2] '{norms}' skip 1 using 1:(column(i + {first})) with lines linestyle i+1 title 'W_y times '.word('0.5 1 2', i + 1)
set key off
""" for name, first in (("linear", 2), ("tanh", 5), ("tanh, saturated", 8)))
    return gnuplot(f"""
set multiplot layout 3,1
set logscale y
set format y '10^{{%T}}'
set yrange [1e-40:1e20]
set xlabel 'time step'
set ylabel 'norm of the gradient'
set mytics 1
set key bottom right noenhanced font ',12' spacing 0.85
{panels}""", width=420, height=860)


def clipping(runs):
    table = DATA / "clipping.csv"
    return gnuplot(f"""
set multiplot layout 2,1
set logscale y
set xlabel 'update'
set key at graph 0.98,0.6
set title 'loss'
plot '{table}' skip 1 using 1:2 with lines linestyle 2 title 'not clipped', \\
     '' skip 1 using 1:4 with lines linestyle 1 title 'clipped at 1'
set key off
set title 'norm of the gradient, before clipping'
plot '{table}' skip 1 using 1:3 with lines linestyle 2 title 'not clipped', \\
     '' skip 1 using 1:5 with lines linestyle 1 title 'clipped at 1'
""", width=420, height=560)


DRAWN = {
    "two_steps": diagrams.two_steps,
    "tanh": tanh,
    "loss": loss,
    "one_neuron": diagrams.one_neuron,
    "scalars": diagrams.scalars,
    "cube": diagrams.cube,
    "unrolled": diagrams.unrolled,
    "fading": fading,
    "loop": diagrams.loop,
    "padded": diagrams.padded,
    "through_time": diagrams.through_time,
    "rows": diagrams.rows,
    "adding": diagrams.adding,
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
    "pixel_training": cells.pixels,
    "melody_training": tunes.training,
    "melody_influence": tunes.influence,
    "melody_neurons": tunes.neurons,
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
    trained = {"adding_problem": runs.adding, "pixel_training": runs.pixels, "melody_training": runs.melody}
    for name, train in trained.items():
        if options.training and name in (options.names or DRAWN):
            train()
    if options.training and {*(options.names or DRAWN)} - {*trained}:
        runs.training()
    for name in options.names or DRAWN:
        if name.endswith("_mnist") and not (DATA / f"{name}.csv").exists():
            print(f"figures: {name} needs a training on MNIST: ./course figures --training", file=sys.stderr)
            continue
        (FIGURES / f"{name}.svg").write_text(DRAWN[name](runs))
        print(f"docs/figures/{name}.svg")


if __name__ == "__main__":
    main()
