"""Diagrams of ideas, narrow enough for a phone. The numbers in them are what the chapters print."""

import math
import re

from drawing import BLUE, GREEN, ORANGE, PURPLE
from shapes import box, dot, drawing, element, line, node, path, words

INK, GREY = "currentColor", "#888888"
WIDTH = 380


def small(x, y, text, color=INK, anchor="middle", style="normal"):
    return words(x, y, text, anchor=anchor, size=12.5, color=color, style=style)


# ---- chapter 01 ----

def two_steps(runs):
    """The layer at two time steps, the same weights at both."""
    shapes = box(78, 54, 256, 100, GREY, dash="4 4", thick=1)
    shapes += small(206, 170, "W_x, W_y and b: stored once, used at both steps", GREY)
    for x, t in ((158, 0), (292, 1)):
        shapes += node(x, 24, f"x{t}", BLUE) + path([(x, 40), (x, 103)], BLUE) + small(x + 22, 70, "W_x", BLUE)
        shapes += node(x, 122, "tanh", width=52, height=36)
    shapes += words(40, 122, "y_start", color=ORANGE) + path([(72, 122), (131, 122)], ORANGE, 3)
    shapes += path([(185, 122), (265, 122)], ORANGE, 3) + words(225, 106, "y0 · W_y", color=ORANGE, size=13)
    shapes += words(96, 106, "W_y", color=ORANGE, size=13)
    shapes += path([(319, 122), (352, 122)], ORANGE, 3) + words(364, 122, "y1", color=ORANGE, size=14)
    return drawing(shapes, "A recurrent layer at two time steps", WIDTH, 186)


# ---- before chapter 02: what is a gradient ----

def slope_numbers(runs):
    """What 02_static_unrolling slope prints: the values forward, and step by step back."""
    text = runs.chapter("02", "slope").split("Downhill")[0]
    forward = re.search(r"h2 +loss\n +(.*)", text)[1].split()
    steps = {int(row[0]): row[1:] for row in (found.split() for found in re.findall(r"(?m)^ {7}\d .*", text))}
    return {"w": forward[0], "h": forward[1:4], "loss": f"{float(forward[4]):.4f}", "steps": steps,
            "dw": re.search(r"their sum = (\S+)", text)[1]}


def share(numbers, t):
    return f"{float(numbers['steps'][t][2]):.4f}".replace("-", "−")


def chain(top, numbers, reached, shares):
    """One frame: the three steps with their values, and the backward pass as far as it has come."""
    shapes = ""
    at = {0: 58, 1: 150, 2: 242}
    for t, x in at.items():
        shapes += node(x, top + 30, numbers["h"][t], width=60) + small(x, top + 4, f"h{t}", GREY)
        if t < 2:
            shapes += path([(x + 30, top + 26), (at[t + 1] - 31, top + 26)], INK) + small(x + 46, top + 14, "· w", GREY)
    shapes += path([(272, top + 26), (302, top + 26)], INK) + node(336, top + 30, numbers["loss"], width=66)
    shapes += small(336, top + 4, "loss", GREY)
    shapes += path([(10, top + 26), (27, top + 26)], BLUE) + words(6, top + 10, "1", color=BLUE, size=13, anchor="start")
    for t in range(2, reached - 1, -1):
        x, start = at[t], 302 if t == 2 else at[t + 1] - 31
        shapes += path([(start, top + 38), (x + 31, top + 38)], PURPLE, 2)
        shapes += small((start + x + 31) / 2, top + 54, numbers["steps"][t][0].replace("-", "−"), PURPLE)
        if t >= shares:
            shapes += path([(x, top + 46), (x, top + 76)], PURPLE, 2)
            shapes += small(x, top + 88, share(numbers, t), PURPLE)
    return shapes


def one_neuron(runs):
    """The backward pass through three steps of one neuron, a picture for each step back."""
    numbers = slope_numbers(runs)
    frames = (("1  Forward: each output from the one before", 3, 3), ("2  How the loss reacts to h2", 2, 3),
              ("3  Step 2: what w did there, and on to h1", 1, 2), ("4  Step 1: the same w again, and on to h0", 0, 1),
              ("5  Step 0: w was multiplied by 0", 0, 0))
    shapes, top = "", 0
    for title, reached, shares in frames:
        shapes += words(4, top + 14, title, anchor="start", size=13.5)
        shapes += chain(top + 36, numbers, reached, shares)
        top += 100 if shares == 3 else 136
    total = " + ".join(share(numbers, t) for t in (2, 1, 0))
    shapes += words(4, top + 10, f"slope = {total}".replace("+ −", "− "), anchor="start", size=13, color=PURPLE)
    shapes += words(4, top + 30, f"= {float(numbers['dw']):.4f}".replace("-", "−"), anchor="start", size=13, color=PURPLE)
    return drawing(shapes, "Three steps of one neuron, forward and backward", WIDTH, top + 44)


