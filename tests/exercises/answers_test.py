"""Whether an answer to an exercise counts as solved: the answer has no say in it. answers_test.py BUILD

BUILD is where the stubs of the exercises 01.1 and 04.1 are built.
"""

import contextlib
import os
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/tools"))

import answers  # noqa: E402
import exercises  # noqa: E402
import mine  # noqa: E402

MAIN = "int main() { return 0; }\n"
# Definitions that would take the place of the tests'.
TAKEOVERS = {
    "main": MAIN,
    "exercise::tests": "namespace exercise { struct Test; extern const std::vector<Test*> tests; "
                       "const std::vector<Test*> tests; }\n",
    "exercise::require": "namespace exercise { void require(bool, const std::string&, const std::string&, "
                         "const std::string&, const std::string&) {} }\n",
}


@contextlib.contextmanager
def silence(printed=os.devnull):
    """What answers print is of no interest here, and there is a lot of it. It may be kept in a file."""
    sys.stdout.flush()
    before = os.dup(1)
    with open(printed, "wb") as elsewhere:
        os.dup2(elsewhere.fileno(), 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(before, 1)
        os.close(before)


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        mine.FOLDER = pathlib.Path(folder.name)
        mine.PROGRESS = mine.FOLDER / "progress.json"
        cls.exercise = exercises.find("01.1")

    def build(self, text):
        self.exercise.answer.write_text(text)
        with silence():
            return answers.build(self.exercise, BUILD)

    def check(self, text):
        """The status of ./course exercise 01.1, and what is remembered."""
        self.exercise.answer.write_text(text)
        with silence():
            status = exercises.check(self.exercise, BUILD)
        return status, mine.read_progress().get("01.1", {})

    def test_the_solution_is_done_and_the_stub_is_not_written_yet(self):
        with silence():
            answers.build(self.exercise, BUILD)
        mine.PROGRESS.unlink(missing_ok=True)
        self.assertEqual(self.check((self.exercise.folder / "stub.cpp").read_text()), (1, {}))
        solution = (self.exercise.folder / "solution.cpp").read_text()
        self.assertEqual(self.check(solution), (0, {"passed": exercises.digest(solution.encode())}))

    def said(self, exercise, text):
        """What is printed of an answer to it."""
        printed = mine.FOLDER / "printed"
        exercise.answer.write_text(text)
        with silence(printed):
            self.assertEqual(exercises.check(exercise, BUILD), 1)
        return printed.read_text()

    def with_line(self, line):
        """The solution of 01.1 with this in place of add_product, and the number of that line."""
        lines = (self.exercise.folder / "solution.cpp").read_text().splitlines()
        number = next(i for i, old in enumerate(lines) if "add_product(" in old and "import" not in old)
        lines[number] = line
        return "\n".join(lines) + "\n", number + 1

    def test_a_wrong_call_is_named_with_file_and_line(self):
        for line, error in (("add_product(w_y, h_before, h);", "columns of a (5x5) must equal rows of b (4x5)"),
                            ("add_product(h, w_y, h);", "c must not overlap a")):
            text, number = self.with_line(line)
            said = self.said(self.exercise, text)
            self.assertIn(f"threw: add_product: {error}\n", said)
            self.assertRegex(said, rf"look at:   [^\n]*01\.1\.cpp:{number}\n")

    def test_an_error_of_the_compiler_says_which_argument_it_is_about(self):
        text, number = self.with_line("add_product(h_before, w_y, 5);")
        said = self.said(self.exercise, text)
        self.assertRegex(said, rf"  [^\n]*01\.1\.cpp:{number}:\d+: error: no matching function for call to 'add_product'\n")
        self.assertRegex(said, r"no known conversion from 'int' to 'View'\s+for\s+3rd\s+argument")
        self.assertNotIn("build/../", said)
        self.assertNotIn("aka", said)

    def test_axes_that_are_swapped_are_named(self):
        exercise = exercises.find("04.1")
        solution = (exercise.folder / "solution.cpp").read_text()
        swapped = solution.replace("m(steps, lengths.size()", "m(lengths.size(), steps").replace("m(t, i)", "m(i, t)")
        self.assertEqual(swapped.count("m(i, t)"), 1)
        self.assertEqual(swapped.count("m(lengths.size(), steps"), 1)
        said = self.said(exercise, swapped)
        self.assertEqual(said.count("row t is time step t, column i is example i"), 3)
        self.assertIn("found:     2x3: rows and columns are swapped\n", said)

    def test_what_the_tests_define_cannot_be_defined_by_an_answer(self):
        solution = (self.exercise.folder / "solution.cpp").read_text()
        for name, text in TAKEOVERS.items():
            with self.subTest(name):
                self.assertIsNone(self.build("#include <string>\n#include <vector>\n" + solution + text))

    def test_only_tests_that_ran_to_their_end_count(self):
        program = self.build((ROOT / "tests/exercises/hostile_answer.cpp").read_text())
        self.assertIsNotNone(program)
        own = BUILD / "tests/exercises/hostile"
        shutil.copy(program, own)
        self.addCleanup(own.unlink)
        verdicts = {
            "before all tests had run": [
                "exit", "_exit", "_Exit", "quick_exit", "constructor exits", "first constructor exits",
                "constructor claims success", "claims success", "becomes true", "parent exits",
                "thread exits", "terminate handler ends with 0", "signal handler ends with 0"],
            "It crashed (signal": ["abort", "kill", "closes everything"],
            "Still running after": ["loops"],
            "more than a megabyte": ["prints without end"],
            "ended with status 7": ["exit handler ends with 7"],
            "": ["throws a number", "takes all memory", "exit handler ends with 0", "empties the tests", "wrong"],
        }
        for remark, hows in verdicts.items():
            for how in hows:
                with self.subTest(how):
                    verdict = self.judge(own, how)
                    self.assertFalse(verdict.passed)
                    self.assertFalse(verdict.not_written)
                    self.assertIn(remark, verdict.remark)
                    self.assertEqual(bool(remark), bool(verdict.remark), verdict.remark)
        self.assertEqual(self.judge(own, "right"), answers.Verdict(True))

    def judge(self, program, how):
        os.environ["ANSWER"] = how
        answers.SECONDS = 3 if how == "loops" else 60
        answers.MEMORY = 1 << 29
        started = time.monotonic()
        with silence():
            verdict = answers.judge(self.exercise, BUILD, program)
        self.assertLess(time.monotonic() - started, 30)
        return verdict

    def test_what_an_answer_leaves_running_is_not_waited_for(self):
        program = self.build((ROOT / "tests/exercises/hostile_answer.cpp").read_text())
        self.assertEqual(self.judge(program, "leaves a child behind"), answers.Verdict(True))


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
