"""What the format's own reader takes and what it refuses: safetensors_rules_test.py READ_FILE.

The verdicts written here are those of the Rust library behind Python's `safetensors`, from its source (Metadata and its
deserialization by serde, in safetensors/src/tensor.rs). Our reader must agree, except where the format's description is
stricter than its reader. Where the library is installed it is asked as well, so that the table stays true.
"""

import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

try:
    import safetensors
except ImportError:
    safetensors = None

TAKES, REFUSES = True, False


def entry(dtype="F32", shape="[2]", offsets="[0,8]", more=""):
    return f'{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}{more}}}'


def one(*arguments, **keywords):
    return '{"a":' + entry(*arguments, **keywords) + "}"


def two(first, second):
    return '{"a":' + first + ',"b":' + second + "}"


# name: header, bytes of data, the library's verdict
RULES = {
    "an array": (one(), 8, TAKES),
    "nothing": ("{}", 0, TAKES),
    "a single number": (one(shape="[]", offsets="[0,4]"), 4, TAKES),
    "an array without numbers": (one(shape="[0,3]", offsets="[0,0]"), 0, TAKES),
    "a point in a shape": (one(shape="[2.0]"), 8, REFUSES),
    "an exponent in a shape": (one(shape="[2e0]"), 8, REFUSES),
    "1e2 in a shape": (one("U8", "[1e2]", "[0,100]"), 100, REFUSES),
    "a negative axis": (one(shape="[-2]"), 8, REFUSES),
    "a negative zero": (one(shape="[-0]", offsets="[0,0]"), 0, REFUSES),
    "an axis as text": (one(shape='["2"]'), 8, REFUSES),
    "an axis of null": (one(shape="[null]"), 8, REFUSES),
    "a shape that is no list": (one(shape="2"), 8, REFUSES),
    "an axis of 2^64": (one(shape="[18446744073709551616]"), 8, REFUSES),
    "an axis of 2^64 - 1 and one of 0": (one(shape="[18446744073709551615,0]", offsets="[0,0]"), 0, TAKES),
    "axes too large before one of 0": (one(shape="[9223372036854775808,4,0]", offsets="[0,0]"), 0, REFUSES),
    "axes too large after one of 0": (one(shape="[0,9223372036854775808,4]", offsets="[0,0]"), 0, TAKES),
    "a size too large": (one(shape="[4294967296,4294967296]"), 8, REFUSES),
    "offsets with a point": (one(offsets="[0,8.0]"), 8, REFUSES),
    "one offset": (one(offsets="[8]"), 8, REFUSES),
    "three offsets": (one(offsets="[0,8,8]"), 8, REFUSES),
    "offsets backwards": (one(offsets="[8,0]"), 8, REFUSES),
    "offsets past the end": (one(offsets="[0,8]"), 7, REFUSES),
    "bytes after the last array": (one(), 9, REFUSES),
    "bytes before the first array": (one(offsets="[4,12]"), 12, REFUSES),
    "a gap": (two(entry(), entry(offsets="[12,20]")), 20, REFUSES),
    "an overlap": (two(entry(), entry(offsets="[4,12]")), 12, REFUSES),
    "the same bytes twice": (two(entry(), entry()), 8, REFUSES),
    "arrays in another order than their bytes": (two(entry(offsets="[8,16]"), entry()), 16, TAKES),
    "too few bytes for a shape": (one(shape="[3]"), 8, REFUSES),
    "too many bytes for a shape": (one(shape="[1]"), 8, REFUSES),
    "an unknown dtype": (one("F7"), 8, REFUSES),
    "a dtype in small letters": (one("f32"), 8, REFUSES),
    "no dtype": ('{"a":{"shape":[2],"data_offsets":[0,8]}}', 8, REFUSES),
    "no shape": ('{"a":{"dtype":"F32","data_offsets":[0,8]}}', 8, REFUSES),
    "no offsets": ('{"a":{"dtype":"F32","shape":[2]}}', 8, REFUSES),
    "the shape twice": (one(more=',"shape":[2]'), 8, REFUSES),
    "a key that is unknown": (one(more=',"note":[1,{"x":null}]'), 8, TAKES),
    "an entry that is a number": ('{"a":8}', 0, REFUSES),
    "metadata": ('{"__metadata__":{"format":"pt"}}', 0, TAKES),
    "metadata of null": ('{"__metadata__":null}', 0, TAKES),
    "metadata that is a number": ('{"__metadata__":{"epoch":3}}', 0, REFUSES),
    "metadata that is nested": ('{"__metadata__":{"a":{}}}', 0, REFUSES),
    "metadata that is a list": ('{"__metadata__":["a"]}', 0, REFUSES),
    "metadata twice": ('{"__metadata__":{},"__metadata__":{}}', 0, REFUSES),
    "space after the header": (one() + " \t\r\n" * 100, 8, TAKES),
    "text after the header": (one() + "x", 8, REFUSES),
    "a list": ("[]", 0, REFUSES),
    "no header": ("", 0, REFUSES),
    "a comma too many": ('{"a":' + entry() + ",}", 8, REFUSES),
    "a comment": ("{/* */}", 0, REFUSES),
    "NaN": (one(shape="[NaN]"), 8, REFUSES),
    "bytes that are no UTF-8": (b'{"\xff":' + entry().encode() + b"}", 8, REFUSES),
    "a name of no letters": ('{"":' + entry() + "}", 8, TAKES),
    "a name with a zero and a smile": ('{"\\u0000\\ud83d\\ude00":' + entry() + "}", 8, TAKES),
    "many arrays": ("{" + ",".join(f'"{i:08}":' + entry("U8", "[1]", f"[{i},{i + 1}]") for i in range(30000)) + "}",
                    30000, TAKES),
    **{f"numbers of {dtype}": (one(dtype, "[8]", f"[0,{bits}]"), bits, TAKES)
       for dtype, bits in {"BOOL": 8, "U8": 8, "I8": 8, "U16": 16, "I16": 16, "U32": 32, "I32": 32, "U64": 64,
                           "I64": 64, "F8_E4M3": 8, "F8_E5M2": 8, "F16": 16, "BF16": 16, "F32": 32, "F64": 64}.items()},
}

