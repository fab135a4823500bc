"""The roofline of docs/performance.md, whose measured figures these are.

Across: floating-point operations for each byte that moves between the first-level cache and the registers. Up: billions
of operations a second. The slanted roof is what the cache can deliver, the flat one what the arithmetic units can do.
"""

from drawing import BLUE, ORANGE, block, gnuplot

PEAK = 117.0  # GFLOP/s: in each cycle two fused multiply-adds of eight floats, or one of sixteen
CLOCK = PEAK / 32  # GHz
BANDWIDTH = 64 * CLOCK  # GB/s: in each cycle two loads of 32 bytes, or one of 64

# Operations for each byte, GFLOP/s, name.
POINTS = [
    (2 / 8, 3.9, "by definition and uBLAS"),
    # Eight floats: two loads and a store of 32 bytes for 16 operations; with four floats half of both.
    (16 / 96, 23, "loops in memory order"),
    (192 / 88, 40, "sums stay in registers"),  # 6 rows: two loads of 32 bytes, 6 of 4; 6 · 2 · 16 operations
    # 4 rows × 100 columns: seven loads of 64 bytes, 4 of 4; 4 · 100 · 2 operations.
    (800 / 464, 113, "packed: ours"),
]


def roofline(_):
    places = ",".join(f"'{2**p if p >= 0 else f'1/{2**-p}'}' {2.0**p}" for p in range(-4, 5))
    return gnuplot(f"""
{block("points", POINTS)}
unset key
set grid
set logscale xy 2
set xrange [1./16:17]
set yrange [2:256]
set xtics ({places})
set xlabel 'operations for each byte between cache and registers'
set ylabel 'GFLOP/s'
set label 'first-level cache: {BANDWIDTH:.0f} GB/s' at 0.45,160 right textcolor rgb '{ORANGE}'
set label 'arithmetic: {PEAK:.0f} GFLOP/s (256 or 512 bits)' at 15,150 right textcolor rgb '{ORANGE}'
set samples 1000
plot x*{BANDWIDTH} < {PEAK} ? x*{BANDWIDTH} : {PEAK} with lines linestyle 2, \\
     $points using 1:2 with points pointtype 7 pointsize 0.7 linecolor rgb '{BLUE}', \\
     $points using 1:2:3 with labels left offset 1,-0.6
""", height=420)
