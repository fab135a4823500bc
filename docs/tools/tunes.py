"""The figures of chapter 08: what the network learns, what its predictions depend on, and neurons that count."""

import csv

from drawing import BLUE, COLD, GREEN, NONE, ORANGE, PINK, gnuplot

MODELS = (("unigram", PINK), ("bigram", GREEN), ("trigram", ORANGE), ("composer", "#888888"))


def table(runs, name):
    with (runs.data / name).open() as file:
        return list(csv.DictReader(file))


def training(runs):
    """Bits of an event after each epoch, with the models that count and the composer's own as lines."""
    bits = {row["model"]: float(row["bits"]) for row in table(runs, "melody_models.csv")}
    last = len(table(runs, "melody_training.csv")) - 1
    lines = "".join(f", {bits[model]} with lines linecolor rgb '{color}' dashtype 2 linewidth 1.5 notitle"
                    for model, color in MODELS)
    labels = "".join(f"set label '{model}' at {last},{bits[model] + (-0.15 if model == 'trigram' else 0.13)} right "
                     f"textcolor rgb '{color}'\n" for model, color in MODELS)
    return gnuplot(f"""
{labels}
set xlabel 'epoch'
set ylabel 'bits per event'
set xrange [0:{last}]
set yrange [1.5:5.7]
set key at graph 0.98,0.34
plot '{runs.data / "melody_training.csv"}' skip 1 using 1:2 with lines linestyle 2 title 'training (with dropout)', \\
     '' skip 1 using 1:3 with lines linestyle 1 title 'validation'{lines}
""", width=460, height=380)


def influence(runs):
    """A column for each predicted event, and in it what was heard before, from the bottom up."""
    rows = table(runs, "melody_influence.csv")[28:]  # where there is something to look back at, and no wider than a phone
    back = sum(name.startswith("ago_") for name in rows[0])
    # Each column is scaled to its largest: how it is divided is the question.
    largest = [max(float(row[f"ago_{k + 1}"]) for k in range(back)) or 1 for row in rows]
    grid = "\n".join(",".join(f"{float(row[f'ago_{k + 1}']) / most:.4f}" if k < int(row["event"]) else "NaN"
                              for row, most in zip(rows, largest)) for k in range(back))
    bars = "".join(f"set arrow from {i - 0.5},0.5 to {i - 0.5},{back}.5 nohead front linecolor rgb '#888888' linewidth 0.5\n"
                   for i, row in enumerate(rows) if row["position"] == "0" and i > 0)
    names = ",".join(f"'{row['pitch'].replace('rest', '–')}' {i}" for i, row in enumerate(rows))
    return gnuplot(f"""
$norms << EOD
{grid}
EOD
{bars}
set lmargin 8
set tmargin 5
set palette defined (0 '{NONE}', 0.3 '{COLD}', 1 '{BLUE}')
set cbrange [0:1]
unset key
unset grid
set colorbox horizontal user origin graph 0.3,1.03 size graph 0.4,0.03
set cbtics 0.5 offset 0,2.2 scale 0
set title 'norm of the gradient, the largest is 1' font ',12' offset 0,1.2
set xrange [-0.5:{len(rows) - 0.5}]
set yrange [0.5:{back}.5]
set xtics ({names}) rotate by 90 right font ',10' scale 0
set xlabel 'the event that is predicted, and bar lines'
set ylabel 'events ago'
plot $norms matrix using 1:($2+1):3 with image pixels notitle
""", width=460, height=460)


def neurons(runs):
    """The mean output of two neurons over four bars."""
    source = runs.data / "melody_neurons.csv"
    starts = [float(row["quarters"]) for row in table(runs, "melody_neurons.csv") if float(row["position"]) == 0]
    bars = "".join(f"set arrow from {start},-1 to {start},1 nohead linecolor rgb '#888888' linewidth 0.7\n"
                   for start in starts[1:])
    return gnuplot(f"""
{bars}
set xlabel 'quarter notes from the first of four bars'
set ylabel 'mean output'
set xtics 0,1
set xrange [0:{4 * starts[1]}]
set yrange [-1:1]
set key outside top center horizontal
plot '{source}' skip 1 using 3:5 with linespoints linestyle 1 pointtype 7 pointsize 0.4 title 'the place in the bar', \\
     '' skip 1 using 3:6 with linespoints linestyle 2 pointtype 5 pointsize 0.4 title 'which of four bars'
""", width=460, height=360)
