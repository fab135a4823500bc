"""The network in data/weights/ that predicts notes is as good as its page says: 08_weights_test.py PROGRAM"""

import csv
import json
import pathlib
import re
import subprocess
import sys
import unittest

WEIGHTS = pathlib.Path(__file__).resolve().parents[2] / "data/weights"
with open(WEIGHTS / "scores.csv", newline="") as table:
    BITS = {row["file"]: float(row["score"]) for row in csv.DictReader(table) if row["data"] == "composed"}


class Weights(unittest.TestCase):
    def test_the_page_names_it_with_its_bits_of_an_event(self):
        rows = re.findall(r"(?m)^\| `(\w+)\.safetensors` \|.*`\./course melody .*\| ([\d.]+) \|$", (WEIGHTS / "README.md").read_text())
        self.assertEqual({name: float(bits) for name, bits in rows}, BITS)
        self.assertEqual(set(BITS), {"melody"})

    # It has learned from the training tunes of the same 3,000; these are the test tunes.
    def test_it_predicts_composed_tunes_as_well_as_its_page_says_and_better_than_counting(self):
        run = subprocess.run([PROGRAM, "evaluate", "--json", "--data", "composed", "--init", WEIGHTS / "melody.safetensors"],
                             capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        score = json.loads(run.stdout)
        self.assertAlmostEqual(score["bits_per_note"], BITS["melody"], delta=0.0005)
        self.assertLess(2 ** BITS["melody"], score["trigram"] / 2)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
