#!/usr/bin/env python3
"""Reads and writes safetensors files with nothing but Python's own library, knowing only the format's description.

  safetensors_peer.py read FILE    prints what is in the file, and whether its checksum is right, if it has one
  safetensors_peer.py write FILE   writes two tensors and metadata
"""
import json
import struct
import sys

CODES = {'F32': 'f', 'F64': 'd', 'I64': 'q', 'U64': 'Q'}


def crc32c(data):
    """Castagnoli's checksum, bit by bit."""
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def checksum(header, metadata, data):
    """As shared/formats/safetensors.cppm describes it."""
    def number(n):
        return struct.pack('<Q', n)

    def text(content):
        return number(len(content)) + content

    parts = [number(len(metadata))]
    for key, value in sorted((key.encode(), value.encode()) for key, value in metadata.items()):
        parts += [text(key), text(value)]
    parts.append(number(len(header)))
    for name in sorted(header, key=str.encode):
        entry = header[name]
        begin, end = entry['data_offsets']
        parts += [text(name.encode()), text(entry['dtype'].encode()), number(len(entry['shape']))]
        parts += [number(axis) for axis in entry['shape']] + [text(data[begin:end])]
    return f'{crc32c(b"".join(parts)):08x}'


def read(path):
    with open(path, 'rb') as file:
        length, = struct.unpack('<Q', file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    assert (8 + length) % 8 == 0, 'the data must begin at a multiple of 8 bytes'
    metadata = header.pop('__metadata__', {})
    expected = metadata.pop('unrolled.crc32c', None)
    print(json.dumps(metadata))
    if expected:
        print('the checksum is', 'right' if checksum(header, metadata, data) == expected else 'wrong')
    for name, entry in header.items():
        begin, end = entry['data_offsets']
        numbers = [n for n, in struct.iter_unpack('<' + CODES[entry['dtype']], data[begin:end])]
        print(name, entry['dtype'], entry['shape'], numbers)


def write(path):
    header = json.dumps({
        'b': {'dtype': 'F32', 'shape': [2], 'data_offsets': [16, 24]},  # not in the order of the data
        '__metadata__': {'source': 'elsewhere'},
        'w_x': {'dtype': 'F32', 'shape': [1, 4], 'data_offsets': [0, 16]},
    }, indent=1).encode()
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(header)) + header + struct.pack('<6f', 1, 2, 3, 4, 0.5, -0.5))


{'read': read, 'write': write}[sys.argv[1]](sys.argv[2])
