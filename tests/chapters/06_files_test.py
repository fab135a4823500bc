"""The files of a run: none is written over another one of it, or over what lies there, and runs share a checkpoint.

  06_files_test.py PROGRAM   the program of chapter 06
"""
import gzip
import itertools
import json
import os
import shutil
import stat
import struct
import subprocess
import time

from runs import NOBODY, OUTPUTS, STEPS, Files, counter, end_of, main

INPUTS = ["init", "resume"]


def is_whole(content):
    """Whether these bytes are all of a file of weights."""
    if len(content) < 8 or len(content) < 8 + struct.unpack("<Q", content[:8])[0]:
        return False
    header = content[8:8 + struct.unpack("<Q", content[:8])[0]]
    ends = [each["data_offsets"][1] for name, each in json.loads(header).items() if name != "__metadata__"]
    return len(content) == 8 + len(header) + max(ends)


class TheSame(Files):
    def test_no_two_files_of_a_run_are_one_under_whatever_names(self):
        allowed = {("resume", "checkpoint"), ("init", "save"), ("init", "resume")}
        os.symlink("c", self.path("link"))
        os.link(self.path("c"), self.path("hard"))
        os.symlink("new", self.path("dangling"))
        os.mkdir(self.path("sub"))
        there = ["c", "./c", "sub/../c", self.path("c"), "link", "hard"]
        for one, other in itertools.combinations(INPUTS + OUTPUTS, 2):
            if (one, other) in allowed:
                continue
            for name in there:
                self.refused(f"--{one}", "c", f"--{other}", name)
                self.refused(f"--{one}", name, f"--{other}", "c")
            for name in [] if one in INPUTS else ["new", "./new", "sub/../new", "dangling"]:
                err = self.refused(f"--{one}", "new", f"--{other}", name)
                self.assertIn("expected a file of its own, got ", err)

    def test_weights_are_trained_further_in_their_own_file(self):
        self.train(1, "--init", "w", "--save", "w")
        self.run_program("--data", self.data, "--resume", "c", "--checkpoint", "c", "--epochs", 2)
        self.assertEqual(counter(self.path("c"), "counter.epoch"), 2)

    def test_files_of_the_data_are_not_written_packed_or_not(self):
        def refuse(folder, name):
            for option in OUTPUTS[:4]:
                err = self.refused(f"--{option}", name, "--data", folder)
                self.assertEqual(err, f"06_mnist: --{option}: expected a file of its own, got {name}, which is read\n")
        self.train = lambda epochs, *more, **settings: self.run_program(
            "--validation-size", 10, "--batch", 10, "--epochs", epochs, "--quiet", *more, **settings)
        names = os.listdir(self.data)
        for name in names:
            refuse("data", f"data/{name}")
        os.symlink("data/" + names[0], self.path("link"))
        refuse("data", "link")
        refuse("./data", "link")
        os.makedirs(self.path("raw/MNIST/raw"))
        for name in names:
            content = (self.folder / "data" / name).read_bytes()
            (self.folder / "raw/MNIST/raw" / (name + ".gz")).write_bytes(gzip.compress(content))
            (self.folder / "data" / (name + ".gz")).write_bytes(gzip.compress(content))
        refuse("raw", f"raw/MNIST/raw/{names[0]}.gz")
        refuse("data", f"data/{names[0]}.gz")  # of two that may be meant, the one that is passed over

    def test_what_is_printed_does_not_end_up_in_a_file_of_the_run(self):
        for option in OUTPUTS[:4]:
            for stream in "stdout", "stderr":
                with open(self.path("out"), "w") as out:
                    self.start("--data", self.data, f"--{option}", "out", "--epochs", 1, **{stream: out}).communicate()
                content = (self.folder / "out").read_text()
                self.assertIn(content, ("", f"06_mnist: --{option}: expected a file of its own, got out, where "
                                            "standard error goes\n"))
            with open(self.path("out"), "w") as out:
                other = "save" if option == "csv" else option
                process = self.start_training(1, "--quiet", "--csv", "/dev/stdout", f"--{other}", "out", stdout=out)
                self.assertEqual(end_of(process)[0], 2)

    def test_a_table_goes_to_standard_output_wherever_that_is(self):
        self.train(2, "--csv", "t")
        rows = set((self.folder / "t").read_text().splitlines())
        with open(self.path("out"), "w") as out:
            process = self.start_training(2, "--quiet", "--csv", "/dev/stdout", stdout=out)
            self.assertEqual(end_of(process), (0, ""))
        out, _ = self.train(2, "--csv", "/dev/fd/1")
        for text in out, (self.folder / "out").read_text():
            self.assertEqual(len(text.splitlines()), 1 + 2 * STEPS + 2)
            self.assertLess(rows, set(text.splitlines()))


class Together(Files):
    def test_runs_with_one_checkpoint_all_go_on_and_it_is_whole_at_any_moment(self):
        runs = [self.start_training(150, "--quiet", "--checkpoint", "shared", "--every", 1, "--seed", seed,
                                    stdout=subprocess.DEVNULL) for seed in range(4)]
        seen = set()
        while any(run.poll() is None for run in runs):
            try:
                content = (self.folder / "shared").read_bytes()
            except FileNotFoundError:
                continue
            self.assertTrue(is_whole(content), f"{len(content)} bytes")
            seen.add(content)
            time.sleep(0.01)
        self.assertGreater(len(seen), 20)
        for run in runs:
            self.assertEqual(end_of(run), (0, ""))
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith(".")], [])

    def test_what_lies_there_is_neither_followed_nor_waited_for(self):
        for name in "k.partial", "k.tmp", "k~", ".k":
            os.symlink("victim", self.path(name))
            self.train(1, "--save", "k")
            os.remove(self.path(name))
            os.mkfifo(self.path(name))
            self.train(1, "--save", "k")
        self.assertFalse(os.path.exists(self.path("victim")))

    def test_mode_owner_and_links_stay(self):
        os.mkdir(self.path("elsewhere"))
        os.symlink("elsewhere/new", self.path("dangling"))
        shutil.copy(self.path("w"), self.path("mine"))
        os.chmod(self.path("mine"), 0o600)
        if NOBODY:
            os.chown(self.path("mine"), 65534, 65534)
        before = os.stat(self.path("mine"))
        for _ in range(2):
            self.train(2, "--save", "mine", "--checkpoint", "dangling")
            after = os.stat(self.path("mine"))
            for which in "st_mode", "st_uid", "st_gid":
                self.assertEqual(getattr(after, which), getattr(before, which))
            self.assertEqual(stat.S_IMODE(after.st_mode), 0o600)
            self.assertTrue(os.path.islink(self.path("dangling")))
            self.assertEqual(counter(self.path("elsewhere/new"), "counter.epoch"), 2)


if __name__ == "__main__":
    main()
