"""The figures of chapter 07: what is inside a GRU and an LSTM, what they learn, and what comes back through them."""

import csv
import statistics

from drawing import BLUE, GREEN, ORANGE, PINK, block, gnuplot
from shapes import dot, drawing, element, layer, line, path, words


def lstm_cell():
    ink, belt = "currentColor", ORANGE
    shapes = ""
    # The conveyor belt, from left to right.
    shapes += path([(70, 70), (690, 70)], belt, 4)
    shapes += words(38, 70, "c before", color=belt) + words(716, 70, "c", color=belt)
    # What the layers read.
    shapes += line([(70, 290), (560, 290)], ink) + words(36, 282, "h before,") + words(36, 299, "x")
    for x, text, color in (190, "f = σ", BLUE), (310, "i = σ", BLUE), (430, "g = tanh", GREEN), (560, "o = σ", BLUE):
        shapes += path([(x, 290), (x, 245)], ink) + (dot(x, 290, ink) if x < 560 else "")
        shapes += layer(x, 225, text, color)
    shapes += path([(190, 205), (190, 85)], BLUE)
    shapes += path([(310, 205), (310, 150), (355, 150)], BLUE) + path([(430, 205), (430, 150), (385, 150)], GREEN)
    shapes += path([(370, 135), (370, 85)], ink)
    shapes += dot(640, 70, belt) + path([(640, 70), (640, 105)], belt)
    shapes += path([(640, 146), (640, 175)], ink)
    shapes += path([(560, 205), (560, 190), (625, 190)], BLUE)
    shapes += path([(655, 190), (690, 190)], ink, 2.4) + words(716, 190, "h")
    shapes += element(190, 70, "×") + element(370, 70, "+") + element(370, 150, "×") + element(640, 190, "×")
    shapes += element(640, 126, "tanh", 20)
    for x, y, text in ((190, 36, "what stays"), (370, 36, "what is written"), (700, 222, "what is shown")):
        shapes += words(x, y, text, size=13, style="italic")
    return drawing(shapes, "An LSTM cell", 760, 330)


def gru_cell():
    ink, belt = "currentColor", ORANGE
    shapes = ""
    shapes += path([(70, 70), (690, 70)], belt, 4)
    shapes += words(36, 70, "h before", color=belt) + words(716, 70, "h", color=belt)
    # The old state goes down to the layers as well; x joins it.
    shapes += dot(95, 70, belt) + line([(95, 70), (95, 290), (420, 290)], belt)
    shapes += words(36, 306, "x") + line([(60, 306), (560, 306)], ink)
    for x, name in ((190, "z"), (310, "r")):
        shapes += path([(x - 8, 290), (x - 8, 245)], belt) + dot(x - 8, 290, belt)
        shapes += path([(x + 8, 306), (x + 8, 245)], ink) + dot(x + 8, 306, ink)
        shapes += layer(x, 225, f"{name} = σ", BLUE)
    shapes += path([(420, 290), (420, 260)], belt)
    shapes += layer(420, 240, "q = h·U + b", PINK, 94)
    shapes += path([(420, 220), (420, 187)], PINK)
    shapes += path([(310, 205), (310, 172), (405, 172)], BLUE)
    shapes += path([(435, 172), (521, 172)], ink)
    shapes += path([(560, 306), (560, 192)], ink) + layer(560, 172, "n = tanh", GREEN)
    shapes += path([(560, 152), (560, 139)], GREEN) + path([(560, 109), (560, 85)], ink)
    shapes += path([(190, 205), (190, 85)], BLUE) + dot(190, 124, BLUE)
    shapes += path([(190, 124), (345, 124)], BLUE) + path([(389, 124), (545, 124)], BLUE)
    shapes += element(190, 70, "×") + element(560, 70, "+") + element(560, 124, "×") + element(420, 172, "×")
    shapes += element(367, 124, "1 − z", 22)
    for x, y, text in ((190, 36, "what stays"), (560, 36, "what is written")):
        shapes += words(x, y, text, size=13, style="italic")
    return drawing(shapes, "A GRU cell", 760, 330)


# ---- curves ----

# Name in the table, learning rate, name in the drawing, line style.
CURVES = (("rnn", "0.01", "basic cell", 2), ("rnn", "0.001", "basic cell, rate 0.001", 4),
          ("gru", "0.01", "GRU", 3), ("lstm", "0.01", "LSTM", 1))
COLORS = {1: BLUE, 2: ORANGE, 3: GREEN, 4: PINK}


def norms(runs):
    runs.gated_norms()
    table = runs.data / "gated_norms.csv"
    curves = ((2, 2, 1, "basic cell: h"), (3, 3, 1, "GRU: h"), (4, 1, 2, "LSTM: h"), (5, 1, 1, "LSTM: c"))
    panels = ""
    for title, shift in (("before training", 0), ("after training", 4)):
        # c after the last step has no say any more: zero, which has no place on a logarithmic axis.
        lines = ", ".join(f"'{table}' skip 1 using 1:(above_zero(column({column + shift}))) with lines "
                          f"linestyle {style} dashtype {dash} title '{name}'" for column, style, dash, name in curves)
        panels += f"set title '{title}'\nplot {lines}\nset key off\n"
    return gnuplot(f"""
above_zero(x) = x > 0 ? x : NaN
set multiplot layout 2,1
set logscale y
set format y '10^{{%T}}'
set yrange [1e-8:10]
set xlabel 'time step'
set ylabel 'norm of the gradient'
set mytics 1
set key at graph 0.98,0.5 font ',12' spacing 0.85
{panels}""", width=420, height=680)


def adding(runs):
    """The error of each cell over the updates; bands reach from the best to the worst of the seeds."""
    with (runs.data / "adding_problem.csv").open() as file:
        rows = list(csv.DictReader(file))
    panels = blocks = ""
    for steps in sorted({int(row["steps"]) for row in rows}):
        plots = []
        for number, (cell, rate, name, style) in enumerate(CURVES):
            at = {}
            for row in rows:
                of_curve = (int(row["steps"]), row["cell"], row["learning_rate"]) == (steps, cell, rate)
                if of_curve and int(row["update"]) > 0:
                    at.setdefault(int(row["update"]), []).append(float(row["error"]))
            data = f"curve_{number}_{steps}"
            blocks += block(data, [(u, min(e), statistics.geometric_mean(e), max(e)) for u, e in sorted(at.items())])
            plots.append(f"${data} using 1:2:4 with filledcurves linecolor rgb '{COLORS[style]}' notitle")
            plots.append(f"${data} using 1:3 with lines linestyle {style} title '{name}'")
        panels += (f"set title 'T = {steps}'\nplot {', '.join(plots)}, 1.0 / 6 with lines linecolor rgb '#888888' "
                   "dashtype 2 title 'always answering 1'\nset key off\n")
    return gnuplot(f"""
{blocks}
set multiplot layout 3,1
set style fill transparent solid 0.25 noborder
set logscale y
set format y '10^{{%T}}'
set yrange [1e-8:1]
set mytics 1
set xtics 500
set xlabel 'update'
set ylabel 'mean squared error'
set key bottom right font ',11' spacing 0.8
{panels}""", width=420, height=860)
