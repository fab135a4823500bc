"""Drawings with gnuplot and Graphviz that read well on light and on dark ground."""

import re
import subprocess

# Told apart by readers who do not see all colors (Okabe and Ito's), and what they become on dark ground.
BLUE, ORANGE, GREEN, PINK = "#0072b2", "#d55e00", "#009e73", "#cc79a7"
# In diagrams: what is measured or flows back. Inputs are blue, memory is orange, the rest has the ink's color.
PURPLE = "#8a2f8a"
ON_DARK = {BLUE: "#4aa8e8", ORANGE: "#f08a4b", GREEN: "#2fc79a", PINK: "#e3a3c7", PURPLE: "#dc9ade", "#56b4e9": "#7cc7f2",
           "#e69f00": "#f0b840", "#bbbbbb": "#555555"}
# From low to high in heat maps: the same on any ground.
COLD, NONE, WARM = "#1464a5", "#f7f7f7", "#c8501e"
FONT = "Helvetica, Arial, sans-serif"

GNUPLOT_START = f"""
set terminal svg size {{width}},{{height}} fixed font 'Helvetica,14' linewidth 1.2
set datafile separator ','
set border 3
set tics nomirror
set grid linecolor rgb '#888888' linewidth 0.4 dashtype 1
set key noenhanced samplen 2
set style line 1 linecolor rgb '{BLUE}' linewidth 2
set style line 2 linecolor rgb '{ORANGE}' linewidth 2
set style line 3 linecolor rgb '{GREEN}' linewidth 2
set style line 4 linecolor rgb '{PINK}' linewidth 2
"""


def themed(svg):
    """The same drawing, whose ground, ink and colors follow the reader's choice of light or dark."""
    svg = re.sub(r"<!--.*?-->|<!DOCTYPE.*?>\s*", "", svg, flags=re.S)
    svg = re.sub(r"\n\s*\n+", "\n", svg)
    svg = svg.replace("<image ", "<image style='image-rendering:pixelated' ")
    svg = re.sub(r"(font-family=)(\"[^\"]*\"|'[^']*')", rf'\1"{FONT}"', svg)
    svg = re.sub(r"\s?\bcolor=(['\"])black\1", "", svg)
    svg = re.sub(r"(stroke|fill)=(['\"])(?:black|rgb\( *0, *0, *0\))\2", r'\1="currentColor"', svg)
    svg = re.sub(r"rgb\( *(\d+), *(\d+), *(\d+)\)", lambda m: "#%02x%02x%02x" % tuple(map(int, m.groups())), svg)
    svg = re.sub(r"(stroke|fill|color)='([^']*)'", r'\1="\2"', svg)
    dark = "".join(f'[stroke="{a}"],[color="{a}"]{{stroke:{b};color:{b}}} [fill="{a}"]{{fill:{b}}}\n'
                   for a, b in ON_DARK.items() if a in svg)
    style = ("<style>svg{color:#222;fill:currentColor} .ground{fill:#fff}\n"
             "@media (prefers-color-scheme: dark) {svg{color:#ddd} .ground{fill:#1b1b1f}\n" + dark + "}</style>\n")
    x, y, width, height = re.search(r'viewBox="(\S+) (\S+) (\S+) (\S+)"', svg).groups()
    ground = f'<rect class="ground" x="{x}" y="{y}" width="{width}" height="{height}"/>\n'
    return re.sub(r"(<svg\b[^>]*>)", lambda tag: tag[1] + "\n" + style + ground, svg, count=1)


def run(command, text):
    result = subprocess.run(command, input=text, capture_output=True, text=True)
    # What is masked is NaN; of anything else that gnuplot warns of, no drawing.
    warnings = result.stderr.replace("warning: matrix contains missing or undefined values", "")
    if result.returncode != 0 or "warning" in warnings:
        raise SystemExit(f"figures: {command[0]}: {result.stderr.strip()}")
    return result.stdout


def gnuplot(script, width=760, height=380):
    return themed(run(["gnuplot"], GNUPLOT_START.format(width=width, height=height) + script))


def graphviz(dot):
    dot = dot.replace("{", '{ bgcolor="transparent"; pad=0.2;', 1)
    return themed(run(["dot", "-Tsvg"], dot))


def block(name, rows):
    """A table in a script for gnuplot, $name."""
    return f"${name} << EOD\n" + "\n".join(",".join(map(str, row)) for row in rows) + "\nEOD\n"


def sheet(images, columns, captions=()):
    """Images of 28 x 28 pixels in rows, with words below each."""
    images = list(images)
    across, down = 32, 42 if captions else 32
    width, height = across * columns - 4, down * -(-len(images) // columns) - 4
    field = [["NaN"] * width for _ in range(height)]
    for i, image in enumerate(images):
        top, left = i // columns * down, i % columns * across
        for row in range(28):
            field[top + row][left:left + 28] = image[28 * row:28 * (row + 1)]
    words = "".join(f"set label '{caption}' font ',11' at {i % columns * across + 13.5},{i // columns * down + 32} center\n"
                    for i, caption in enumerate(captions))
    return f"""{block("field", field)}{words}
unset key
unset border
unset tics
unset grid
unset colorbox
set palette gray negative
set size ratio -1
set xrange [-0.5:{width - 0.5}]
set yrange [{height - 0.5}:-0.5]
plot $field matrix with image
"""