# ---- autodiff ----

def scalar_numbers(runs):
    rows = re.findall(r"(?m)^(\w)\b.*?(-?[\d.]+) +(-?[\d.]+)$", runs.chapter("02", "scalars"))
    return {name: (value, gradient) for name, value, gradient in rows}


def scalars(runs):
    """Five numbers on a tape: the forward pass, then a picture for each step of the backward pass."""
    numbers = scalar_numbers(runs)
    w, h = float(numbers["w"][0]), float(numbers["h"][0])
    slope = 1 - math.tanh(w * h + h) ** 2
    at = {"w": (45, 20), "h": (45, 84), "p": (158, 20), "a": (250, 52), "y": (342, 52)}
    # Each edge: where its words stand, what it does forward, what goes back along it.
    edges = {("w", "p"): (102, 8, "× h", slope * h), ("h", "p"): (112, 62, "× w", slope * w),
             ("p", "a"): (222, 20, "+", slope), ("h", "a"): (156, 84, "+", slope), ("a", "y"): (296, 24, "tanh", slope)}
    first, second, third = {("a", "y")}, {("p", "a"), ("h", "a")}, {("w", "p"), ("h", "p")}
    frames = (("1  Forward: values", set(), ""),
              ("2  Back from y to a: times the slope of tanh", first, "ya"),
              ("3  Back from a: a sum hands the gradient to both", first | second, "yap"),
              ("4  Back from p: times the other factor", first | second | third, "yapwh"))
    shapes, top = "", 0
    for title, walked, known in frames:
        shapes += words(4, top + 12, title, anchor="start", size=13.5) + frame(at, edges, numbers, top + 52, walked, known)
        top += 178
    return drawing(shapes, "Five numbers on a tape, forward and backward", WIDTH, top - 6)


def frame(at, edges, numbers, top, walked, known):
    shapes = ""
    for (a, b), (x, y, text, gradient) in edges.items():
        going = (a, b) in walked
        ends = [(at[a][0] + 31, at[a][1] + top), (at[b][0] - 32, at[b][1] + top)]
        shapes += path(ends[::-1] if going else ends, PURPLE if going else INK, 2 if going else 1.4)
        shapes += small(x, y + top, f"{gradient:.4f}" if going else text, PURPLE if going else GREY)
    for name, (x, y) in at.items():
        value, gradient = numbers[name]
        shapes += node(x, y + top, value, BLUE if name in "wh" else INK, width=60)
        below = 25 if name in "hay" else -25
        text = f"d{name} = {gradient}" if name in known else name
        shapes += small(x, y + top + below, text, PURPLE if name in known else GREY)
    return shapes


# ---- chapter 02 ----

def cube(runs):
    """A batch of sequences as a block of numbers, with one time step taken out."""
    shapes, size, dx, dy = "", 26, 11, -9
    batch, time, inputs = 4, 2, 3

    def block(x0, y0, steps, color, faint=False):
        out = ""
        for t in reversed(range(steps)):
            for i in range(batch):
                for k in range(inputs):
                    x, y = x0 + k * size + t * 3 * dx, y0 + i * size + t * 3 * dy
                    out += box(x, y, size, size, color if t == 0 else GREY, "ground", thick=1.2)
        return out

    shapes += block(76, 88, time, BLUE)
    shapes += small(115, 208, "3 inputs") + small(36, 130, "batch") + small(36, 146, "of 4")
    shapes += path([(68, 90), (68, 190)], GREY, 1.2) + path([(78, 198), (152, 198)], GREY, 1.2)
    shapes += path([(160, 190), (194, 162)], GREY, 1.2) + small(206, 182, "2 steps")
    shapes += words(226, 110, "→", size=22)
    shapes += block(262, 74, 1, BLUE) + small(301, 194, "x0: 4 × 3", BLUE)
    shapes += small(301, 58, "all sequences", GREY) + small(115, 40, "time × batch × inputs", anchor="middle")
    shapes += small(301, 40, "one step of it:", GREY)
    return drawing(shapes, "A batch of sequences, and one time step of it", WIDTH, 220)


