"""Readers give memory and time to what a file holds, not to what it claims: bounds_test.py READ_FILE PROGRAM.

Each hostile file is read by a process of its own, READ_FILE, which tells the most memory that it held and the time that
it took. Both must stay under a constant and a multiple of the file's size. Some of the files go to PROGRAM, 06_mnist,
as well, as a person would give them.
"""

import contextlib
import gzip
import json
import os
import pathlib
import resource
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zlib

MIB = 1 << 20
CONSTANT = 8 * MIB        # for buffers and messages
SECONDS = 1.0             # of the processor, on a machine that others use too
SECONDS_A_MIB = 0.15
LONGEST = 120             # seconds after which a reader is taken to hang

PLAIN = 2                 # bytes held for each byte of a file
UNPACKED = 64 * MIB       # what is always unpacked, and 100 times the file's size: rnn.formats.gzip
HEADER = 8                # of safetensors: an array's entry is more than 50 bytes
JSON = 40                 # "0," is a value of 40 bytes, in a list that grows twofold

# Meson's own wish that what is allocated be written over: the system would count memory that nobody has touched.
QUIET = {name: value for name, value in os.environ.items() if name != "MALLOC_PERTURB_"}


class Cost:
    def __init__(self, outcome, peak, cpu, message):
        self.outcome, self.peak, self.cpu, self.message = outcome, peak, cpu, message


def read(reader, path):
    run = subprocess.run([READ_FILE, reader, path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=LONGEST, check=True, preexec_fn=limited, env=QUIET)
    outcome, peak, before, cpu = run.stdout.decode().split()
    return Cost(outcome, (int(peak) - int(before)) * 1024, float(cpu), run.stderr.decode(errors="replace"))


def limited():
    """No test may take the machine with it."""
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))


