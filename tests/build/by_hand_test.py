"""The commands of docs/modules.md that build a module without a build system: by_hand_test.py COMPILER."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPILER = sys.argv.pop() if len(sys.argv) > 1 else "clang++-19"


class ByHand(unittest.TestCase):
    def test_a_program_can_be_made_with_what_they_make(self):
        block, = re.findall(r"To compile one module by hand.*?```\n(.*?)```", (ROOT / "docs/modules.md").read_text(),
                            flags=re.S)
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "main.cpp"
            program.write_text('import rnn.base.caller;\nint main() { return rnn::Caller::current().line() == 2 ? 0 : 1; }\n')
            commands = block + (f"clang++-19 -std=c++20 $std $caller {program} /tmp/std.interface.o "
                                f"/tmp/caller.interface.o /tmp/caller.o -o {folder}/program\n{folder}/program\n")
            script = "set -e\n" + re.sub(r"/tmp/(?=rnn\.|std|caller)", folder + "/", commands)
            run = subprocess.run(["bash", "-c", script.replace("clang++-19", COMPILER)], cwd=ROOT, capture_output=True,
                                 text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
            self.assertEqual((run.returncode, run.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
