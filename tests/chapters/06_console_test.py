"""Who is there when a program runs: readers who do not read, terminals that are narrow, or obey what is in a name.

  06_console_test.py PROGRAM   the program of chapter 06
"""
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

from runs import OPTIONS, Files, counter, main, write_images

ODD = os.fsdecode(b"odd \x1b[31m\xff\xe2\x80\xae\n")  # colors, no UTF-8, text from right to left, a second line


class Unread(Files):
    """The first signal ends a run even where nobody reads what it writes."""

    def pipe(self, full):
        """The end of a pipe for writing, that has room for one line unless it is full. Nobody ever reads."""
        read, write = os.pipe()
        for end in read, write:
            self.addCleanup(os.close, end)
        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)  # of a single page, which the first write takes
        if full:
            os.write(write, b"x")
        return write

    def ends_soon(self, process, number):
        begin = time.monotonic()
        process.send_signal(number)
        process.wait(20)
        self.assertLess(time.monotonic() - begin, 10)
        self.assertEqual(process.returncode, 128 + number)

    def test_a_full_pipe_behind_standard_output_does_not_keep_it(self):
        for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
            os.remove(self.path("c"))
            process = self.start_training(100000, "--quiet", "--checkpoint", "c", stdout=self.pipe(full=False))
            self.wait_for(process, "c")
            time.sleep(0.3)
            self.ends_soon(process, number)
            self.assertIn(" --resume c\n", process.stderr.read())
            self.assertGreater(counter(self.path("c"), "adam_steps"), 0)

    def test_a_full_pipe_behind_standard_error_does_not_keep_it(self):
        # The first line says what the data are; that of progress is the next.
        process = self.start_training(100000, "--checkpoint", "k", stdout=subprocess.DEVNULL,
                                      stderr=self.pipe(full=False))
        time.sleep(0.5)
        self.assertFalse(os.path.exists(self.path("k")))
        self.ends_soon(process, signal.SIGINT)
        self.assertGreater(counter(self.path("k"), "adam_steps"), 0)

    def test_the_line_of_the_last_epoch_does_not_keep_it_either(self):
        process = self.start_training(1, "--quiet", "--save", "s", stdout=self.pipe(full=True))
        time.sleep(0.5)
        self.ends_soon(process, signal.SIGTERM)
        self.assertEqual(process.stderr.read(), "")
        self.run_program("evaluate", "--data", self.data, "--init", "s")

    def test_a_pipe_gets_each_file_once(self):
        options = ["checkpoint", "save", "csv", "plot"]
        self.train(3, *(word for option in options for word in (f"--{option}", f"plain-{option}")))
        pipes = " ".join(f"--{option} >(cat > piped-{option})" for option in options)
        for name in options:
            os.mkfifo(self.path(f"fifo-{name}"))
        fifos = " ".join(f"--{option} fifo-{option}" for option in options)
        readers = "".join(f"cat fifo-{option} > read-{option} & " for option in options)
        command = [self.PROGRAM, "--data", self.data, *OPTIONS, "--epochs", "3", "--quiet"]
        for script in f'"$@" {pipes}; sleep 0.3', f'{readers} "$@" {fifos}; wait':
            subprocess.run(["bash", "-c", script, "bash", *command], cwd=self.folder, check=True, capture_output=True,
                           timeout=60)
        for option in options:
            plain = (self.folder / f"plain-{option}").read_bytes()
            for kind in "piped", "read":
                self.assertEqual((self.folder / f"{kind}-{option}").read_bytes(), plain, f"{kind} {option}")

    def test_a_checkpoint_that_nobody_reads_is_kept_in_another_place(self):
        os.mkfifo(self.path("fifo"))
        process = self.start_training(100000, "--quiet", "--checkpoint", "fifo", stdout=subprocess.DEVNULL)
        time.sleep(0.5)
        self.ends_soon(process, signal.SIGINT)
        line = re.fullmatch(r"fifo: cannot be written: nobody reads it, and the program was asked to end; stopped in "
                            r"epoch \d+ after \d steps of it; to go on:\n  (.*) --resume (\S+)\n", process.stderr.read())
        self.assertNotIn("--checkpoint", line[1])
        epochs = counter(self.path(line[2]), "counter.epoch") + 1
        self.run_program("--data", self.data, "--resume", line[2], "--epochs", epochs)


