"""--help of every chapter: what it shows, its options in groups with their defaults, and two examples that it can run.

  help_test.py PROGRAM…
"""

import pathlib
import re
import subprocess
import sys
import unittest


class Help(unittest.TestCase):
    def each(self):
        for program in PROGRAMS:
            run = subprocess.run([program, "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
            with self.subTest(program.name):
                self.assertEqual((run.returncode, run.stderr), (0, ""))
                shows, _, rest = run.stdout.partition(f"\nUsage: {program.name} ")
                options, _, examples = rest.partition("\nExamples:\n")
                # A help text that is too long for its line goes on in the next, far to the right.
                yield program.name, shows, re.sub(r"\s*\n {20,}", " ", options), examples

    def test_it_says_first_what_the_chapter_shows(self):
        for _, shows, _, _ in self.each():
            self.assertRegex(shows, r"^[A-Z][^\n]{20,}")

    def test_options_stand_in_groups_and_have_defaults(self):
        for _, _, options, _ in self.each():
            self.assertGreaterEqual(len(re.findall(r"(?m)^[A-Z][A-Za-z, ]*:$", options)), 2)
            self.assertIn("\n  -h, --help ", options)
            # Numbers and choices; files, and what is on or off, have none.
            for line in re.findall(r"(?m)^  --.*", options):
                if re.match(r"  --[a-z-]+ ([NXP]|[a-z]+\|[a-z|]+) ", line):
                    self.assertRegex(line, r"\[default .+\]$")

    def test_there_are_two_examples_with_options_that_there_are(self):
        for name, _, options, examples in self.each():
            commands = re.findall(r"(?m)^  (\S.*)\n      \S", examples)
            self.assertGreaterEqual(len(commands), 2)
            for command in commands:
                self.assertEqual(command.split()[0], name)
                for option in re.findall(r"--[a-z-]+", command):
                    self.assertIn(f"\n  {option} ", options)


if __name__ == "__main__":
    PROGRAMS = [pathlib.Path(argument) for argument in sys.argv[1:]]
    unittest.main(argv=sys.argv[:1])
