"""Runs of chapter 06 on a few small images, and what their files say: for the tests beside it."""
import os
import pathlib
import signal
import struct
import subprocess
import tempfile
import unittest

OPTIONS = ["--validation-size", "10", "--batch", "10", "--hidden", "4", "--keep-prob", "0.8",
           "--dropout-in-evaluation", "--learning-rate", "0.01"]
STEPS = 5  # of an epoch of 50 images
OUTPUTS = ["checkpoint", "save", "csv", "plot", "logdir"]
NOBODY = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}  # who may do nothing special


def write_images(folder, train=60, test=20, rows=6, columns=5, first=0):
    """MNIST's four files with patterns instead of digits; the images of another `first` are others."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, begin, count in ("train", first, train), ("t10k", first + train, test):
        numbers = range(begin, begin + count)
        pixels = bytes((k % 10 * 23 + k * 7 + i * (k % 10 + 3) * 5 + j * j * 11) % 256
                       for k in numbers for i in range(rows) for j in range(columns))
        (folder / f"{name}-images-idx3-ubyte").write_bytes(struct.pack(">4i", 0x803, count, rows, columns) + pixels)
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(
            struct.pack(">2i", 0x801, count) + bytes(k % 10 for k in numbers))
    return str(folder)


def without_seconds(text):
    return [line.split(" seconds: ")[0] for line in text.splitlines()]


class Runs(unittest.TestCase):
    """Tests with a folder of their own; PROGRAM is set by whoever runs them."""
    PROGRAM = ""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.data = write_images(self.folder / "data")

    def path(self, name):
        return str(self.folder / name)

    def start(self, *arguments, **more):
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": self.folder, **more}
        process = subprocess.Popen([self.PROGRAM, *map(str, arguments)], **settings)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        process.kill()
        process.wait()
        for stream in process.stdout, process.stderr:
            if stream:
                stream.close()

    def run_program(self, *arguments, status=0, **more):
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, status, f"{arguments}: {err}")
        return out, err

    def train(self, epochs, *more, **settings):
        return self.run_program("--data", self.data, *OPTIONS, "--epochs", epochs, "--quiet", *more, **settings)

    def start_training(self, epochs, *more, **settings):
        return self.start("--data", self.data, *OPTIONS, "--epochs", epochs, *more, **settings)

    def wait_for(self, process, name):
        """Until the run has written that file."""
        while not (self.folder / name).exists():
            self.assertIsNone(process.poll(), "it ended before that")


class Files(Runs):
    """Tests with a checkpoint and weights of an epoch in their folder."""

    def setUp(self):
        super().setUp()
        self.train(1, "--checkpoint", "c", "--save", "w")

    def refused(self, *arguments, **more):
        """What it says on refusing to train so, after which every file is as it was."""
        def content():
            return {path: (path.lstat().st_ino, path.read_bytes() if path.is_file() else b"")
                    for path in self.folder.rglob("*")}
        before = content()
        _, err = self.train(2, *arguments, status=2, **more)
        self.assertEqual(content(), before)
        return err


def end_of(process):
    """Exit status, or 128 and the signal; and what stood on stderr."""
    err = process.communicate(timeout=120)[1]
    return process.returncode if process.returncode >= 0 else 128 - process.returncode, err


def ignore(*signals):
    return lambda: [signal.signal(each, signal.SIG_IGN) for each in signals]


# What event files say, as a reader of protocol buffers sees it.

def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """The fields of a message: {number: [values]}."""
    found, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            size, at = varint(data, at) if key & 7 == 2 else ({1: 8, 5: 4}[key & 7], at)
            value, at = data[at:at + size], at + size
        found.setdefault(key >> 3, []).append(value)
    return found


def events_in(folder):
    """What TensorBoard makes of a folder: (tag, step) and value, in order; of a run that was killed, only what holds."""
    kept = []
    for path in sorted(pathlib.Path(folder).iterdir()):
        content = path.read_bytes()
        while len(content) >= 12:
            length = struct.unpack("<Q", content[:8])[0]
            if len(content) < length + 16:
                break  # the last record of a run that was killed while it wrote
            event, content = fields(content[12:12 + length]), content[length + 16:]
            step = event.get(2, [0])[0]
            if 7 in event:  # a session starts here
                kept = [each for each in kept if each[1] < step or each[0] == "graph"]
            elif 4 in event:
                kept = [each for each in kept if each[0] != "graph"] + [("graph", 0, event[4][0])]
            elif 5 in event:
                value = fields(fields(event[5][0])[1][0])
                kept.append((value.pop(1)[0].decode(), step, repr(value)))
    return kept


def counter(path, name):
    """A counter of a checkpoint."""
    import json
    content = pathlib.Path(path).read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    begin = 8 + length + json.loads(content[8:8 + length])[name]["data_offsets"][0]
    return struct.unpack("<Q", content[begin:begin + 8])[0]


def main():
    import sys
    Runs.PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
