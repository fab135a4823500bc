"""The weights in data/weights/ are as good as their page says: 06_weights_test.py PROGRAM"""

import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/tools"))
import data  # noqa: E402

data.use()  # a download that failed leaves the folder, but no MNIST
MNIST = os.environ.get("MNIST_DIR")
WEIGHTS = ROOT / "data/weights"
with open(WEIGHTS / "scores.csv", newline="") as table:
    SCORES = {(row["file"], row["data"]): float(row["score"]) for row in csv.DictReader(table)}
CLASSIFIERS = sorted({file for file, data in SCORES if data == "mnist"})


class Weights(unittest.TestCase):
    def accuracy(self, name, images):
        run = subprocess.run([PROGRAM, "evaluate", "--json", "--data", images, "--init", WEIGHTS / f"{name}.safetensors"],
                             capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return json.loads(run.stdout)["accuracy"]

    def test_the_page_names_every_file_and_its_accuracies(self):
        rows = re.findall(r"(?m)^\| `(\w+)\.safetensors` .* \| ([\d.]+) \| ([\d.]+) \|$", (WEIGHTS / "README.md").read_text())
        self.assertEqual({(name, data): float(score) for name, *scores in rows for data, score in zip(("mnist", "digits"), scores)},
                         {key: score for key, score in SCORES.items() if key[0] in CLASSIFIERS})
        self.assertEqual({path.stem for path in WEIGHTS.glob("*.safetensors")}, {file for file, _ in SCORES})

    # On a processor without fused multiply-add an image or two may fall to the other side.
    def test_they_read_built_in_digits_as_well_as_their_page_says(self):
        for name in CLASSIFIERS:
            self.assertAlmostEqual(self.accuracy(name, "digits"), SCORES[name, "digits"], delta=0.0005, msg=name)

    def test_their_page_promises_enough(self):
        self.assertGreaterEqual(SCORES["digits", "mnist"], 0.975)

    @unittest.skipUnless(MNIST, "MNIST is not there: neither MNIST_DIR nor data/mnist")
    def test_they_read_mnist_as_well_as_their_page_says(self):
        for name in CLASSIFIERS:
            self.assertAlmostEqual(self.accuracy(name, MNIST), SCORES[name, "mnist"], delta=0.0005, msg=name)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
