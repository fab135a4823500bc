"""Sizes, numbers and systems at their limits, files of the first version of the program, what a resumed run says.

  06_limits_test.py PROGRAM   the program of chapter 06
"""
import json
import os
import pathlib
import resource
import shutil
import unittest

from runs import NOBODY, STEPS, Files, Runs, counter, main, without_seconds, write_images

OLD = pathlib.Path(__file__).resolve().parent / "06_old_files"


def has_fused_kernels():
    """Other processors round once more: the old program's bits are not theirs."""
    return " fma " in pathlib.Path("/proc/cpuinfo").read_text() and os.environ.get("RNN_KERNEL") != "baseline"


class Sizes(Runs):
    def test_every_network_that_can_be_trained_can_be_saved_read_and_resumed(self):
        for rows, columns in (1, 1), (1, 9), (9, 1), (28, 28):
            data = write_images(self.folder / f"{rows}x{columns}", rows=rows, columns=columns)
            for cell in "rnn", "gru", "lstm":
                for hidden in 1, 3:
                    with self.subTest(rows=rows, columns=columns, cell=cell, hidden=hidden):
                        self.goes_round(data, "--hidden", hidden, "--cell", cell)

    def goes_round(self, data, *network):
        options = ["--data", data, *network, "--validation-size", 10, "--batch", 10, "--quiet"]
        out, _ = self.run_program(*options, "--epochs", 2, "--save", "w", "--checkpoint", "c")
        self.run_program(*options, "--epochs", 1, "--checkpoint", "half")
        end, _ = self.run_program("--data", data, "--resume", "half", "--epochs", 2, "--quiet")
        self.assertEqual(without_seconds(out)[1:], without_seconds(end))
        self.assertEqual((self.folder / "half").read_bytes(), (self.folder / "c").read_bytes())
        last = float(out.split("test_accuracy: ")[-1].split()[0])
        for file in "w", "c":
            answer = json.loads(self.run_program("evaluate", "--data", data, "--init", file, "--json")[0])
            self.assertAlmostEqual(answer["accuracy"], last, places=6)
            self.run_program("predict", "--data", data, "--init", file, 0, 19)
            self.run_program("show", "--data", data, "--init", file)
            self.run_program(*options, "--epochs", 1, "--init", file)

    def test_few_images_need_no_options(self):
        for train, test, batch, apart in (30, 5, 28, 2), (1, 1, 1, 0), (500, 1, 459, 41):
            data = write_images(self.folder / f"few{train}", train=train, test=test)
            _, err = self.run_program("--data", data, "--epochs", 1)
            self.assertIn(f"only {train} training images: {apart} of them are set aside for validation\n", err)
            self.assertIn(f"batches of {batch} images: there are no more\n", err)

    def test_sizes_that_were_asked_for_are_not_changed_but_refused_by_the_names_of_their_options(self):
        for arguments, message in (
                (["--data", self.data, "--batch", 61, "--validation-size", 0],
                 "--batch: expected at most the 60 training images, got 61"),
                (["--data", self.data, "--validation-size", 60],
                 "--validation-size: expected less than the 60 training images, got 60"),
                (["--data", "digits", "--add-digits"], "--add-digits: cannot be given with --data digits"),
                (["--data", write_images(self.folder / "small", rows=9, columns=28), "--add-digits"],
                 "--add-digits: expected data of 28 x 28 pixels, found 9 x 28"),
                (["--data", "digits", "--validation-size", 60000],
                 "--validation-size: expected less than the 60000 training images, got 60000")):
            _, err = self.run_program(*arguments, "--quiet", status=2)
            self.assertEqual(err, f"06_mnist: {message}\n")


class OldFiles(Runs):
    @unittest.skipUnless(has_fused_kernels(), "this processor has no fused multiply-add")
    def test_an_old_checkpoint_goes_on_to_the_bits_of_the_old_program(self):
        shutil.copy(OLD / "checkpoint.safetensors", self.folder / "c")
        out, _ = self.run_program("--data", self.data, "--resume", "c", "--save", "w")
        self.assertEqual(without_seconds(out), ["1 train_accuracy: 0.16 test_accuracy: 0.15 loss: 2.3232",
                                                "2 train_accuracy: 0.14 test_accuracy: 0.1 loss: 2.3065"])
        self.assertEqual((self.folder / "w").read_bytes(), (OLD / "weights.safetensors").read_bytes())
        self.assertEqual(counter(self.folder / "c", "counter.epoch"), 3)  # kept in the form of today
        self.run_program("--data", self.data, "--resume", "c", "--epochs", 4)

    @unittest.skipUnless(has_fused_kernels(), "this processor has no fused multiply-add")
    def test_weights_are_written_with_the_bytes_of_the_old_program(self):
        self.train(3, "--seed", 3, "--save", "w")
        self.assertEqual((self.folder / "w").read_bytes(), (OLD / "weights.safetensors").read_bytes())

    def test_old_files_are_read(self):
        for name in "checkpoint", "weights":
            self.run_program("evaluate", "--data", self.data, "--init", OLD / f"{name}.safetensors")
            self.train(1, "--init", OLD / f"{name}.safetensors")

    def test_the_table_of_an_old_run_is_not_wiped(self):
        shutil.copy(OLD / "checkpoint.safetensors", self.folder / "c")
        (self.folder / "t.csv").write_text("epoch,step,loss,mean_loss,train_accuracy,test_accuracy\n0,1,2.5,,,\n")
        _, err = self.run_program("--data", self.data, "--resume", "c", "--csv", "t.csv", "--quiet", status=2)
        self.assertEqual(err, "06_mnist: t.csv: expected a new file, since the checkpoint does not hold the losses of "
                              "the first 7 steps, found one with rows\n")
        self.run_program("--data", self.data, "--resume", "c", "--csv", "new.csv", "--quiet")
        self.assertEqual((self.folder / "new.csv").read_text().splitlines()[1].split(",")[:2], ["1", "8"])


