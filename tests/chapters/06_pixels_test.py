"""Networks that read an image pixel by pixel: training, and whatever reads their weights afterwards.

  06_pixels_test.py PROGRAM   the program of chapter 06
"""
import json

import state_dicts
from runs import Runs, main, without_seconds, write_images

CELLS = "rnn", "gru", "lstm"
STEPS = {"pixels": ["--pixels"], "shrunk pixels": ["--pixels", "--shrink", 2], "shrunk rows": ["--shrink", 2]}


class Images(Runs):
    def setUp(self):
        super().setUp()
        self.data = write_images(self.folder / "data", rows=6, columns=8)


class Pixels(Images):
    def each(self):
        for cell in CELLS:
            for name, options in STEPS.items():
                with self.subTest(cell=cell, steps=name):
                    yield cell, options

    def ask(self, word, init, *more):
        return json.loads(self.run_program(word, "--init", init, "--data", self.data, "--json", *more)[0])

    def test_a_run_goes_on_to_the_same_bits(self):
        for cell, options in self.each():
            out, _ = self.train(3, "--cell", cell, *options, "--checkpoint", "whole", "--save", "w", "--clip", 1)
            self.train(1, "--cell", cell, *options, "--checkpoint", "half", "--clip", 1)
            end, _ = self.run_program("--data", self.data, "--resume", "half", "--epochs", 3, "--quiet", "--save", "v")
            self.assertEqual(without_seconds(out)[1:], without_seconds(end))
            for one, other in ("half", "whole"), ("v", "w"):
                self.assertEqual((self.folder / one).read_bytes(), (self.folder / other).read_bytes())

    def test_threads_change_no_bit(self):
        for cell, options in self.each():
            for threads in 1, 2, 3:
                self.train(2, "--cell", cell, *options, "--threads", threads, "--save", f"w{threads}")
            self.assertEqual(len({(self.folder / f"w{threads}").read_bytes() for threads in (1, 2, 3)}), 1)

    def test_weights_know_what_they_read(self):
        for cell, options in self.each():
            out, _ = self.run_program("--data", self.data, "--validation-size", 10, "--batch", 10, "--hidden", 4,
                                      "--epochs", 2, "--cell", cell, *options, "--save", "w", "--quiet")
            last = float(out.split("test_accuracy: ")[-1].split()[0])
            self.assertAlmostEqual(self.ask("evaluate", "w")["accuracy"], last, places=6)
            rows = 6 // (2 if "--shrink" in options else 1)
            predicted = self.ask("predict", "w", 0, 19)["predictions"]
            for each in predicted:
                self.assertEqual(len(each["rows"]), rows)
                self.assertEqual(each["rows"][-1], each["probabilities"])
                self.assertEqual((len(each["pixels"]), len(each["pixels"][0])), (6, 8))
            shown = self.ask("show", "w", "--image", 19)
            self.assertEqual(len(shown["image"]["states"]), rows)
            self.assertAlmostEqual(shown["accuracy"], last, places=6)
            text, _ = self.run_program("predict", "--init", "w", "--data", self.data, 0)
            table = [line.split()[-11:] for line in text.splitlines() if "▀" not in line and len(line.split()) > 10]
            self.assertIn(str(5), [line[0] for line in table])  # the last row that was read
            self.run_program("show", "--init", "w", "--data", self.data)
            self.run_program("--data", self.data, "--validation-size", 10, "--batch", 10, "--epochs", 1, "--init", "w",
                             "--quiet", "--save", "next")
            self.assertEqual(state_dicts.read(self.folder / "w")[1], state_dicts.read(self.folder / "next")[1])

    def test_they_go_to_pytorch_and_back(self):
        for cell, options in self.each():
            self.train(1, "--cell", cell, *options, "--save", "w")
            self.run_program("export", "--init", "w", "--save", "torch")
            tensors, metadata = state_dicts.read(self.folder / "torch")
            self.run_program("import", "torch", "--save", "back")
            self.assertEqual((self.folder / "back").read_bytes(), (self.folder / "w").read_bytes())
            # PyTorch's own files do not say what is read, so one has to.
            state_dicts.write(self.folder / "silent", tensors, metadata={"format": "pt"})
            self.run_program("import", "silent", "--save", "back", *options)
            self.assertEqual((self.folder / "back").read_bytes(), (self.folder / "w").read_bytes())
            self.assertEqual(metadata.get("pixels") == "true", "--pixels" in options)

    def lay_out(self):
        """The same images, each a column of pixels."""
        folder = self.folder / "one"
        write_images(folder)
        for part in "train", "t10k":
            name = f"{part}-images-idx3-ubyte"
            content = (self.folder / "data" / name).read_bytes()
            sizes = (6 * 8).to_bytes(4, "big") + (1).to_bytes(4, "big")
            (folder / name).write_bytes(content[:8] + sizes + content[16:])
            labels = f"{part}-labels-idx1-ubyte"
            (folder / labels).write_bytes((self.folder / "data" / labels).read_bytes())
        return str(folder)

    def test_pixels_are_learned_as_rows_of_images_that_are_one_pixel_wide(self):
        laid_out = self.lay_out()
        for cell in CELLS:
            with self.subTest(cell):
                pixels, _ = self.train(2, "--cell", cell, "--pixels", "--save", "p")
                self.data, drawn = laid_out, self.data
                rows, _ = self.train(2, "--cell", cell, "--save", "r")
                self.data = drawn
                self.assertEqual(without_seconds(pixels), without_seconds(rows))
                (of_pixels, metadata), (of_rows, known) = (state_dicts.read(self.folder / name) for name in "pr")
                self.assertEqual(of_pixels, of_rows)
                self.assertEqual(metadata, {**known, "pixels": "true"})


