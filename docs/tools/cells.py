"""The figures of chapter 07: what is inside a GRU and an LSTM, what they learn, and what comes back through them."""

import csv
import statistics

from drawing import BLUE, GREEN, ORANGE, PINK, block, gnuplot
from shapes import dot, drawing, element, layer, line, path, words


WIDTH, HEIGHT = 380, 326


def belt_with(name, carried, captions):
    """The conveyor belt from left to right, and what is said above it."""
    shapes = path([(30, 70), (352, 70)], ORANGE, 4) + words(4, 46, carried, "start", color=ORANGE, size=13)
    shapes += words(366, 70, name, color=ORANGE)
    for x, text in captions:
        shapes += words(x, 16, text, size=13, style="italic")
    return shapes


def lstm_cell():
    ink = "currentColor"
    shapes = belt_with("c", "c before", ((66, "what stays"), (190, "what is written")))
    shapes += line([(20, 290), (300, 290)], ink) + words(4, 308, "h before, x", "start", size=13)
    for x, text, color in (78, "f = σ", BLUE), (152, "i = σ", BLUE), (226, "g = tanh", GREEN), (300, "o = σ", BLUE):
        shapes += path([(x, 290), (x, 245)], ink) + (dot(x, 290, ink) if x < 300 else "")
        shapes += layer(x, 225, text, color, 64)
    shapes += path([(78, 205), (78, 85)], BLUE)
    shapes += path([(152, 205), (152, 150), (175, 150)], BLUE) + path([(226, 205), (226, 150), (204, 150)], GREEN)
    shapes += path([(190, 135), (190, 85)], ink)
    shapes += dot(328, 70, ORANGE) + path([(328, 70), (328, 105)], ORANGE) + path([(328, 146), (328, 175)], ink)
    shapes += path([(300, 205), (300, 190), (313, 190)], BLUE) + path([(343, 190), (362, 190)], ink, 2.4)
    shapes += words(371, 190, "h")
    shapes += element(78, 70, "×") + element(190, 70, "+") + element(190, 150, "×") + element(328, 190, "×")
    shapes += element(328, 126, "tanh", 20) + words(334, 16, "what is shown", "middle", 13, style="italic")
    return drawing(shapes, "An LSTM cell", WIDTH, HEIGHT)


def gru_cell():
    ink = "currentColor"
    shapes = belt_with("h", "h before", ((95, "what stays"), (310, "what is written")))
    # The old state goes down to the layers as well; x joins it.
    shapes += dot(44, 70, ORANGE) + line([(44, 70), (44, 286), (232, 286)], ORANGE)
    shapes += words(8, 306, "x") + line([(18, 306), (320, 306)], ink)
    for x, name in ((95, "z"), (156, "r")):
        shapes += path([(x - 8, 286), (x - 8, 245)], ORANGE) + dot(x - 8, 286, ORANGE)
        shapes += path([(x + 8, 306), (x + 8, 245)], ink) + dot(x + 8, 306, ink)
        shapes += layer(x, 225, f"{name} = σ", BLUE, 54)
    shapes += path([(232, 286), (232, 260)], ORANGE)
    shapes += layer(232, 240, "q = u_n + b_y", PINK, 92)
    shapes += path([(232, 220), (232, 187)], PINK)
    shapes += path([(156, 205), (156, 172), (217, 172)], BLUE)
    shapes += path([(247, 172), (285, 172)], ink)
    shapes += path([(320, 306), (320, 192)], ink) + layer(320, 172, "n = tanh", GREEN, 68)
    shapes += path([(320, 152), (320, 139)], GREEN) + path([(320, 109), (320, 85)], ink)
    shapes += path([(95, 205), (95, 85)], BLUE) + dot(95, 124, BLUE)
    shapes += path([(95, 124), (176, 124)], BLUE) + path([(222, 124), (305, 124)], BLUE)
    shapes += element(95, 70, "×") + element(320, 70, "+") + element(320, 124, "×") + element(232, 172, "×")
    shapes += element(199, 124, "1 − z", 22)
    return drawing(shapes, "A GRU cell", WIDTH, HEIGHT)


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


def pixels(runs):
    """Accuracy of each cell over the epochs, on images that are read pixel by pixel."""
    with (runs.data / "pixel_training.csv").open() as file:
        rows = list(csv.DictReader(file))
    blocks, plots = "", []
    for cell, name, style in (("lstm", "LSTM", 1), ("gru", "GRU", 3), ("rnn", "basic cell", 2)):
        blocks += block(cell, [(row["epoch"], row["test_accuracy"]) for row in rows if row["cell"] == cell])
        plots.append(f"${cell} with linespoints linestyle {style} pointtype 7 pointsize 0.4 title '{name}'")
    return gnuplot(f"""
{blocks}
set yrange [0:1]
set xlabel 'epoch'
set ylabel 'accuracy on the test images'
set key at graph 0.98,0.5
plot {', '.join(plots)}, 0.1 with lines linecolor rgb '#888888' dashtype 2 title 'guessing'
""", width=460, height=320)


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
set yrange [1e-5:1]
set mytics 1
set xtics 500
set xlabel 'update'
set ylabel 'mean squared error'
set key bottom right font ',11' spacing 0.8
{panels}""", width=420, height=860)
