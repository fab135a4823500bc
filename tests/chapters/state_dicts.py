"""safetensors files and recorded cases as PyTorch's state dicts, with nothing but Python's own library."""
import json
import pathlib
import random
import struct

CODES = {"F16": "e", "F32": "f", "F64": "d"}


def encoded(dtype, numbers):
    if dtype == "BF16":  # the upper half of a float
        return b"".join(struct.pack("<f", number)[2:] for number in numbers)
    return struct.pack(f"<{len(numbers)}{CODES[dtype]}", *numbers)


def flat(numbers):
    return [number for row in numbers for number in row] if numbers and isinstance(numbers[0], list) else numbers


def write(path, tensors, dtype="F32", metadata=None):
    """tensors: {name: a list of numbers, or of rows}."""
    header, data = {}, b""
    for name, numbers in tensors.items():
        shape = [len(numbers), len(numbers[0])] if isinstance(numbers[0], list) else [len(numbers)]
        content = encoded(dtype, flat(numbers))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    if metadata:
        header["__metadata__"] = metadata
    text = json.dumps(header).encode()
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def read(path):
    """{name: a list of numbers, or of rows} of a file of floats, and its metadata."""
    content = pathlib.Path(path).read_bytes()
    length, = struct.unpack("<Q", content[:8])
    header, data = json.loads(content[8:8 + length]), content[8 + length:]
    metadata, tensors = header.pop("__metadata__", {}), {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        if entry["dtype"] != "F32":
            continue  # the counters of a checkpoint
        numbers = [number for number, in struct.iter_unpack("<f", data[begin:end])]
        if len(entry["shape"]) == 2:
            columns = entry["shape"][1]
            numbers = [numbers[i:i + columns] for i in range(0, len(numbers), columns)]
        tensors[name] = numbers
    return tensors, metadata


def transposed(rows):
    return [list(column) for column in zip(*rows)]


def state_dict(weights, seed, rnn="rnn.", linear="fc."):
    """The weights of a recorded case as PyTorch has them: b is parted into two biases that are not zero."""
    chance = random.Random(seed)
    n, b, b_y = len(weights["w_y"]), weights["b"], weights.get("b_y", [])
    hidden = [chance.uniform(-1, 1) for _ in b]
    inputs = [one - other for one, other in zip(b, hidden)]
    if b_y:  # the candidate's
        inputs[-n:], hidden[-n:] = b[-n:], b_y
    w_out = weights.get("w_out", [[0.5, -0.5]] * n)
    return {rnn + "weight_ih_l0": transposed(weights["w_x"]), rnn + "weight_hh_l0": transposed(weights["w_y"]),
            rnn + "bias_ih_l0": inputs, rnn + "bias_hh_l0": hidden,
            linear + "weight": transposed(w_out), linear + "bias": weights.get("b_out", [0.25, 0.75])}