class Names(Files):
    def setUp(self):
        super().setUp()
        for name in "w", "c":
            shutil.copy(self.path(name), self.path(name + ODD))
        shutil.copytree(self.data, self.path("data" + ODD))

    def say(self, *arguments, status=0, **more):
        """What it says, of which a terminal must obey nothing."""
        process = self.start(*arguments, text=False, **more)
        out, err = (text.decode() for text in process.communicate(timeout=60))
        self.assertEqual(process.returncode, status, err)
        self.assertNotRegex(out + err, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
        return out + err

    def test_names_are_shown_with_escapes_by_every_command(self):
        shown = r"odd \x1b[31m\xff\u202e\n"
        data, weights, checkpoint = "data" + ODD, "w" + ODD, "c" + ODD
        short = ["--validation-size", 10, "--batch", 10, "--hidden", 4]
        # Two files of which one is passed over.
        shutil.copy(self.path(f"{data}/t10k-labels-idx1-ubyte"), self.path(f"{data}/t10k-labels.idx1-ubyte"))
        for command in ["evaluate"], ["show"], ["predict", "0"]:
            self.assertIn(shown, self.say(*command, "--data", data, "--init", weights))
        self.assertIn(f"MNIST in data{shown}", self.say("--data", data, *short, "--epochs", 1))
        self.assertIn(f"c{shown}: all 1 epochs are done", self.say("--data", data, "--resume", checkpoint))
        self.assertIn(f"s{shown}: rnn.", self.say("export", "--init", weights, "--save", "s" + ODD))
        self.assertIn(f"v{shown}: the weights of", self.say("import", "s" + ODD, "--save", "v" + ODD))
        with open(self.path("data/t10k-labels-idx1-ubyte"), "r+b") as labels:
            labels.seek(8)
            labels.write(b"\5")
        self.assertIn(f"c{shown}: the test images", self.say("--resume", checkpoint, "--data", self.data))
        for arguments in (["--resume", checkpoint, "--data", data, "--seed", 7],
                          ["--resume", checkpoint, "--data", "digits"],
                          ["--resume", checkpoint, "--data", data, "--epochs", 2, "--save", "none" + ODD + "/w"],
                          ["--data", data, *short, "--save", f"{data}/train-images-idx3-ubyte"],
                          ["import", "s" + ODD, "--save", "u", "--activation", "relu"],
                          ["import", "s" + ODD, "--save", "s" + ODD], ["import", "none" + ODD, "--save", "u"],
                          ["--data", "none" + ODD], ["--init", checkpoint, "--csv", checkpoint], ["train" + ODD],
                          ["--epochs", ODD], ["--" + ODD], ["predict", "--init", weights, "none" + ODD],
                          ["evaluate", "--data", data, "--init", f"{data}/train-images-idx3-ubyte"]):
            self.assertIn(r"\x1b[31m", self.say(*arguments, status=2))

    def test_a_line_to_go_on_can_be_typed_whatever_the_names_are(self):
        process = self.start("--data", "data" + ODD, *OPTIONS, "--epochs", 100000, "--quiet", "--checkpoint", "k" + ODD,
                             "--every", 1, stdout=subprocess.DEVNULL)
        self.wait_for(process, "k" + ODD)
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=60)[1]
        self.assertNotRegex(err.replace("\n", ""), "[\x00-\x1f\x7f-\x9f\u202a-\u202e]")
        command = err.splitlines()[1].replace("100000", str(counter(self.path("k" + ODD), "adam_steps")))
        subprocess.run(["bash", "-c", command], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def test_json_can_be_parsed_whatever_the_names_are(self):
        write_images(self.folder / "large", rows=28, columns=28)
        self.run_program("--data", "large", *OPTIONS, "--epochs", 1, "--quiet", "--save", "v")
        picture = "seven" + ODD + ".pgm"
        rows = [bytes(28 * [255])] * 28
        rows[5:23] = [bytes(12 * [255] + 4 * [0] + 12 * [255])] * 18
        (self.folder / picture).write_bytes(b"P5 28 28 255\n" + b"".join(rows))
        answer = self.run_program("predict", "--init", "v", "--json", picture, "./" + picture)[0]
        self.assertEqual([each["image"] for each in json.loads(answer)["predictions"]],
                         [picture.replace("\udcff", "\ufffd"), "./" + picture.replace("\udcff", "\ufffd")])
        for command in "evaluate", "show":
            answer = json.loads(self.run_program(command, "--data", "data" + ODD, "--init", "w", "--json")[0])
            self.assertIn("odd", answer["source"])

    def test_weights_may_come_through_a_pipe_and_are_read_once(self):
        for option, file, epochs in ("--init", "w", 1), ("--resume", "c", 2):
            network = OPTIONS if option == "--init" else []
            arguments = ["--data", self.data, *network, "--epochs", str(epochs), "--quiet", "--save"]
            self.run_program(*arguments, "plain", option, file)
            script = f'"$@" piped {option} <(cat {file})'
            subprocess.run(["bash", "-c", script, "bash", self.PROGRAM, *arguments], cwd=self.folder, check=True,
                           capture_output=True, timeout=60)
            self.assertEqual((self.folder / "piped").read_bytes(), (self.folder / "plain").read_bytes())


class Terminal(Files):
    def drawn(self, columns, later=None):
        """The lines of progress on a terminal of so many columns, which become `later` ones; without escapes."""
        near, far = pty.openpty()
        self.addCleanup(os.close, near)
        size = lambda wanted: fcntl.ioctl(near, termios.TIOCSWINSZ, struct.pack("4H", 25, wanted, 0, 0))
        size(columns)
        environment = {**os.environ, "TERM": "xterm"}
        process = self.start("--data", self.data, "--batch", 1, "--validation-size", 0, "--epochs", 100000,
                             "--threads", 1,
                             stdout=subprocess.DEVNULL, stderr=far, env=environment)
        os.close(far)
        text, begin, changed = b"", time.monotonic(), False
        before = 0
        while time.monotonic() < begin + (1.6 if later else 0.6):
            if select.select([near], [], [], 0.05)[0]:
                text += os.read(near, 65536)
            if later and not changed and time.monotonic() > begin + 0.8:
                size(later)
                before, changed = len(text), True
        process.kill()
        if later:
            text = text[before:].split(b"\r", 2)[2]  # what was being drawn meanwhile may have the old width
        lines = re.sub("\x1b\\[[0-9;]*[A-Za-z]", "", text.decode()).split("\r")
        return [line for line in lines if line.startswith("epoch ")]

    def test_progress_fits_the_window_and_has_no_lines_of_its_own(self):
        for columns in 200, 80, 60, 40, 20:
            lines = self.drawn(columns)
            self.assertGreater(len(lines), 1)
            self.assertLess(max(map(len, lines)), columns)
            self.assertFalse(any("\n" in line for line in lines))

    def test_progress_fits_a_window_that_changes_its_size(self):
        for before, after in (120, 40), (40, 120):
            lines = self.drawn(before, after)
            self.assertGreater(len(lines), 1)
            self.assertLess(max(map(len, lines)), after)
            self.assertGreater(max(map(len, lines)), after / 2)


if __name__ == "__main__":
    main()
