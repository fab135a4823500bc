"""What pictures cost in memory and time: picture_bounds_test.py READ_FILE PROGRAM. See bounds_test.py."""

import pathlib
import random
import struct
import sys
import unittest
import zlib

import bounds_test
from bounds_test import MIB

CONSTANT = 48 * MIB       # of what is computed with: a reduced picture, whatever the picture's size
SECONDS = 10.0            # of the processor, for the largest picture
MEGAPIXEL = 1_000_000


def chunk(kind, data, length=None):
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data) if length is None else length) + kind + data + struct.pack(">I", checksum)


def png(columns, rows, data, color=0, bits=8):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, bits, color, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + data + chunk(b"IEND", b"")


def packed(rows):
    packer = zlib.compressobj(1)
    return chunk(b"IDAT", b"".join([*(packer.compress(b"\0" + row) for row in rows), packer.flush()]))


class Pictures(bounds_test.Bounds):
    def test_a_small_file_that_claims_much_costs_nothing(self):
        few = chunk(b"IDAT", zlib.compress(bytes(300)))
        for columns, rows, color, bits in ((26000, 26000, 0, 8), (10000, 10000, 0, 8), (10000, 10000, 6, 16),
                                           (100_000_000, 1, 2, 8), (1, 0x7FFFFFFF, 0, 1)):
            with self.subTest(columns=columns, rows=rows, color=color, bits=bits):
                self.refuses("picture", self.put(png(columns, rows, few, color, bits)), "expected a ")
        self.refuses("picture", self.put(b"P5 10000 10000 255\n" + bytes(50)), "expected 100000000 bytes of pixels")
        self.refuses("picture", self.put(b"P2 10000 10000 255\n" + b"0 " * 50), "expected 100000000 pixels")

    def test_a_chunk_that_claims_much_costs_nothing(self):
        for kind in (b"IDAT", b"PLTE", b"tEXt", b"iCCP", b"tRNS"):
            with self.subTest(kind):
                claim = png(28, 28, chunk(kind, bytes(34), 0x7FFFFFFF), 3 if kind == b"PLTE" else 0)
                self.assertEqual(len(claim), 91)
                self.refuses("picture", self.put(claim), "expected a ")

    def test_what_is_not_pixels_is_not_unpacked(self):
        bomb = zlib.compress(bytes(200 * MIB), 9)
        digit = packed(b"\xff" * 10 + b"\0" * 4 + b"\xff" * 14 if 4 < row < 24 else b"\xff" * 28 for row in range(28))
        for kind, data in ((b"zTXt", b"a\0\0" + bomb), (b"iCCP", b"a\0\0" + bomb)):
            with self.subTest(kind):
                self.reads("picture", self.put(png(28, 28, chunk(kind, data) + digit)), factor=3)
        longer = png(28, 28, chunk(b"IDAT", bomb))
        cost = bounds_test.read("picture", self.put(longer))
        self.check_cost(cost, len(longer), 3)

    def cost_of_largest(self, columns, rows, content, color=0):
        cost = bounds_test.read("picture", self.put(png(columns, rows, packed(content), color)))
        pixels = columns * rows * {0: 1, 2: 3}[color]
        self.assertLessEqual(cost.peak, pixels + os_size(self.folder / "file") * 2 + CONSTANT, cost.message)
        self.assertLessEqual(cost.cpu, SECONDS, cost.message)
        return cost

    def test_the_largest_pictures_cost_their_pixels_and_a_constant(self):
        paper, line = b"\xd2" * 10_000, b"\xd2" * 5000 + b"\x1e" * 600 + b"\xd2" * 4400
        page = [line if 3000 < row < 8000 else paper for row in range(10_000)]
        self.assertEqual(self.cost_of_largest(10_000, 10_000, page).outcome, "read")
        colored = [bytes(v for value in row for v in (value, value, value // 2)) for row in (paper, line)]
        page = [colored[3000 < row < 8000] for row in range(10_000)]
        self.assertEqual(self.cost_of_largest(10_000, 10_000, page, 2).outcome, "read")

    def test_no_picture_takes_long(self):
        dice = random.Random(3)
        noise = [dice.randbytes(10_000) for _ in range(3)]
        self.cost_of_largest(10_000, 10_000, (noise[row % 3] for row in range(10_000)))
        for columns, rows in ((100 * MEGAPIXEL, 1), (1, 100 * MEGAPIXEL), (10 * MEGAPIXEL, 9), (300, 300_000)):
            with self.subTest(columns=columns, rows=rows):
                row = noise[0] * (columns // 10_000 + 1)
                self.cost_of_largest(columns, rows, (row[k % 97:columns + k % 97] for k in range(rows)))


def os_size(path):
    return path.stat().st_size


if __name__ == "__main__":
    bounds_test.READ_FILE, bounds_test.PROGRAM = (str(pathlib.Path(word).resolve()) for word in sys.argv[1:3])
    del sys.argv[1:3]
    unittest.main()
