"""What the figures show, from runs of the chapters: each function writes one table."""

import concurrent.futures
import csv
import functools
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRAININGS = {"with": ["--keep-prob", "0.5", "--dropout-in-evaluation"], "without": []}
# A line that chapter 06 prints: epoch, accuracy on training and test images, loss.
EPOCH = re.compile(r"(?m)^(\d+) train_accuracy: (\S+) test_accuracy: (\S+) loss: (\S+)")
PIXELS = [f"p{i}" for i in range(28 * 28)]
# How many test images are shown, and of those that are misread; which of them is read row by row.
SHOWN, MISREAD, READ = 40, 24, 0


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

    def training(self, seeds=(1, 2, 3, 4, 5), epochs=19):
        """Ten trainings on MNIST, some minutes: only when asked for. The first without dropout then reads."""
        mnist = pathlib.Path(os.environ.get("MNIST_DIR", "data/mnist")).resolve()
        rows = []
        with tempfile.TemporaryDirectory() as folder:
            for kind, options in TRAININGS.items():
                for seed in seeds:
                    print(f"figures: training on MNIST {kind} dropout, seed {seed}", file=sys.stderr)
                    text = self.chapter("06", "--data", mnist, "--epochs", epochs, "--seed", seed, "--quiet",
                                        "--save", f"{kind}-{seed}", *options, folder=folder)
                    rows += [(kind, seed, *row) for row in EPOCH.findall(text)]
            self.read(mnist, pathlib.Path(folder) / f"without-{seeds[0]}", "_mnist")
        self.write("mnist_training.csv", ["dropout", "seed", "epoch", "train_accuracy", "test_accuracy", "loss"], rows)

    def melody(self):
        """Chapter 08's training on composed tunes, about a minute, and what there is to see and to hear of it."""
        if not shutil.which("lame"):
            raise SystemExit("figures: sounds are written with lame, which is not installed")
        print("figures: training on composed tunes", file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            self.chapter("08", "--data", "composed", "--quiet", "--csv", "bits", "--save", "weights", folder=folder)
            with (pathlib.Path(folder) / "bits").open() as file:
                rows = [row for row in csv.DictReader(file) if row["validation_bits"]]
            self.write("melody_training.csv", ["epoch", "train_bits", "validation_bits"],
                       [(row["epoch"], row["train_bits"], row["validation_bits"]) for row in rows])
            of_composed = ["--init", "weights", "--data", "composed"]
            report = json.loads(self.chapter("08", "evaluate", *of_composed, "--json", folder=folder))
            bits = [(name, f"{math.log2(report[name]):.4f}") for name in ("unigram", "bigram", "trigram")]
            bits += [("network", f"{report['bits_per_note']:.4f}"), ("composer", f"{report['entropy']:.4f}")]
            self.write("melody_models.csv", ["model", "bits"], bits)
            self.chapter("08", "look", *of_composed, "--influence", (self.data / "melody_influence.csv").resolve(),
                         "--neurons", (self.data / "melody_neurons.csv").resolve(), folder=folder)
            self.sounds(pathlib.Path(folder))

    def sounds(self, folder, temperatures=("0.3", "0.8", "1.6")):
        """The same beginning at three temperatures, and by a trigram model, as MP3: WAV would be ten times as large."""
        audio = (self.data.parent.parent / "audio").resolve()
        audio.mkdir(exist_ok=True)
        of = {f"temperature_{one}": ["--init", "weights", "--temperature", one] for one in temperatures}
        of["trigram"] = ["--ngram", 3, "--data", "composed", "--temperature", "0.8"]
        for name, options in of.items():
            abc = self.chapter("08", "generate", *options, "--quiet", "--start", "C4:1 E4:1 G4:1 E4:1", "--bars", 12,
                               "--wav", "tune.wav", folder=folder)
            (audio / f"{name}.abc").write_text(abc)
            subprocess.run(["lame", "--quiet", "-m", "m", "--resample", "22.05", "-b", "40", "--noreplaygain",
                            folder / "tune.wav", audio / f"{name}.mp3"], check=True)

    def gated_norms(self):
        self.chapter("07", "--norms", (self.data / "gated_norms.csv").resolve())

    def adding(self, seeds=(1, 2, 3), lengths=((200, 2000), (100, 1500), (50, 1000))):
        """Chapter 07's task for each length, seed and cell: some minutes, and only when asked for."""
        # The basic cell does better with a smaller learning rate, the others with a larger one.
        how = ((0.01, "all"), (0.001, "rnn"))
        runs = [(*length, seed, *each) for length in lengths for seed in seeds for each in how]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            rows = sorted(row for table in pool.map(lambda run: self.adding_run(*run), runs) for row in table)
        self.write("adding_problem.csv", ["steps", "cell", "learning_rate", "seed", "update", "error"], rows)

    def adding_run(self, steps, updates, seed, rate, train):
        print(f"figures: the adding problem, T = {steps}, seed {seed}, learning rate {rate}", file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            self.chapter("07", "--steps", steps, "--updates", updates, "--every", 50, "--seed", seed, "--threads", 1,
                         "--learning-rate", rate, "--train", train, "--csv", "errors.csv", folder=folder)
            with (pathlib.Path(folder) / "errors.csv").open() as file:
                return [(steps, cell, rate, seed, int(row["update"]), row[cell])
                        for row in csv.DictReader(file) for cell in row if cell != "update"]

    def pixels(self, epochs=20):
        """Each cell on MNIST pixel by pixel, 14 × 14 of them: three quarters of an hour of one core."""
        mnist = pathlib.Path(os.environ.get("MNIST_DIR", "data/mnist")).resolve()

        def train(cell):
            print(f"figures: training on MNIST's pixels, {cell}", file=sys.stderr)
            text = self.chapter("06", "--data", mnist, "--cell", cell, "--pixels", "--shrink", 2, "--batch", 100,
                                "--clip", 1, "--learning-rate", 0.002, "--epochs", epochs, "--threads", 1, "--quiet")
            return [(cell, *row) for row in EPOCH.findall(text)]

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            rows = [row for table in pool.map(train, ("rnn", "gru", "lstm")) for row in table]
        self.write("pixel_training.csv", ["cell", "epoch", "train_accuracy", "test_accuracy", "loss"], rows)

    @functools.cache
    def built_in_digits(self):
        with tempfile.TemporaryDirectory() as folder:
            self.chapter("06", "--data", "digits", "--epochs", 10, "--validation-size", 50000, "--batch", 100,
                         "--quiet", "--save", "weights", folder=folder)
            self.read("digits", pathlib.Path(folder) / "weights")

    def read(self, data, weights, ending=""):
        """What the network with these weights makes of test images: all, those it gets wrong, one row by row."""
        def ask(command, *options):
            return json.loads(self.chapter("06", command, "--init", weights, "--data", data, "--json", *options))

        seen = ask("show", "--count", MISREAD)
        self.write(f"misread{ending}.csv", ["label", "digit", *PIXELS],
                   [[image["label"], image["digit"], *sum(image["pixels"], [])] for image in seen["misread"]])
        images = ask("predict", *range(SHOWN))["predictions"]
        self.write(f"digits{ending}.csv", PIXELS, [sum(image["pixels"], []) for image in images])
        rows = zip(images[READ]["rows"], images[READ]["pixels"])
        self.write(f"reading{ending}.csv", [*range(10), *PIXELS[:28]],
                   [[*(f"{p:.5f}" for p in probabilities), *pixels] for probabilities, pixels in rows])
        if data != "digits":
            self.write("confusion.csv", range(10), seen["confusion"])