def unrolled(runs):
    """The weights once, the operations once for each step."""
    shapes = box(96, 12, 188, 34, ORANGE, round=6) + words(190, 29, "W_x, W_y, b: once", color=ORANGE)
    for x, t in ((70, 0), (190, 1), (310, 2)):
        shapes += path([(190, 46), (x, 83)], ORANGE, 1.6) + node(x, 102, f"step {t}", width=70, height=36)
        shapes += path([(x, 160), (x, 122)], BLUE) + words(x, 172, f"x{t}", color=BLUE)
        if t < 2:
            shapes += path([(x + 36, 102), (x + 84, 102)], INK, 3) + small(x + 58, 88, f"y{t}")
    shapes += path([(346, 102), (372, 102)], INK, 3) + small(360, 88, "y2")
    return drawing(shapes, "A cell unrolled over three steps", WIDTH, 186)


# ---- chapter 03 ----

def loop(runs):
    """Step by step, and as one node."""
    shapes = words(4, 16, "Step by step: five nodes for each step", anchor="start", size=13.5)
    for x, t in ((62, 0), (152, 1), (242, 2)):
        shapes += box(x - 36, 34, 72, 74, GREY, dash="4 3") + small(x, 46, f"t = {t}", GREY)
        for row in range(5):
            shapes += box(x - 24, 58 + 9 * row, 48, 6, BLUE if row == 0 else INK, "ground", thick=1.2)
        shapes += path([(x + 37, 84), (x + 53, 84)], INK, 2.4)
    shapes += words(318, 84, "…", size=18)
    shapes += words(4, 138, "One looping node: the same for any length", anchor="start", size=13.5)
    shapes += words(22, 192, "x", color=BLUE) + path([(34, 192), (86, 192)], BLUE)
    shapes += box(88, 158, 204, 68, INK, "ground", round=8) + small(190, 178, "DynamicRnn") + small(190, 198, "for t = 0 … T − 1:")
    shapes += small(190, 214, "one step of the cell") + path([(292, 192), (322, 192)], INK) + small(352, 192, "outputs")
    return drawing(shapes, "Two ways to unroll", WIDTH, 236)


# ---- chapter 04 ----

def padded(runs):
    """Four sequences of different lengths in one batch, their outputs and their states."""
    lengths, shapes = (2, 1, 0, 2), ""
    columns = ((96, "inputs"), (216, "outputs"), (330, "state"))
    for x, title in columns:
        shapes += words(x, 14, title, size=13.5)
    for t in (0, 1):
        shapes += small(72 + 48 * t, 34, f"t = {t}", GREY) + small(192 + 48 * t, 34, f"t = {t}", GREY)
    for i, length in enumerate(lengths):
        y = 48 + 36 * i
        shapes += small(4, y + 15, f"{i}", GREY, "start")
        for t in (0, 1):
            valid = t < length
            shapes += box(50 + 48 * t, y, 44, 28, BLUE if valid else GREY, dash="" if valid else "3 3")
            shapes += small(72 + 48 * t, y + 14, f"x{t}" if valid else "pad", BLUE if valid else GREY)
            shapes += box(170 + 48 * t, y, 44, 28, INK if valid else GREY, dash="" if valid else "3 3")
            shapes += small(192 + 48 * t, y + 14, f"y{t}" if valid else "0", INK if valid else GREY)
        state = f"y{length - 1}" if length else "start"
        shapes += box(304, y, 52, 28, ORANGE) + small(330, y + 14, state, ORANGE)
        if length:
            shapes += path([(214 + 48 * (length - 1), y + 20), (303, y + 20)], ORANGE, 1.4)
    return drawing(shapes, "A padded batch", WIDTH, 196)


# ---- chapter 05 ----

