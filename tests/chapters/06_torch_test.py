"""Weights from PyTorch and for it, with PyTorch itself. Where it is not installed, the exit status 77 tells Meson that
nothing was tested.

  06_torch_test.py PROGRAM   the program of chapter 06
"""
import json
import sys

import state_dicts
from runs import Runs, main

try:
    import torch
except ImportError:
    print("PyTorch (python3-torch) is not installed: nothing was tested")
    sys.exit(77)

LAYERS = {"rnn": lambda *sizes, **more: torch.nn.RNN(*sizes, **more),
          "relu": lambda *sizes, **more: torch.nn.RNN(*sizes, nonlinearity="relu", **more),
          "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
OPTIONS = {"rnn": [], "relu": ["--activation", "relu"], "gru": ["--cell", "gru"], "lstm": ["--cell", "lstm"]}


class Model(torch.nn.Module):
    """Under the names that export gives the two layers."""
    def __init__(self, kind, columns, hidden, bias=True):
        super().__init__()
        self.rnn = LAYERS[kind](columns, hidden, batch_first=True, bias=bias)
        self.linear = torch.nn.Linear(hidden, 10, bias=bias)

    def forward(self, x):
        return torch.softmax(self.linear(self.rnn(x)[0]), -1)


class Torch(Runs):
    def check_that_both_see_the_same(self, model, weights):
        """The probabilities after each row of each test image."""
        said = json.loads(self.run_program("predict", "--init", weights, "--data", self.data, "--json", *range(20))[0])
        pixels = torch.tensor([each["pixels"] for each in said["predictions"]], dtype=torch.float64) / 255
        ours = torch.tensor([each["rows"] for each in said["predictions"]], dtype=torch.float64)
        with torch.no_grad():
            theirs = model.double()(pixels)
        self.assertLess((ours - theirs).abs().max().item(), 2e-6)
        self.assertGreater((ours[:, 0] - ours[:, -1]).abs().max().item(), 1e-3)

    def test_weights_of_pytorch_are_imported(self):
        for kind in LAYERS:
            for bias in True, False:
                for dtype, real in ("F32", torch.float32), ("F64", torch.float64), ("F16", torch.float16), (
                        "BF16", torch.bfloat16):
                    with self.subTest(kind=kind, bias=bias, dtype=dtype):
                        torch.manual_seed(1)
                        model = Model(kind, 5, 7, bias).to(real).double()  # rounded to what the file can hold
                        state = {f"model.{name}": value.tolist() for name, value in model.state_dict().items()}
                        state_dicts.write(self.folder / "torch", state, dtype)
                        activation = ["--activation", "relu"] if kind == "relu" else []
                        self.run_program("import", "torch", "--save", "ours", *activation)
                        self.check_that_both_see_the_same(model, "ours")

    def test_weights_of_ours_are_loaded_by_pytorch(self):
        for kind, options in OPTIONS.items():
            with self.subTest(kind):
                self.train(3, *options, "--save", "ours")
                self.run_program("export", "--init", "ours", "--save", "torch")
                state = {name: torch.tensor(values) for name, values in
                         state_dicts.read(self.folder / "torch")[0].items()}
                model = Model(kind, 5, 4)
                model.load_state_dict(state, strict=True)
                self.check_that_both_see_the_same(model, "ours")
                # The layers alone, without the prefixes.
                for layer in "rnn", "linear":
                    own = {name.partition(".")[2]: value for name, value in state.items() if name.startswith(layer)}
                    getattr(Model(kind, 5, 4), layer).load_state_dict(own, strict=True)


if __name__ == "__main__":
    main()