class Refused(Images):
    def refuses(self, message, *arguments):
        _, err = self.run_program(*arguments, status=2)
        word = "06_mnist" if str(arguments[0]).startswith("-") else f"06_mnist {arguments[0]}"
        self.assertEqual(err, f"{word}: {message}\n")

    def setUp(self):
        super().setUp()
        self.train(1, "--save", "rows", "--checkpoint", "c")
        self.train(1, "--pixels", "--shrink", 2, "--save", "pixels", "--checkpoint", "p")

    def test_what_the_weights_do_not_read(self):
        for kind, rows, pixels in ("--init", "rows", "pixels"), ("--resume", "c", "p"):
            more = ["--data", self.data, "--quiet", "--epochs", 2, *(["--batch", 10] if kind == "--init" else [])]
            self.refuses(f"--pixels: cannot be given: {rows} was made without it", kind, rows, "--pixels", *more)
            self.refuses(f"--shrink: expected 1, as {rows} has it, got 2", kind, rows, "--shrink", 2, *more)
            self.refuses(f"--shrink: expected 2, as {pixels} has it, got 3", kind, pixels, "--shrink", 3, *more)

    def test_images_that_do_not_fit(self):
        odd = write_images(self.folder / "odd", rows=6, columns=5)
        sizes = "expected a divisor of the images' 6 rows and 5 columns"
        self.refuses(f"--shrink: {sizes}, got 2", "--data", odd, "--shrink", 2, "--quiet")
        for word in "evaluate", "show":
            self.refuses(f"pixels: shrink: {sizes}, found 2", word, "--init", "pixels", "--data", odd)
        self.refuses(f"pixels: shrink: {sizes}, found 2", "predict", "--init", "pixels", "--data", odd, 0)
        self.refuses("rows: expected a network of 5 inputs and 10 classes, found 8 and 10",
                     "evaluate", "--init", "rows", "--data", odd)

    def test_an_import_that_contradicts_the_weights_or_the_file(self):
        for name in "rows", "pixels":
            self.run_program("export", "--init", name, "--save", f"{name}.torch")
        self.refuses('rows.torch: pixels: expected a network of 1 input, found 8',
                     "import", "rows.torch", "--pixels", "--save", "x")
        self.refuses("--shrink: expected 2, as pixels.torch has it, got 3",
                     "import", "pixels.torch", "--shrink", 3, "--save", "x")


if __name__ == "__main__":
    main()