class Said(Runs):
    def setUp(self):
        super().setUp()
        self.train(2, "--checkpoint", "c")

    def resume(self, *arguments, status=0, **more):
        return self.run_program("--data", self.data, "--resume", "c", *arguments, status=status, **more)[1]

    def test_fewer_epochs_than_were_begun(self):
        self.assertEqual(self.resume("--epochs", 1, "--quiet", status=2),
                         "06_mnist: --epochs: expected at least 2, which c has begun, got 1\n")

    def test_that_nothing_is_left(self):
        self.assertIn("c: all 2 epochs are done, nothing is left to train\n", self.resume())
        self.assertEqual(self.resume("--quiet"), "")

    def test_other_test_images_and_only_these(self):
        line = "c: the test images are not those of the run that is resumed\n"
        self.assertNotIn(line, self.resume("--epochs", 3))
        other = self.folder / "other"
        write_images(other, first=500)
        for part in "images-idx3", "labels-idx1":
            shutil.copy(other / f"t10k-{part}-ubyte", self.folder / "data")
        self.assertIn(line, self.resume("--epochs", 4))

    @unittest.skipUnless(has_fused_kernels(), "this processor has one kind of kernel")
    def test_another_kind_of_kernel(self):
        line = "c: made with fused kernels, resumed with baseline ones: the results may differ in the last digits\n"
        self.assertNotIn(line, self.resume("--epochs", 3))
        self.assertIn(line, self.resume("--epochs", 4, env={**os.environ, "RNN_KERNEL": "baseline"}))

    def test_that_every_needs_a_checkpoint_to_write(self):
        _, err = self.run_program("--every", 5, status=2)
        self.assertEqual(err, "06_mnist: --every: needs --checkpoint or --resume\n")
        self.resume("--epochs", 3, "--every", 2)
        self.assertEqual(counter(self.folder / "c", "adam_steps"), 3 * STEPS)


class System(Files):
    def test_where_threads_cannot_be_started_the_others_do_the_work(self):
        if b"__asan_init" in pathlib.Path(self.PROGRAM).read_bytes():
            self.skipTest("a sanitizer needs a thread of its own at the end")
        whole = without_seconds(self.train(2, "--threads", 1)[0])
        os.chmod(self.folder, 0o755)
        no_more = lambda: resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
        little = lambda: resource.setrlimit(resource.RLIMIT_AS, (100 << 20, 100 << 20))
        for settings in {"preexec_fn": no_more, **NOBODY}, {"preexec_fn": little}:
            process = self.start_training(2, "--threads", 1024, **settings)
            out, err = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 0, err)
            self.assertEqual(without_seconds(out), whole)
            self.assertIn("06_mnist: fewer threads could be started than requested", err)
        self.assertEqual(without_seconds(self.train(2, "--threads", 1024)[0]), whole)

    def test_numbers_of_which_a_float_has_nothing_are_refused_by_the_names_of_their_options(self):
        for option in "keep-prob", "learning-rate", "clip":
            for value in "1e-60", "1e-300", "1e-40":
                _, err = self.run_program(f"--{option}", value, status=2)
                self.assertRegex(err, rf'^06_mnist: --{option}: expected a number .*, got "{value}", '
                                      r'which is too small for a float\n$')

    def test_nothing_of_any_length_is_repeated_at_that_length(self):
        huge = 100_000 * "x"
        environment = {**os.environ, **{name: huge for name in ("MNIST_DIR", "TMPDIR", "TERM", "HOME")}}
        for arguments in ([], ["--data", huge], ["--init", huge], ["--save", huge], [huge], ["--" + huge],
                          ["--cell", huge]):
            _, err = self.run_program(*arguments, status=2, env=environment)
            self.assertLess(len(err), 1000)
        _, err = self.run_program("--data", self.data, "--quiet", status=2, env={**os.environ, "RNN_KERNEL": huge})
        self.assertLess(len(err), 300)


if __name__ == "__main__":
    main()
