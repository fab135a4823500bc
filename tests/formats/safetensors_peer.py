#!/usr/bin/env python3
"""Reads and writes safetensors files with nothing but Python's own library, knowing only the format's description.

  safetensors_peer.py read FILE    prints what is in the file
  safetensors_peer.py write FILE   writes two tensors and metadata
"""
import json
import struct
import sys

CODES = {'F32': 'f', 'F64': 'd', 'I64': 'q', 'U64': 'Q'}


def read(path):
    with open(path, 'rb') as file:
        length, = struct.unpack('<Q', file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    assert (8 + length) % 8 == 0, 'the data must begin at a multiple of 8 bytes'
    print(json.dumps(header.pop('__metadata__', {})))
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
