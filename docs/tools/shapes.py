"""Shapes of which diagrams are made: each function returns a piece of SVG. Lengths are pixels."""

import math

from drawing import FONT, themed


def path(points, color, width=1.6):
    """An arrow through points; its head is drawn before the last one."""
    (x0, y0), (x1, y1) = points[-2:]
    length = math.hypot(x1 - x0, y1 - y0)
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    head, half = 5 + 2 * width, 2.5 + width
    bx, by = x1 - head * dx, y1 - head * dy
    line = " ".join(f"{x:g},{y:g}" for x, y in [*points[:-1], (bx, by)])
    tip = f"{x1:g},{y1:g} {bx - half * dy:.1f},{by + half * dx:.1f} {bx + half * dy:.1f},{by - half * dx:.1f}"
    return (f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="{width}"/>\n'
            f'<polygon points="{tip}" fill="{color}"/>\n')


def line(points, color, width=1.6):
    words = " ".join(f"{x:g},{y:g}" for x, y in points)
    return f'<polyline points="{words}" fill="none" stroke="{color}" stroke-width="{width}"/>\n'


def words(x, y, text, anchor="middle", size=14, color="currentColor", style="normal"):
    return (f'<text x="{x}" y="{y + 5}" font-size="{size}" font-style="{style}" text-anchor="{anchor}" fill="{color}" '
            f'font-family="{FONT}">{text}</text>\n')


def layer(x, y, text, color, width=76):
    """A layer of neurons: a product with weights, then a function."""
    return (f'<rect x="{x - width / 2:g}" y="{y - 20}" width="{width}" height="40" rx="6" class="ground" '
            f'stroke="{color}" stroke-width="1.6"/>\n' + words(x, y, text, color=color))


def element(x, y, text, radius=14):
    """An operation on single elements."""
    return (f'<circle cx="{x}" cy="{y}" r="{radius}" class="ground" stroke="currentColor" stroke-width="1.4"/>\n'
            + words(x, y, text, size=14 if len(text) > 1 else 18))


def dot(x, y, color):
    return f'<circle cx="{x}" cy="{y}" r="3.5" fill="{color}"/>\n'


def drawing(shapes, title, width, height):
    return themed(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                  f'viewBox="0 0 {width} {height}">\n<title>{title}</title>\n{shapes}</svg>\n')


def box(x, y, width, height, color="currentColor", fill="none", dash="", thick=1.4, round=0):
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    rounded = f' rx="{round}"' if round else ""
    how = 'class="ground"' if fill == "ground" else f'fill="{fill}"'
    return (f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"{rounded} {how} stroke="{color}" '
            f'stroke-width="{thick}"{dashes}/>\n')


def node(x, y, text, color="currentColor", width=44, height=30):
    """A value or an operation, with its name."""
    return box(x - width / 2, y - height / 2, width, height, color, "ground", round=6) + words(x, y, text, color=color)
