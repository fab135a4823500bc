"""Trains for two short epochs and reads the files of the run: the records by their description, the messages with
protoc, the table and the drawing with Python's own library.

  event_files_test.py PROGRAM   the program of chapter 06
"""
import csv
import functools
import os
import pathlib
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
RUN = ["--data", "digits", "--validation-size", "57000", "--epochs", "2", "--hidden", "7", "--threads", "1"]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(content):
    while content:
        length, length_crc = struct.unpack("<QI", content[:12])
        data, data_crc = content[12:12 + length], struct.unpack("<I", content[12 + length:16 + length])[0]
        assert masked(content[:8]) == length_crc, "the checksum of the length is wrong"
        assert masked(data) == data_crc, "the checksum of the data is wrong"
        yield data
        content = content[16 + length:]


def decode(data):
    command = ["protoc", f"--proto_path={HERE}", "--decode=Event", "events.proto"]
    text = subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()
    assert not re.search(r"^\s*\d+[ :]", text, flags=re.M), "a field that the schema does not have:\n" + text
    return text


def numbers(text, field):
    return [float(value) for value in re.findall(rf"\b{field}: (\S+)", text)]


class EventFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        files = ["--logdir", cls.folder / "a" / "b", "--csv", cls.folder / "run.csv", "--plot", cls.folder / "run.svg"]
        cls.out = subprocess.run([PROGRAM, *RUN, *files], check=True, capture_output=True, text=True).stdout
        event_file, = (cls.folder / "a" / "b").iterdir()
        assert re.fullmatch(r"events\.out\.tfevents\.\d{10}\.\d+\.\d+", event_file.name), event_file.name
        cls.events = [decode(data) for data in records(event_file.read_bytes())]
        cls.rows = list(csv.DictReader((cls.folder / "run.csv").read_text().splitlines()))

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def tagged(self, tag):
        return [event for event in self.events if f'tag: "{tag}"' in event]

    def test_checksums_are_those_of_the_published_example(self):
        self.assertEqual(crc32c(b"123456789"), 0xE3069283)

    def test_begins_with_the_version_that_readers_look_for(self):
        self.assertIn('file_version: "brain.Event:2"', self.events[0])

    def test_a_session_starts_before_the_first_step(self):
        starts = [event for event in self.events if "session_log" in event]
        self.assertEqual(len(starts), 1)
        self.assertIn("\nstep: 1\nsession_log {\n  status: START\n}\n", starts[0])
        first = self.events.index(self.tagged("loss/step")[0])
        self.assertLess(self.events.index(starts[0]), first)

    def test_every_step_and_epoch_has_its_numbers_in_events_table_and_output(self):
        self.assertEqual([int(row["step"]) for row in self.rows], [1, 2, 3, 4, 5, 6])
        losses = [numbers(event, "simple_value")[0] for event in self.tagged("loss/step")]
        for loss, row in zip(losses, self.rows, strict=True):
            self.assertAlmostEqual(loss, float(row["loss"]), places=5)
        ends = [row for row in self.rows if row["test_accuracy"]]
        self.assertEqual([row["epoch"] for row in ends], ["0", "1"])
        for row, line, event in zip(ends, self.out.splitlines(), self.tagged("accuracy/test"), strict=True):
            self.assertAlmostEqual(numbers(line, "test_accuracy")[0], float(row["test_accuracy"]), places=6)
            self.assertAlmostEqual(numbers(event, "simple_value")[0], float(row["test_accuracy"]), places=6)
            steps = [float(r["loss"]) for r in self.rows if r["epoch"] == row["epoch"]]
            self.assertAlmostEqual(sum(steps) / len(steps), float(row["mean_loss"]), places=6)

    def test_histograms_count_every_weight_and_gradient_once(self):
        sizes = {"w_x": 28 * 7, "w_y": 7 * 7, "b": 7, "w_out": 70, "b_out": 10}
        for name, size in sizes.items():
            for kind in "weights", "gradients":
                events = self.tagged(f"{kind}/{name}")
                self.assertEqual(len(events), 2)
                for event in events:
                    self.assertEqual(numbers(event, "num"), [size])
                    self.assertEqual(sum(numbers(event, "bucket")), size)
                    limits = numbers(event, "bucket_limit")
                    self.assertEqual(limits, sorted(set(limits)))
                    self.assertLessEqual(numbers(event, "max")[0], limits[-1])

    def test_the_graph_is_whole(self):
        graph, = [event for event in self.events if "graph_def" in event]
        names = re.findall(r'^    name: "(.*)"', graph, flags=re.M)
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual({"images", "w_x", "w_y", "b", "w_out", "b_out"}, set(names))
        inputs = re.findall(r'input: "(.*)"', graph)
        self.assertGreater(len(inputs), 5)
        self.assertLessEqual(set(inputs), set(names))
        self.assertEqual(graph.count("_output_shapes"), len(names))

    def test_the_drawing_has_four_curves(self):
        svg = xml.etree.ElementTree.parse(self.folder / "run.svg").getroot()
        curves = [path for path in svg.iter("{http://www.w3.org/2000/svg}path") if path.get("stroke-width") == "2"]
        self.assertEqual(len(curves), 4)
        self.assertEqual([path.get("d").count("L") for path in curves], [5, 1, 1, 1])

    def test_a_folder_that_cannot_be_made_is_one_line(self):
        result = subprocess.run([PROGRAM, *RUN, "--logdir", "/dev/null/x"], capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertRegex(result.stderr.splitlines()[-1], r"^06_mnist: --logdir: /dev/null/x: Not a directory$")

    def test_a_disk_that_is_full_is_one_line(self):
        small = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
        result = subprocess.run([PROGRAM, *RUN, "--quiet", "--logdir", self.folder / "full"], preexec_fn=small,
                                env={**os.environ, "LLVM_PROFILE_FILE": "/dev/null"}, capture_output=True, text=True)
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"^06_mnist: .*/full/events\.out\..*: cannot be written: File too large\n$")


if __name__ == "__main__":
    if not shutil.which("protoc"):
        print("protoc is not here: apt-get install protobuf-compiler")
        sys.exit(77)
    PROGRAM = sys.argv.pop(1)
    unittest.main()