# The description is stricter: "Duplicate keys are disallowed", and the header begins with "{".
STRICTER = {
    "a name twice": ('{"a":' + entry() + ',"a":' + entry() + "}", 8, TAKES),
    "a key of metadata twice": ('{"__metadata__":{"a":"1","a":"2"}}', 0, TAKES),
    "space before the header": (" " + one(), 8, TAKES),
}


def file_of(header, size):
    text = header if isinstance(header, bytes) else header.encode()
    return struct.pack("<Q", len(text)) + text + bytes(size)


class Rules(unittest.TestCase):
    def ours(self, content):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "a.safetensors"
            path.write_bytes(content)
            verdicts = set()
            for reader in ("safetensors", "weights"):  # from a file, and from bytes
                run = subprocess.run([READ_FILE, reader, path], capture_output=True, text=True, check=True)
                verdicts.add(run.stdout.split()[0])
                self.assertLessEqual(run.stderr.count("\n"), 1)
            self.assertEqual(len(verdicts), 1, "both readers agree")
            return verdicts == {"read"}

    def test_our_reader_agrees_with_the_formats_own(self):
        for name, (header, size, verdict) in RULES.items():
            with self.subTest(name):
                self.assertEqual(self.ours(file_of(header, size)), verdict)

    def test_our_reader_is_stricter_where_the_description_is(self):
        for name, (header, size, _) in STRICTER.items():
            with self.subTest(name):
                self.assertEqual(self.ours(file_of(header, size)), REFUSES)

    def test_a_file_that_ends_before_its_header_does_is_refused(self):
        for content in (b"", bytes(7), bytes(8), struct.pack("<Q", 3) + b"{}", struct.pack("<Q", 100_000_001) + b"{}"):
            self.assertEqual(self.ours(content), REFUSES)

    @unittest.skipUnless(safetensors, "Python's safetensors is not installed: its verdicts are those that stand here")
    def test_the_verdicts_are_those_of_the_library(self):
        for name, (header, size, verdict) in {**RULES, **STRICTER}.items():
            with self.subTest(name):
                try:
                    safetensors.deserialize(file_of(header, size))
                    self.assertEqual(TAKES, verdict)
                except safetensors.SafetensorError:
                    self.assertEqual(REFUSES, verdict)


if __name__ == "__main__":
    READ_FILE = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
