"""Draws docs/figures/roofline.svg: roofline.py [OUTPUT]. The figures are those of docs/performance.md.

Across: floating-point operations for each byte that moves between the first-level cache and the registers. Up: billions
of operations a second. The slanted roof is what the cache can deliver, the flat one what the arithmetic units can do.
"""

import math
import pathlib
import sys

PEAK = 115.0  # GFLOP/s: two fused multiply-adds of eight floats in each cycle
CLOCK = PEAK / 32  # GHz
BANDWIDTH = 64 * CLOCK  # GB/s: two loads of 32 bytes in each cycle

# Name, operations for each byte, GFLOP/s, where the name stands.
POINTS = [
    ("by definition, uBLAS", 2 / 8, 3.8, "right"),
    # Eight floats: two loads and a store of 32 bytes for 16 operations; with four floats half of both.
    ("loops in memory order", 16 / 96, 21, "right"),
    ("sums stay in registers", 192 / 88, 37, "right"),  # 6 rows: two loads of 32 bytes, 6 of 4; 6 · 2 · 16 operations
    ("packed: ours", 400 / 180, 103, "right"),  # 5 rows: five loads of 32 bytes, 5 of 4; 5 · 5 · 16 operations
]

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 420, 70, 30, 30, 60
X_RANGE, Y_RANGE = (1 / 16, 16), (2, 256)


def scaled(value, low, high):
    return math.log(value / low) / math.log(high / low)


def x(intensity):
    return LEFT + scaled(intensity, *X_RANGE) * (WIDTH - LEFT - RIGHT)


def y(speed):
    return HEIGHT - BOTTOM - scaled(speed, *Y_RANGE) * (HEIGHT - TOP - BOTTOM)


def text(at_x, at_y, words, anchor="middle", more=""):
    return f'<text x="{at_x:.1f}" y="{at_y:.1f}" text-anchor="{anchor}" {more}>{words}</text>'


def axes():
    for power in range(-4, 5):
        label = str(2**power) if power >= 0 else f"1/{2 ** -power}"
        yield f'<path d="M{x(2.0**power):.1f} {y(2):.1f}V{y(256):.1f}" stroke="#ddd"/>'
        yield text(x(2.0**power), y(2) + 20, label)
    for power in range(1, 9):
        yield f'<path d="M{x(1 / 16):.1f} {y(2**power):.1f}H{x(16):.1f}" stroke="#ddd"/>'
        yield text(LEFT - 8, y(2**power) + 4, str(2**power), "end")
    yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "operations for each byte between cache and registers")
    yield text(18, HEIGHT / 2, "GFLOP/s", more=f'transform="rotate(-90 18 {HEIGHT / 2})"')


def roofs():
    ridge, first = PEAK / BANDWIDTH, X_RANGE[0]
    yield (f'<path d="M{x(first):.1f} {y(first * BANDWIDTH):.1f}L{x(ridge):.1f} {y(PEAK):.1f}H{x(16):.1f}" '
           'fill="none" stroke="#b03a2e" stroke-width="2.5"/>')
    yield text(x(16) - 4, y(PEAK) - 8, f"arithmetic: {PEAK:.0f} GFLOP/s", "end", 'fill="#b03a2e"')
    yield text(x(0.085), y(PEAK) - 8, f"first-level cache: {BANDWIDTH:.0f} GB/s", "start", 'fill="#b03a2e"')


def points():
    for name, intensity, speed, side in POINTS:
        yield f'<circle cx="{x(intensity):.1f}" cy="{y(speed):.1f}" r="5" fill="#1f4e79"/>'
        shift = 10 if side == "right" else -10
        yield text(x(intensity) + shift, y(speed) + 4, name, "start" if side == "right" else "end")


def main():
    here = pathlib.Path(__file__).resolve().parents[1] / "figures/roofline.svg"
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="13" role="img">',
        "<title>Roofline of the matrix product, from the definition to the packed kernel</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *axes(), *roofs(), *points(), "</svg>",
    ]
    output.parent.mkdir(exist_ok=True)
    output.write_text("\n".join(lines) + "\n")


main()
