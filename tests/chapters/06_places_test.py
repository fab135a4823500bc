"""What can be written at the start of a run is written at its end, wherever that is; what cannot be is refused at once.

  06_places_test.py PROGRAM   the program of chapter 06
"""
import os
import re
import shutil
import subprocess

from runs import NOBODY, OUTPUTS, STEPS, Files, Runs, counter, end_of, main


class Places(Files):
    NAMES = {"--save": "w", "--checkpoint": "c", "--csv": "t", "--plot": "p"}

    def train_in_place(self, command, epochs=2, **more):
        """Trains, with all its files in the folder `place`; what it says."""
        process = subprocess.run(
            [*command, self.PROGRAM, "--data", self.data, "--validation-size", "10", "--batch", "10", "--epochs",
             str(epochs), *(word for option, name in self.NAMES.items() for word in (option, f"place/{name}"))],
            cwd=self.folder, capture_output=True, text=True, timeout=60, **more)
        self.assertEqual(process.returncode, 0, process.stderr)
        return process.stderr

    def make_place(self):
        (self.folder / "place").mkdir()
        for name in self.NAMES.values():
            (self.folder / "place" / name).write_text("old, and longer than a table or a drawing is: " + 9999 * "x")
        self.train_in_place([], epochs=2)
        self.expected = {name: (self.folder / "place" / name).read_bytes() for name in self.NAMES.values()}
        for name in self.NAMES.values():
            (self.folder / "place" / name).write_text("old" + 99999 * "x")

    def check_place(self, err, why):
        for name, content in self.expected.items():
            self.assertEqual((self.folder / "place" / name).read_bytes(), content, name)
            line = f"06_mnist: place/{name}: cannot be replaced ({why}), so it is written in place"
            self.assertEqual(err.count(line), 1, err)

    def test_files_that_are_mounted_by_themselves_are_written_in_place_and_it_says_so(self):
        self.make_place()
        mount = 'for each in place/*; do mount --bind "$each" "$each" || exit 99; done; exec "$@"'
        if subprocess.run(["unshare", "--mount", "true"]).returncode != 0:
            self.skipTest("no mounts of one's own here")
        err = self.train_in_place(["unshare", "--mount", "sh", "-c", mount, "sh"])
        self.check_place(err, "Device or resource busy")

    def test_files_in_a_folder_where_nothing_can_be_made_are_written_in_place_and_it_says_so(self):
        self.make_place()
        for name in self.NAMES.values():
            os.chmod(self.path(f"place/{name}"), 0o666)
        os.chmod(self.path("place"), 0o555)
        os.chmod(self.folder, 0o755)
        try:
            err = self.train_in_place([], **NOBODY)
            self.check_place(err, "Permission denied")
            # Such a checkpoint is kept when the run goes on, and there is no place for a new file.
            process = self.start("--data", self.data, "--resume", "place/c", "--epochs", 3, "--quiet", **NOBODY)
            self.assertEqual(end_of(process), (0, ""))
            self.assertEqual(counter(self.path("place/c"), "counter.epoch"), 3)
            for option in [*self.NAMES, "--logdir"]:
                process = self.start_training(1, option, "place/new", **NOBODY)
                self.assertEqual(end_of(process), (2, f"06_mnist: {option}: place/new: Permission denied\n"))
        finally:
            os.chmod(self.path("place"), 0o755)

    def test_names_may_be_as_long_as_names_are(self):
        for length in 240, 245, 249, 250, 254, 255:
            names = [letter * length for letter in "stuv"]
            self.train(2, *(word for option, name in zip(self.NAMES, names) for word in (option, name)))
            for name in names:
                self.assertGreater(os.path.getsize(self.path(name)), 0)
                os.remove(self.path(name))
        for option in self.NAMES:
            self.assertIn(f"06_mnist: {option}: nnn", self.refused(option, 256 * "n"))

    def test_a_disk_that_fills_up_costs_nothing_and_one_that_is_full_is_refused(self):
        script = """
            mount -t tmpfs -o size=64k none small || exit 99
            "$@" --checkpoint small/c || echo status $?
            for option in checkpoint save csv plot logdir; do
              rm -rf small/*; dd if=/dev/zero of=small/fill bs=1k 2>/dev/null
              "$@" --$option small/x || echo status $?
            done"""
        (self.folder / "small").mkdir()
        command = [self.PROGRAM, "--data", self.data, "--batch", "1", "--epochs", "1000000", "--quiet"]
        process = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", *command], cwd=self.folder,
                                 capture_output=True, text=True, timeout=120)
        if process.returncode == 99 or "unshare failed" in process.stderr:
            self.skipTest("no mounts of one's own here")
        lines = process.stderr.splitlines()
        kept = "06_mnist: small/c: cannot be written: No space left on device; the weights, and all that --resume " \
               "needs, are in "
        self.assertTrue(lines[0].startswith(kept), lines)
        self.run_program("evaluate", "--data", self.data, "--init", lines[0].removeprefix(kept))
        self.assertEqual(lines[1:], [f"06_mnist: --{option}: small/x: No space left on device" for option in OUTPUTS])
        self.assertEqual(process.stdout.count("status 2\n"), 6)


class Gone(Runs):
    def kept_by(self, process):
        """Where everything was kept after all, from the line that says so."""
        status, err = end_of(process)
        self.assertEqual(status, 2)
        found = re.fullmatch(r"06_mnist: \S+: cannot be written: [^;]*; the weights, and all that --resume needs, are in "
                             r"(\S+)\n", err)
        self.assertTrue(found, err)
        return found[1]

    def test_a_checkpoint_that_can_no_longer_be_written_is_kept_elsewhere(self):
        (self.folder / "gone").mkdir()
        process = self.start_training(100000, "--quiet", "--checkpoint", "gone/c", "--every", "1")
        self.wait_for(process, "gone/c")
        os.rename(self.folder / "gone", self.folder / "away")
        kept = self.kept_by(process)
        done = counter(self.folder / kept, "adam_steps")
        self.assertEqual(done, counter(self.folder / "away/c", "adam_steps") + 1)  # not a step is lost
        self.run_program("evaluate", "--data", self.data, "--init", kept)
        self.run_program("--data", self.data, "--resume", kept, "--epochs", done // STEPS + 2, "--quiet")

    def test_weights_that_can_no_longer_be_written_are_kept_elsewhere(self):
        self.train(200, "--save", "whole")
        for more in [], ["--checkpoint", "other"]:
            (self.folder / "gone").mkdir()
            table = f"{len(more)}.csv"  # is there once the places were found to be good
            process = self.start_training(200, "--quiet", "--save", "gone/w", "--csv", table, *more,
                                          stdout=subprocess.DEVNULL)
            self.wait_for(process, table)
            shutil.rmtree(self.folder / "gone")
            kept = self.kept_by(process)
            self.assertEqual(kept == "other", bool(more))
            one, _ = self.run_program("evaluate", "--data", self.data, "--init", kept)
            other, _ = self.run_program("evaluate", "--data", self.data, "--init", "whole")
            self.assertEqual(one, other)


if __name__ == "__main__":
    main()
