"""What the figures show, from runs of the chapters: each function writes one table."""

import csv
import gzip
import json
import math
import os
import pathlib
import re
import struct
import subprocess
import tempfile

TRAININGS = {"with": ["--keep-prob", "0.5", "--dropout-in-evaluation"], "without": []}


class Runs:
    def __init__(self, build, data):
        self.build, self.data = pathlib.Path(build), pathlib.Path(data)

    def chapter(self, number, *arguments, folder=None):
        program, = [p for p in self.build.glob(f"chapters/{number}_*/{number}_*") if p.is_file()]
        result = subprocess.run([program.resolve(), *map(str, arguments)], cwd=folder, capture_output=True, text=True)
        if result.returncode != 0:
            raise SystemExit(f"figures: {result.stderr.strip()}")
        return result.stdout

    def write(self, name, header, rows):
        with (self.data / name).open("w", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(header)
            table.writerows(rows)

    def dot(self, number, steps):
        with tempfile.TemporaryDirectory() as folder:
            self.chapter(number, "--steps", steps, "--graph", "graph.dot", folder=folder)
            return (pathlib.Path(folder) / "graph.dot").read_text()

    def growth(self):
        text = self.chapter("03").split("What a longer sequence costs")[1]
        rows = [line.split() for line in text.splitlines() if re.fullmatch(r"[\s\d]+", line) and line.strip()]
        header = ["steps", "nodes", "forward", "back", "looping_nodes", "looping_forward", "looping_back"]
        self.write("growth.csv", header, rows)

    def hidden_states(self, lengths=(12, 8, 5, 2), neurons=8):
        out = json.loads(self.chapter("04", "--steps", max(lengths), "--lengths", ",".join(map(str, lengths)),
                                      "--neurons", neurons, "--json"))["outputs"]
        # In the table of a heat map: a row for each neuron, a column for each step, examples beside each other.
        rows = []
        for j in range(neurons):
            row = []
            for example, length in zip(out, lengths):
                row += [step[j] if t < length else "NaN" for t, step in enumerate(example)] + ["NaN"]
            rows.append(row[:-1])
        self.write("hidden_states.csv", [f"c{i}" for i in range(len(rows[0]))], rows)

    def gradient_norms(self):
        text = self.chapter("05", "--csv", (self.data / "gradient_norms.csv").resolve())
        table = text.split("Training to remember")[1]
        rows = [line.split() for line in table.splitlines() if re.fullmatch(r"\s+\d+(\s+[\d.einf+-]+){4}", line)]
        self.write("clipping.csv", ["update", "loss", "norm", "clipped_loss", "clipped_norm"], rows)

    def mnist_training(self, seeds=(1, 2, 3), epochs=19):
        """Hours, or minutes on a fast machine: only when asked for. The last weights without dropout read a digit."""
        mnist = os.environ.get("MNIST_DIR", "data/mnist")
        rows = []
        with tempfile.TemporaryDirectory() as folder:
            for kind, options in TRAININGS.items():
                for seed in seeds:
                    text = self.chapter("06", "--data", pathlib.Path(mnist).resolve(), "--epochs", epochs, "--seed", seed,
                                        "--save", f"{kind}-{seed}", *options, folder=folder)
                    rows += [(kind, seed, *row) for row in epochs_of(text)]
            self.digit(pathlib.Path(folder) / f"without-{seeds[0]}", mnist)
        self.write("mnist_training.csv", ["dropout", "seed", "epoch", "train_accuracy", "test_accuracy", "loss"], rows)

    def digit(self, weights, mnist, which=0):
        """What the network believes after each row of a test image."""
        image = test_image(pathlib.Path(mnist), which)
        rows = [[t, *map(lambda p: f"{p:.5f}", belief)] for t, belief in enumerate(beliefs(read_weights(weights), image))]
        self.write("digit.csv", ["row", *range(10)], rows)
        self.write("digit_image.csv", [f"c{i}" for i in range(28)], image)


def epochs_of(text):
    """(epoch, accuracy on training and test images, loss) of each line that chapter 06 prints."""
    line = r"(?m)^(\d+) train_accuracy: (\S+) test_accuracy: (\S+) loss: (\S+)"
    return re.findall(line, text)


def test_image(mnist, which):
    path, = [p for p in mnist.iterdir() if re.fullmatch(r"t10k-images[-.]idx3-ubyte(\.gz)?", p.name)]
    content = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
    pixels = content[16 + 784 * which:16 + 784 * (which + 1)]
    return [list(pixels[28 * i:28 * (i + 1)]) for i in range(28)]


def read_weights(path):
    content = pathlib.Path(path).read_bytes()
    length, = struct.unpack("<Q", content[:8])
    header, data = json.loads(content[8:8 + length]), content[8 + length:]
    header.pop("__metadata__", None)
    weights = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        numbers, columns = [n for n, in struct.iter_unpack("<f", data[begin:end])], entry["shape"][-1]
        weights[name] = [numbers[i:i + columns] for i in range(0, len(numbers), columns)]
    return weights


def times(row, matrix):
    return [sum(x * line[j] for x, line in zip(row, matrix)) for j in range(len(matrix[0]))]


def beliefs(w, image):
    """The probabilities of the ten digits, if the image ended after this row."""
    state = [0.0] * len(w["w_y"])
    for row in image:
        sums = zip(times([p / 255 for p in row], w["w_x"]), times(state, w["w_y"]), w["b"][0])
        state = [math.tanh(sum(parts)) for parts in sums]
        powers = [math.exp(a + b) for a, b in zip(times(state, w["w_out"]), w["b_out"][0])]
        yield [p / sum(powers) for p in powers]