def idx(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


def tensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def many(pattern, count):
    """As many different ones."""
    return ",".join(pattern % i for i in range(count)).encode()


def repeated(text, count):
    return b",".join([text] * count)


class Bounds(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def put(self, content, name="file"):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def sparse(self, beginning, size=100 << 30):
        """A file of `size` bytes of which the disk holds only the beginning."""
        path = self.put(beginning, "sparse")
        try:
            os.truncate(path, size)
        except OSError as error:
            self.skipTest(f"no file of {size} bytes can be made here: {error}")
        return path

    @contextlib.contextmanager
    def pipe(self, beginning, endless=b""):
        """A pipe out of which come these bytes, and then the same ones for as long as somebody reads."""
        path = self.folder / "pipe"
        os.mkfifo(path)

        def write():
            with contextlib.suppress(BrokenPipeError), open(path, "wb", buffering=0) as out:
                out.write(beginning)
                while endless:
                    out.write(endless)

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        try:
            yield path
        finally:
            writer.join(10)
            path.unlink()
            self.assertFalse(writer.is_alive(), "the reader closed the pipe")

    def check_cost(self, cost, size, factor, constant=CONSTANT):
        most = constant + factor * size
        self.assertLessEqual(cost.peak, most, f"{cost.peak / MIB:.1f} MiB for {size} bytes; {cost.message}")
        self.assertLessEqual(cost.cpu, SECONDS + SECONDS_A_MIB * size / MIB, f"for {size} bytes; {cost.message}")

    def refuses(self, reader, path, expected, factor=PLAIN, constant=CONSTANT, size=None):
        cost = read(reader, path)
        self.assertEqual(cost.outcome, "refused")
        self.assertIn(expected, cost.message)
        self.assertEqual(cost.message.count("\n"), 1, cost.message)
        self.assertLess(len(cost.message), 1000)
        self.check_cost(cost, os.path.getsize(path) if size is None else size, factor, constant)

    def reads(self, reader, path, factor=PLAIN, constant=CONSTANT, size=None):
        cost = read(reader, path)
        self.assertEqual(cost.outcome, "read", cost.message)
        self.check_cost(cost, os.path.getsize(path) if size is None else size, factor, constant)


class Idx(Bounds):
    CLAIMS = {
        "images": idx(0x803, 1 << 20, 1 << 5, 1 << 5),  # 1 GiB
        "labels": idx(0x801, 1 << 30),
    }
    TABLE = idx(0xC02, 1 << 25, 8)

    def test_a_header_that_claims_a_gigabyte_costs_nothing(self):
        for reader, claim in [*self.CLAIMS.items(), ("labels", self.TABLE)]:
            with self.subTest(reader):
                self.refuses(reader, self.put(claim + b"abc"), "expected 1073741824 bytes of")
                self.refuses(reader, self.put(gzip.compress(claim + b"abc")), "expected 1073741824 bytes of")

    def test_more_than_any_set_holds_is_not_even_looked_for(self):
        path = self.sparse(idx(0x803, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF))
        self.refuses("images", path, "expected at most 1073741824 bytes of pixels", size=0)
        self.refuses("labels", self.sparse(idx(0x801, 0xFFFFFFFF)), "expected at most 1073741824 labels", size=0)
        self.refuses("labels", self.sparse(idx(0xC02, 0xFFFFFFFF, 8)), "expected at most 33554432 labels", size=0)

    def test_an_endless_file_is_judged_by_its_first_bytes(self):
        for reader in self.CLAIMS:
            with self.subTest(reader):
                self.refuses(reader, "/dev/zero", "byte 0: expected the magic number", size=0)
                self.refuses(reader, self.sparse(b""), "byte 0: expected the magic number", size=0)
        small = idx(0x803, 2, 2, 3) + bytes(12)
        self.refuses("images", self.sparse(small), "byte 28: expected the end after 12 bytes of pixels", size=0)
        for content in (small, gzip.compress(small)):
            with self.pipe(content, endless=b"x" * 4096) as path:
                self.refuses("images", path, "expected the end after", size=0)
            with self.pipe(content) as path:
                self.reads("images", path, size=0)

    def test_what_is_really_there_costs_a_small_multiple(self):
        images = idx(0x803, 30000, 28, 28) + os.urandom(30000 * 28 * 28)
        self.reads("images", self.put(images))
        self.reads("images", self.put(gzip.compress(images, 1)))
        self.reads("labels", self.put(idx(0x801, 10 * MIB) + bytes(10 * MIB)))

    def test_a_small_file_that_unpacks_to_a_gigabyte_is_not_unpacked(self):
        packed = self.folder / "bomb"
        pack = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        begin = pack.compress(self.CLAIMS["images"]) + pack.flush(zlib.Z_FULL_FLUSH)
        zeros = pack.compress(bytes(MIB)) + pack.flush(zlib.Z_FULL_FLUSH)  # at any place
        packed.write_bytes(begin + 1024 * zeros)
        self.assertLess(os.path.getsize(packed), 2 * MIB)
        self.refuses("images", packed, "expected at most 100 times as many bytes when unpacked", factor=200,
                     constant=CONSTANT + 2 * UNPACKED)

    def test_parts_without_content_and_endless_headers_take_no_longer_than_their_size(self):
        nothing = gzip.compress(b"")
        self.refuses("images", self.put(nothing * (4 * MIB // len(nothing))), "expected the magic number (4 bytes)")
        name = b"\x1f\x8b\x08\x08" + bytes(6)  # a name follows, which ends with a zero
        self.refuses("images", self.put(name + b"x" * (8 * MIB)), "more gzip data, found the end of the file")
        self.refuses("images", self.put(gzip.compress(idx(0x803, 0, 1, 1)) + bytes(8 * MIB) + b"x"), "or zeros, found")
        self.reads("images", self.put(gzip.compress(idx(0x803, 0, 1, 1)) + bytes(8 * MIB)))

    def test_a_folder_of_such_files_is_refused_as_well(self):
        for name in ("train-images-idx3-ubyte", "t10k-images-idx3-ubyte", "train-images.idx3-ubyte"):
            self.put(self.CLAIMS["images"] + b"abc", name)
            self.put(gzip.compress(self.CLAIMS["images"]), name + ".gz")
        for name in ("train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"):
            self.put(self.CLAIMS["labels"] + b"abc", name)
        self.refuses("mnist", self.folder, "expected 1073741824 bytes of labels", size=0)
        self.put(idx(0x801, 2) + bytes(2), "train-labels-idx1-ubyte")
        self.refuses("mnist", self.folder, "expected 1073741824 bytes of pixels", size=0)


class Safetensors(Bounds):
    READERS = ("safetensors", "weights")  # from a file, and from bytes

    def test_a_header_that_claims_much_costs_nothing(self):
        for length in (100_000_000, 100_000_001, 1 << 40, (1 << 64) - 1):
            for reader in self.READERS:
                with self.subTest(length=length, reader=reader):
                    self.refuses(reader, self.put(struct.pack("<Q", length) + b"{}"), "expected a header of")

    def test_an_endless_file_is_judged_by_its_first_bytes(self):
        weights = tensors({"w": tensor("F32", [2], 0, 8)}, bytes(8))
        self.refuses("safetensors", "/dev/zero", "header: expected an object", size=0)
        self.refuses("safetensors", self.sparse(b""), "header: expected an object", size=0)
        self.refuses("safetensors", self.sparse(struct.pack("<Q", 99_000_000)), "header: expected an object", size=0)
        self.refuses("safetensors", self.sparse(weights), "data: expected 8 bytes after the header, found 107374", size=0)
        honest = tensors({"w": tensor("U8", [1 << 40], 0, 1 << 40)})
        self.refuses("safetensors", self.sparse(honest, (1 << 40) + len(honest)), "expected at most 1073741824 bytes of data",
                     size=0)

    def test_a_pipe_is_read_no_further_than_it_must_be(self):
        weights = tensors({"w": tensor("F32", [2], 0, 8)}, bytes(8))
        large = tensors({"w": tensor("U8", [1 << 30], 0, 1 << 30)})
        with self.pipe(weights) as path:
            self.reads("safetensors", path, size=0)
        with self.pipe(weights, endless=bytes(4096)) as path:
            self.refuses("safetensors", path, "data: expected 8 bytes after the header, found more", size=0)
        with self.pipe(struct.pack("<Q", 100_000_000), endless=bytes(4096)) as path:
            self.refuses("safetensors", path, "header: expected an object", size=0)
        with self.pipe(large) as path:
            self.refuses("safetensors", path, "data: expected 1073741824 bytes after the header, found 0", size=0)
        with self.pipe(struct.pack("<Q", 100_000_000) + b"{") as path:
            self.refuses("safetensors", path, "expected a header of 100000000 bytes, found 1", size=0)
        with self.pipe(b"") as path:
            self.refuses("safetensors", path, "expected 8 bytes with the length of the header, found 0", size=0)

    def test_shapes_that_claim_more_than_is_there_cost_nothing(self):
        for shape in ([20000, 20000], [1 << 62], [1 << 32, 1 << 32], [1 << 31, 1 << 31, 1 << 31]):
            for dtype in ("F32", "BOOL", "F4"):
                for reader in self.READERS:
                    with self.subTest(shape=shape, dtype=dtype, reader=reader):
                        path = self.put(tensors({"w_y": tensor(dtype, shape, 0, 3000)}, bytes(3000)))
                        self.refuses(reader, path, 'tensor "w_y": expected')

    def test_headers_of_megabytes_cost_a_small_multiple(self):
        empty = '"a%d":{"dtype":"U8","shape":[],"data_offsets":[0,0]}'.replace("[]", "[0]")
        for name, header, expected in (
            ("many arrays", b"{" + many(empty, 100_000) + b"}", None),
            ("one name many times", b"{" + many(empty.replace("%d", "%.0s"), 100_000) + b"}", "one of this name, found two"),
            ("many axes", b'{"a":{"dtype":"U8","shape":[' + repeated(b"1", 800_000) + b"]}}", "more than 100000 values"),
            ("many lists", b'{"a":' + b"[" * 30 + repeated(b"[1]", 800_000) + b"]" * 30 + b"}", "more than 100000 values"),
            ("much metadata", b'{"__metadata__":{' + many('"%d":""', 400_000) + b"}}", "more than 100000 values"),
            ("a long name", b'{"' + b"x" * (4 * MIB) + b'":1}', "expected an object, found the number 1"),
            ("a long text", b'{"__metadata__":{"a":"' + b"x" * (4 * MIB) + b'"}}', None),
            ("a long number", b'{"a":{"dtype":"U8","shape":[' + b"1" * (4 * MIB) + b"]}}", "which is too large"),
            ("a long fraction", b'{"a":{"dtype":"U8","shape":[0.' + b"1" * (4 * MIB) + b"]}}", "expected"),
            ("a deep list", b'{"a":' + b"[" * (4 * MIB), "more than 32 levels"),
            ("many members of one array", b'{"a":{' + many('"%d":1', 400_000) + b"}}", "more than 100000 values"),
            ("spaces", b"{}" + b" " * (4 * MIB), None),
            ("escapes", b'{"__metadata__":{"a":"' + b"\\u0000" * MIB + b'"}}', None),
        ):
            path = self.put(tensors(header))
            for reader in self.READERS:
                with self.subTest(name, reader=reader):
                    if expected:
                        self.refuses(reader, path, expected, factor=HEADER)
                    else:
                        self.reads(reader, path, factor=HEADER)

    def test_what_is_really_there_costs_a_small_multiple(self):
        size = 32 * MIB
        path = self.put(tensors({"a": tensor("F32", [size // 8], 0, size // 2), "b": tensor("I8", [size // 2], size // 2, size)},
                                bytes(size)))
        self.reads("safetensors", path, factor=1.5)
        self.reads("weights", path)
        path = self.put(tensors({f"t{i}": tensor("U8", [1], i, i + 1) for i in range(50_000)}, bytes(50_000)))
        self.reads("safetensors", path, factor=HEADER)


class Json(Bounds):
    def hostile(self):
        size = 2 * MIB
        yield "many numbers", b"[" + b"0," * (size // 2) + b"0]"
        yield "many lists", b"[" * 30 + b"[]," * (size // 3) + b"[]" + b"]" * 30
        yield "many members", b"{" + many('"%d":0', size // 12) + b"}"
        yield "one name many times", b"{" + b'"a":0,' * (size // 6) + b'"a":0}'
        yield "a long text", b'"' + b"x" * size + b'"'
        yield "a long number", b"1" * size
        yield "a long fraction", b"0." + b"1" * size
        yield "a large exponent", b"1e" + b"9" * size
        yield "a deep list", b"[" * size
        yield "a deep object", b'{"a":' * (size // 5)
        yield "escapes", b'"' + b"\\u0000" * (size // 6) + b'"'
        yield "spaces", b" " * size

    def test_values_cost_a_multiple_of_their_text(self):
        for name, text in self.hostile():
            path = self.put(text)
            for reader in ("json", "case", "chorales"):
                with self.subTest(name, reader=reader):
                    cost = read(reader, path)
                    self.assertLessEqual(cost.message.count("\n"), 1, cost.message)
                    self.assertLess(len(cost.message), 1000)
                    self.check_cost(cost, len(text), JSON)

    def test_a_case_of_many_numbers_costs_a_multiple_of_its_text(self):
        row = b"[" + b"0," * 9 + b"0]"
        weights = b'"weights":{"w_x":[' + b"[0]," * 9 + b'[0]],"w_y":[[0]],"b":[0]}'
        inputs = b'"inputs":[[' + (row + b",") * 100_000 + row + b"]]"
        self.reads("case", self.put(b"{" + weights + b"," + inputs + b"}"), factor=JSON)

    def test_an_endless_case_is_read_no_further_than_any_case_is_long(self):
        for path in ("/dev/zero", self.sparse(b"")):
            self.refuses("case", path, "expected at most 4194304 bytes, found more", size=4 * MIB)
        with self.pipe(b"[", endless=b"0," * 4096) as path:
            self.refuses("case", path, "expected at most 4194304 bytes, found more", size=4 * MIB)


class Program(Bounds):
    """06_mnist, as a person runs it."""

    CONSTANT = 64 * MIB

    def refused(self, expected, *arguments):
        start = time.monotonic()
        process = subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, preexec_fn=limited, env=QUIET)
        out, message = process.stdout.read(), process.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        process.stderr.close()
        self.assertEqual(process.returncode, 2, message)
        self.assertEqual(out, b"")
        self.assertIn(expected, message)
        self.assertEqual(message.count("\n"), 1, message)
        cost = Cost("refused", usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime, message)
        self.check_cost(cost, 0, 0, self.CONSTANT)
        self.assertLess(time.monotonic() - start, LONGEST)

    def test_weights_that_are_none_are_refused_at_once(self):
        nothing = [("/dev/zero", "expected an object"), (self.sparse(b""), "expected an object")]
        for path, expected in nothing:
            for command in (["evaluate"], ["show"], []):
                with self.subTest(path=path, command=command):
                    self.refused(f"{path}: header: {expected}", *command, "--init", path, "--data", "digits")
        with self.pipe(struct.pack("<Q", 1 << 40), endless=bytes(4096)) as path:
            self.refused(f"{path}: expected a header of at most", "evaluate", "--init", path, "--data", "digits")

    def test_weights_that_claim_more_than_they_hold_are_refused_at_once(self):
        n = 20000
        claim = {"w_x": tensor("F32", [28, n], 0, 1000), "w_y": tensor("F32", [n, n], 1000, 2000),
                 "b": tensor("F32", [n], 2000, 2500), "w_out": tensor("F32", [n, 10], 2500, 2900),
                 "b_out": tensor("F32", [10], 2900, 2940)}
        path = self.put(tensors(claim, bytes(2940)))
        self.refused(f'{path}: tensor "w_x": expected 2240000 bytes', "evaluate", "--init", path, "--data", "digits")
        empty = {name: tensor("F32", [0 if axis == n else axis for axis in entry["shape"]], 0, 0)
                 for name, entry in claim.items() if name != "b_out"}
        path = self.put(tensors({**empty, "b_out": tensor("F32", [10], 0, 40)}, bytes(40)))
        self.refused(f"{path}: ", "evaluate", "--init", path, "--data", "digits")

    def test_a_checkpoint_that_claims_more_than_it_holds_is_refused_at_once(self):
        for name, count in ("train", 40), ("t10k", 20):
            self.put(idx(0x803, count, 6, 5) + os.urandom(30 * count), f"{name}-images-idx3-ubyte")
            self.put(idx(0x801, count) + bytes(count), f"{name}-labels-idx1-ubyte")
        path = self.folder / "checkpoint"
        subprocess.run([PROGRAM, "--data", self.folder, "--epochs", "1", "--hidden", "2", "--validation-size", "10",
                        "--batch", "10", "--quiet", "--checkpoint", path], stdout=subprocess.DEVNULL, check=True)
        whole = path.read_bytes()
        length, = struct.unpack("<Q", whole[:8])
        header = json.loads(whole[8:8 + length])
        metadata = header["__metadata__"]
        self.assertEqual(metadata["hidden"], "2")
        del metadata["unrolled.crc32c"]
        metadata["hidden"] = "20000"
        path.write_bytes(tensors(header, whole[8 + length:]))
        self.assertLess(os.path.getsize(path), 20_000)
        for option in ("--resume", "--init"):
            self.refused('checkpoint: metadata: hidden: expected 2, as w_y has it, found "20000"', option, path)

    def test_data_that_claim_more_than_they_hold_are_refused_at_once(self):
        for name in ("train-images-idx3-ubyte", "t10k-images-idx3-ubyte"):
            self.put(Idx.CLAIMS["images"], name)
        for name in ("train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"):
            self.put(idx(0x801, 1 << 20) + bytes(1 << 20), name)
        self.refused("expected 1073741824 bytes of pixels, found 0", "--data", self.folder)

    def test_a_case_without_an_end_is_refused_at_once(self):
        self.refused("/dev/zero: expected at most 4194304 bytes", "--replay", "/dev/zero")


if __name__ == "__main__":
    READ_FILE, PROGRAM = (str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:3])
    del sys.argv[1:3]
    unittest.main()