def through_time(runs):
    """Forward along the sequence, backward along it; what a shared weight gets from each step is added up."""
    shapes, top = "", 34
    shapes += words(4, 10, "Forward", anchor="start", size=13.5)
    xs = (48, 128, 208)
    for t, x in enumerate(xs):
        shapes += node(x, top + 14, f"step {t}", width=52) + path([(x + 26, top + 14), (x + 53, top + 14)], INK)
        shapes += small(x + 40, top - 8, f"h{t}", GREY) + path([(x, top + 62), (x, top + 31)], ORANGE)
    shapes += node(284, top + 14, "dense", width=46) + path([(307, top + 14), (329, top + 14)], INK)
    shapes += node(351, top + 14, "loss", width=42)
    shapes += box(20, top + 62, 216, 24, ORANGE, round=6) + small(128, top + 74, "the same W_x, W_y, b", ORANGE)
    top = 170
    shapes += words(4, top - 28, "Backward", anchor="start", size=13.5, color=PURPLE)
    for t, x in enumerate(xs):
        shapes += node(x, top + 14, f"step {t}", PURPLE, width=52) + path([(x + 54, top + 14), (x + 28, top + 14)], PURPLE)
        shapes += small(x + 40, top - 8, f"dh{t}", PURPLE) + path([(x, top + 30), (x, top + 61)], PURPLE)
    shapes += node(284, top + 14, "dense", PURPLE, width=46) + path([(329, top + 14), (309, top + 14)], PURPLE)
    shapes += node(351, top + 14, "1", PURPLE, width=42)
    shapes += box(20, top + 62, 216, 24, PURPLE, round=6) + small(128, top + 74, "add up: dW_x, dW_y, db", PURPLE)
    shapes += path([(284, top + 30), (284, top + 61)], PURPLE) + small(300, top + 74, "dW_out, db_out", PURPLE)
    return drawing(shapes, "Forward and backward through time", WIDTH, 264)


# ---- chapter 06 ----

def rows(runs):
    """A digit, row by row, through the cell to ten probabilities."""
    image, = [row for i, row in enumerate(pixels_of(runs)) if i == 0]
    shapes, cell = "", 4
    for r in range(28):
        for c in range(28):
            ink = int(image[28 * r + c])
            if ink > 20:
                shapes += (f'<rect x="{6 + cell * c}" y="{10 + cell * r}" width="{cell}" height="{cell}" '
                           f'shape-rendering="crispEdges" fill="currentColor" fill-opacity="{ink / 255:.2f}"/>\n')
    shapes += box(6, 10, 28 * cell, 28 * cell, GREY, thick=1)
    for r, text in ((2, "row 0"), (14, "row 1"), (26, "row 27")):
        y = 12 + cell * r
        shapes += path([(122, y), (176, y)], BLUE) + node(202, y, "cell", width=50, height=26)
        shapes += small(148, y - 10, text, BLUE)
    shapes += path([(202, 34), (202, 54)], ORANGE, 3)
    shapes += path([(202, 82), (202, 102)], ORANGE, 3) + words(218, 90, "⋮", size=18, color=ORANGE)
    shapes += path([(228, 116), (250, 116)], ORANGE, 3) + small(292, 116, "state (100)", ORANGE)
    shapes += path([(292, 127), (292, 146)], INK) + node(292, 162, "dense", width=64)
    shapes += path([(258, 162), (216, 162)], INK) + small(184, 162, "10 logits")
    shapes += path([(152, 162), (112, 162)], INK) + node(74, 162, "softmax", width=72)
    shapes += path([(36, 162), (20, 162)], INK) + words(10, 162, "0")
    shapes += small(304, 34, "the state is", ORANGE) + small(304, 50, "handed on", ORANGE) + small(304, 66, "27 times", ORANGE)
    return drawing(shapes, "An image read row by row", WIDTH, 190)


def pixels_of(runs):
    import reading
    return [reading.pixels(row) for row in reading.read(runs, "digits")]


# ---- chapter 07 ----

def adding(runs):
    """The adding problem: two of many numbers are marked, and their sum is the answer."""
    numbers = ("0.31", "0.77", "0.04", "0.58", "…", "0.49", "0.63", "0.20")
    marked, shapes = (1, 6), ""
    for i, number in enumerate(numbers):
        x = 30 + 45 * i
        color = ORANGE if i in marked else INK
        shapes += words(x, 34, number, size=13, color=color)
        if number != "…":
            shapes += words(x, 58, "1" if i in marked else "0", size=13, color=color if i in marked else GREY)
        if i in marked:
            shapes += box(x - 20, 20, 40, 52, ORANGE, round=5) + path([(x, 73), (x, 100)], ORANGE)
    shapes += small(4, 10, "number, and below it its mark", GREY, "start")
    shapes += line([(75, 100), (300, 100)], ORANGE) + path([(188, 100), (188, 122)], ORANGE)
    shapes += words(188, 136, "0.77 + 0.63 = 1.40", color=ORANGE)
    return drawing(shapes, "The adding problem", WIDTH, 152)
