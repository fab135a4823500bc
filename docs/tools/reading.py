"""The figures of chapter 06: how the training goes, and what the network reads."""

import csv
import statistics

from drawing import BLUE, COLD, GREEN, NONE, ORANGE, block, gnuplot, sheet
from runs import ROOT


TITLES = {"digits": "built-in digits", "digits_mnist": "MNIST"}


def read(runs, name):
    """What the network made of the built-in digits, or, in the last training, of MNIST's."""
    if not name.endswith("_mnist"):
        runs.built_in_digits()
    return table(runs, name)


def table(runs, name):
    with (runs.data / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def pixels(row):
    return [value for name, value in row.items() if name.startswith("p")]


def bands(runs, kind):
    """Gnuplot's block of data: epoch, least, mean and largest test accuracy over the seeds."""
    epochs = {}
    for row in table(runs, "mnist_training"):
        if row["dropout"] == kind:
            epochs.setdefault(int(row["epoch"]), []).append(float(row["test_accuracy"]))
    rows = [(e, min(a), statistics.mean(a), max(a)) for e, a in sorted(epochs.items())]
    return block(kind, rows), max(map(len, epochs.values()))


def training(runs):
    (with_dropout, seeds), (without, _) = bands(runs, "with"), bands(runs, "without")
    return gnuplot(f"""
{with_dropout}{without}
set style fill transparent solid 0.25 noborder
set key bottom right font ',12'
set xlabel 'epoch'
set ylabel 'accuracy on the test images'
set yrange [0.6:1]
plot $without using 1:2:4 with filledcurves linecolor rgb '{BLUE}' notitle, \\
     $with using 1:2:4 with filledcurves linecolor rgb '{ORANGE}' notitle, \\
     $without using 1:3 with lines linestyle 1 title 'without dropout, {seeds} seeds', \\
     $with using 1:3 with lines linestyle 2 title 'with dropout, in evaluation too, {seeds} seeds', \\
     '{ROOT / "data/notebook/mnist_log.csv"}' skip 1 using 1:3 with points pointtype 7 pointsize 0.5 \\
       linecolor rgb '{GREEN}' title 'the log of the notebook'
""", width=460, height=400)


def confusion(runs):
    """Right answers stand in the diagonal, as numbers; mistakes are colored by how many they are."""
    counts = [[int(n) for n in row.values()] for row in table(runs, "confusion")]
    wrong = [["NaN" if i == j else n for j, n in enumerate(row)] for i, row in enumerate(counts)]
    numbers = [(j, i, n) for i, row in enumerate(counts) for j, n in enumerate(row)]
    return gnuplot(f"""
{block("wrong", wrong)}{block("right", [n for n in numbers if n[0] == n[1]])}
{block("mistakes", [n for n in numbers if n[0] != n[1] and n[2]])}
unset key
unset grid
unset colorbox
set palette defined (0 '{NONE}', 1 '#e8864f')
set xrange [-0.5:9.5]
set yrange [9.5:-0.5]
set xtics 1 scale 0
set ytics 1 scale 0
set xlabel 'read as'
set ylabel 'label'
plot $wrong matrix with image, $right with labels, $mistakes with labels textcolor rgb '#222222'
""", width=460, height=440)


def row_by_row(runs, name):
    rows = read(runs, name)
    beliefs = [[row[str(digit)] for digit in range(10)] for row in rows]
    return gnuplot(f"""
{block("image", map(pixels, rows))}{block("beliefs", beliefs)}
set multiplot
unset key
unset grid
set tmargin at screen 0.88
set bmargin at screen 0.19
set yrange [27.5:-0.5]
set ylabel 'row, a time step each'
set ytics 0,3,27
set palette gray negative
unset colorbox
set title 'image'
set lmargin at screen 0.13
set rmargin at screen 0.46
set xrange [-0.5:27.5]
unset xtics
plot $image matrix with image
set title 'its answer'
unset ylabel
set lmargin at screen 0.54
set rmargin at screen 0.84
set xrange [-0.5:9.5]
set xtics 0,3,9
set xlabel 'digit'
set colorbox
set cblabel 'probability'
set cbrange [0:1]
set palette color positive defined (0 '{NONE}', 1 '{COLD}')
plot $beliefs matrix with image
""", width=480, height=360)


def misread(runs, name):
    rows = read(runs, name)
    captions = [f"{row['label']} read as {row['digit']}" for row in rows]
    return gnuplot(sheet(map(pixels, rows), 6, captions), width=480, height=420)


def digits(runs, *names):
    """The first test images: the built-in ones, or beside them MNIST's."""
    panels = "".join(f"set title '{TITLES[name]}'\n{sheet(map(pixels, read(runs, name)), 10)}" for name in names)
    width, height = (480, 230) if len(names) == 1 else (900, 240)
    return gnuplot(f"set multiplot layout 1,{len(names)}\n{panels}", width, height)
