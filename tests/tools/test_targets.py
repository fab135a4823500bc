"""Prints what has to be built for the tests of one suite, or of all: test_targets.py BUILD [SUITE [LEAVE_OUT]],
where tests of the suite LEAVE_OUT do not count.

Meson would build them itself, but its `meson test` mixes Ninja's progress with the results.
"""

import json
import os
import pathlib
import sys

build = pathlib.Path(sys.argv[1])
suite = sys.argv[2] if len(sys.argv) > 2 else ""
leave_out = sys.argv[3] if len(sys.argv) > 3 else ""

tests = json.loads((build / "meson-info" / "intro-tests.json").read_text())
targets = json.loads((build / "meson-info" / "intro-targets.json").read_text())
files = {target["id"]: target["filename"] for target in targets}

needed = set()
for test in tests:
    # Meson writes a suite as "project:suite".
    suites = [name.split(":")[-1] for name in test["suite"]]
    if (not suite or suite in suites) and not (leave_out and leave_out in suites):
        for target in test["depends"]:
            needed.update(os.path.relpath(name, build) for name in files[target])
print(*sorted(needed))
