"""Weights from PyTorch's state dicts and back, without PyTorch: its recorded outputs come out again.

  06_state_dicts_test.py MNIST VARIABLE_LENGTHS BACKPROPAGATION   the programs of chapters 06, 04 and 05
"""
import json
import os
import pathlib
import subprocess
import sys

import state_dicts
from runs import Runs, main

DATA = pathlib.Path(__file__).resolve().parents[2] / "data"


def recorded():
    """PyTorch's cases of a forward pass, and of a gradient, in which all weights stand that a chapter needs."""
    for path in sorted(DATA.glob("pytorch*/*.json")):
        case = json.loads(path.read_text())
        if "inputs" in case:
            yield path.stem, case


class Recorded(Runs):
    def test_recorded_outputs_come_out_with_imported_weights(self):
        kinds = set()
        for name, case in recorded():
            with self.subTest(name):
                state = state_dicts.state_dict(case["weights"], name)
                state_dicts.write(self.folder / "torch", state)
                self.run_program("import", "torch", "--save", "ours")
                ours, metadata = state_dicts.read(self.folder / "ours")
                self.assertEqual(metadata.get("cell", "rnn"), case.get("cell", "rnn"))
                self.replay({**case, "weights": {key: ours[key] for key in case["weights"]}})
                kinds.add((case.get("cell", "rnn"), "labels" in case))
        self.assertEqual(len(kinds), 6)  # each cell, with a dense layer and without

    def replay(self, case):
        program = BACKPROPAGATION if "labels" in case else VARIABLE_LENGTHS
        if program == VARIABLE_LENGTHS:  # which wants to know them
            case.setdefault("lengths", [len(sequence) for sequence in case["inputs"]])
        (self.folder / "case.json").write_text(json.dumps(case))
        run = subprocess.run([program, "--replay", self.folder / "case.json"], capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)


class RoundTrips(Runs):
    def test_exported_weights_come_back_as_the_same_file(self):
        for network in ["--cell", "rnn"], ["--activation", "relu"], ["--cell", "gru"], ["--cell", "lstm"]:
            with self.subTest(network):
                self.train(1, *network, "--save", "w", "--checkpoint", "c")
                for source in "w", "c":
                    self.run_program("export", "--init", source, "--save", "torch")
                    self.run_program("import", "torch", "--save", "back")
                    self.assertEqual((self.folder / "back").read_bytes(), (self.folder / "w").read_bytes())
                    _, metadata = state_dicts.read(self.folder / "torch")
                    self.assertEqual(metadata["format"], "pt")

    def test_both_say_what_the_layers_are_in_pytorch(self):
        self.train(1, "--activation", "relu", "--save", "w")
        layers = 'nn.RNN(5, 4, nonlinearity="relu") and nn.Linear(4, 10)\n'
        self.assertEqual(self.run_program("export", "--init", "w", "--save", "t")[0], f"t: rnn. and linear. for {layers}")
        self.assertEqual(self.run_program("import", "t", "--save", "b")[0], f"b: the weights of {layers}")

    def test_every_kind_of_number_is_read(self):
        weights = {"w_x": [[0.5, -2]], "w_y": [[1, 0.25], [-0.125, 3]], "b": [0.75, -1.5]}
        state = state_dicts.state_dict(weights, 1)
        state["rnn.bias_ih_l0"], state["rnn.bias_hh_l0"] = [0.5, -1], [0.25, -0.5]
        for dtype in "F16", "BF16", "F32", "F64":
            with self.subTest(dtype):
                state_dicts.write(self.folder / "torch", state, dtype)
                self.run_program("import", "torch", "--save", "ours")
                ours, _ = state_dicts.read(self.folder / "ours")
                self.assertEqual({name: ours[name] for name in weights}, weights)


class Activation(Runs):
    """What the weights of an nn.RNN do not show."""
    def imported(self, *more, metadata=None, cell="rnn", status=0):
        k = {"rnn": 1, "gru": 3}[cell]
        weights = {"w_x": [[0.5] * k], "w_y": [[0.25] * k], "b": [0.125] * k, **({"b_y": [1]} if k == 3 else {})}
        state_dicts.write(self.folder / "torch", state_dicts.state_dict(weights, 1), metadata=metadata)
        _, err = self.run_program("import", "torch", "--save", "ours", *more, status=status)
        return err if status else state_dicts.read(self.folder / "ours")[1]["activation"]

    def test_it_is_tanh_unless_the_option_or_the_file_says_relu(self):
        self.assertEqual(self.imported(), "tanh")
        self.assertEqual(self.imported("--activation", "relu"), "relu")
        self.assertEqual(self.imported(metadata={"activation": "relu"}), "relu")
        self.assertEqual(self.imported("--activation", "relu", metadata={"activation": "relu"}), "relu")

    def test_what_contradicts_itself_is_refused(self):
        self.assertEqual(self.imported("--activation", "tanh", metadata={"activation": "relu"}, status=2),
                         "06_mnist import: --activation: expected relu, as torch has it, got tanh\n")
        self.assertEqual(self.imported(metadata={"activation": "gelu"}, status=2),
                         '06_mnist import: torch: activation: expected tanh or relu, found "gelu"\n')
        self.assertEqual(self.imported("--activation", "relu", cell="gru", status=2),
                         '06_mnist import: torch: activation: expected tanh, found "relu"\n')


class Refused(Runs):
    def refuses(self, arguments, message):
        _, err = self.run_program(*arguments, status=2)
        self.assertEqual(err, f"06_mnist {arguments[0]}: {message}\n")

    def test_what_does_not_fit_leaves_the_other_file_as_it_was(self):
        self.train(1, "--save", "w")
        before = (self.folder / "w").read_bytes()
        state = state_dicts.state_dict({"w_x": [[0.5]], "w_y": [[0.25]], "b": [0.125]}, 1)
        state_dicts.write(self.folder / "torch", {**state, "rnn.weight_ih_l1": [[1.0]]})
        self.refuses(["import", "torch", "--save", "w"],
                     'torch: tensor "rnn.weight_ih_l1": expected one recurrent layer (num_layers=1), found a tensor of '
                     'another')
        self.refuses(["import", "w", "--save", "x"],
                     'w: expected an nn.RNN, nn.GRU or nn.LSTM with a tensor "weight_ih_l0", perhaps after a prefix and '
                     'a dot, found none')
        self.refuses(["export", "--init", "torch", "--save", "w"], 'torch: expected a tensor "w_x", found none')
        self.assertEqual((self.folder / "w").read_bytes(), before)
        self.assertFalse((self.folder / "x").exists())

    def test_a_file_is_not_written_over_itself(self):
        self.train(1, "--save", "w")
        for arguments in ["import", "w", "--save", "w"], ["export", "--init", "w", "--save", "w"]:
            self.refuses(arguments, "--save: expected a file of its own, got w, which is read")

    def test_what_is_missing_or_too_much(self):
        needed = "expected the name of a file (write the weights here), got nothing"
        self.refuses(["import", "x"], f"--save: {needed}")
        self.refuses(["import", "--save", "y"], "expected one FILE, got none")
        self.refuses(["import", "a", "b", "--save", "y"], 'unexpected argument "b": expected one FILE')
        self.refuses(["import", "none", "--save", "y"], "none: cannot be opened: No such file or directory")


if __name__ == "__main__":
    BACKPROPAGATION, VARIABLE_LENGTHS = (os.path.abspath(sys.argv.pop()) for _ in range(2))
    main()
