"""The weights in data/weights/ are as good as their page says: 06_weights_test.py PROGRAM"""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

WEIGHTS = pathlib.Path(__file__).resolve().parents[2] / "data/weights"
ACCURACIES = json.loads((WEIGHTS / "accuracies.json").read_text())


class Weights(unittest.TestCase):
    def accuracy(self, name, data):
        run = subprocess.run([PROGRAM, "evaluate", "--json", "--data", data, "--init", WEIGHTS / f"{name}.safetensors"],
                             capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return json.loads(run.stdout)["accuracy"]

    def test_the_page_names_every_file_and_its_accuracies(self):
        files = {path.stem for path in WEIGHTS.glob("*.safetensors")}
        rows = re.findall(r"(?m)^\| `(\w+)\.safetensors` .* \| ([\d.]+) \| ([\d.]+) \|$", (WEIGHTS / "README.md").read_text())
        self.assertEqual({name: {"mnist": float(mnist), "digits": float(digits)} for name, mnist, digits in rows}, ACCURACIES)
        self.assertEqual(files, set(ACCURACIES))

    # On a processor without fused multiply-add an image or two may fall to the other side.
    def test_they_read_built_in_digits_as_well_as_their_page_says(self):
        for name, wanted in ACCURACIES.items():
            self.assertAlmostEqual(self.accuracy(name, "digits"), wanted["digits"], delta=0.0005, msg=name)

    @unittest.skipUnless(os.environ.get("MNIST_DIR"), "MNIST_DIR says where MNIST is")
    def test_they_read_mnist_as_well_as_their_page_says(self):
        for name, wanted in ACCURACIES.items():
            self.assertAlmostEqual(self.accuracy(name, os.environ["MNIST_DIR"]), wanted["mnist"], delta=0.0005, msg=name)
        self.assertGreaterEqual(ACCURACIES["digits"]["mnist"], 0.975)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
