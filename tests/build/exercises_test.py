"""./course exercise where something odd is in my/: it works, or is refused with one line, and nothing there is lost."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/tools"))

import exercise_list  # noqa: E402
import mine  # noqa: E402
from speaking import Refusal  # noqa: E402

NOBODY = 65534
ENTRIES = exercise_list.entries(ROOT / "chapters")
COUNT = len(ENTRIES)
LARGE = 2 << 20


def text(content):
    return lambda path: path.write_bytes(content if isinstance(content, bytes) else content.encode())


def link(target):
    return lambda path: path.symlink_to(target)


def mode(bits, make):
    def made(path):
        make(path)
        path.chmod(bits)
    return made


def listen(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


FOLDER, PIPE = pathlib.Path.mkdir, os.mkfifo
# What no file is or can be read, and the word of the message that says so.
NO_FILES = {
    "a folder": (FOLDER, "found a folder"),
    "a named pipe": (PIPE, "found a named pipe"),
    "a socket": (listen, "found a socket"),
    "a link that leads nowhere": (link("nowhere/at/all"), "a link that leads nowhere"),
    "a link to itself": (link("01.1.cpp"), "a link that leads nowhere"),
    "a link to a device without an end": (link("/dev/zero"), "found a device"),
    "a file that may not be read": (mode(0, text("{}")), "Permission denied"),
    "a file that is too large": (text(b" " * LARGE), "at most 1 MiB"),
}
PROGRESS = {
    "nothing": ("", "an empty file"),
    "spaces": (" \n", "an empty file"),
    "no JSON": ("done: everything", "expected JSON"),
    "half of it": ('{"01.1": {"hin', "expected JSON"),
    "two objects": ("{}{}", "expected JSON"),
    "no text": (b"\xff\xfe\x00", "expected text in UTF-8"),
    "UTF-16": ("{}".encode("utf-16"), "expected text in UTF-8"),
    "zeros": (b"\0" * 100, "expected JSON"),
    "deeply nested": ("[" * 100000, "expected JSON"),
    "deeply nested, and whole": ('{"a":' * 100000 + "1" + "}" * 100000, "expected JSON"),
    "a list": ("[]", "expected an object, found a list"),
    "a number": ("7", "expected an object, found a number"),
    "null": ("null", "expected an object, found null"),
    "true": ("true", "expected an object, found true or false"),
    "a text": ('"done"', "expected an object, found a text"),
    "an entry that is a list": ('{"01.1": []}', "01.1: expected an object, found a list"),
    "an entry that is null": ('{"01.1": null}', "01.1: expected an object, found null"),
    "an entry of another exercise that is a number": ('{"06.3": 1}', "06.3: expected an object, found a number"),
    "an entry with a name for terminals": ('{"\\u001b[31m": 1}', "\\x1b[31m: expected an object"),
    "hints that are a text": ('{"01.1": {"hints": "2"}}', "hints: expected a whole number, found a text"),
    "hints that are null": ('{"01.1": {"hints": null}}', "hints: expected a whole number, found null"),
    "hints that are true": ('{"01.1": {"hints": true}}', "hints: expected a whole number, found true or false"),
    "half a hint": ('{"01.1": {"hints": 0.5}}', "hints: expected a whole number, found a number"),
    "no number": ('{"01.1": {"hints": NaN}}', "hints: expected a whole number, found a number"),
    "infinitely many hints": ('{"01.1": {"hints": 1e999}}', "hints: expected a whole number, found a number"),
    "less than no hints": ('{"01.1": {"hints": -1}}', "expected a number from 0 to 999, found -1"),
    "a number of a hundred digits": ('{"01.1": {"hints": 1' + "0" * 99 + "}}", "from 0 to 999, found 100"),
    "a number of ten thousand digits": ('{"01.1": {"hints": 1' + "0" * 9999 + "}}", "expected"),
    "passed, a number": ('{"01.1": {"passed": 1}}', "passed: expected a text, found a number"),
    "passed, a list": ('{"01.1": {"passed": ["a"]}}', "passed: expected a text, found a list"),
}
GOOD_PROGRESS = {
    "an empty object": "{}",
    "an empty entry": '{"01.1": {}}',
    "a byte order mark": "\ufeff{}",
    "exercises and keys that there are not": '{"99.9": {"passed": "x"}, "01.1": {"since": [1, 2]}}',
    "a key that occurs twice": '{"01.1": {"hints": 5}, "01.1": {"hints": 0}}',
    "half a character": '{"\\ud800": {}}',
    "more hints than there are": '{"01.2": {"hints": 900}}',
}


# ./course exercise where an answer is right as soon as it says so: watching is tested here, not compiling.
WATCHING = """
import sys
sys.path.insert(0, "tests/tools")
import answers, building, exercises, front_door
building.configure = lambda: None
exercises.SECONDS = 0.05
answers.build = lambda exercise, build: exercise.answer
answers.judge = lambda exercise, build, program: answers.Verdict(program.read_text() == "right")
sys.exit(front_door.main("run", "exercise", *sys.argv[1:]))
"""


class List(unittest.TestCase):
    def test_every_exercise_is_in_the_list_and_in_order(self):
        there = sorted(str(path.parent.relative_to(ROOT / "chapters"))
                       for path in ROOT.glob("chapters/*/exercises/*/exercise.hpp"))
        self.assertEqual([entry.folder for entry in ENTRIES], there)
        for entry in ENTRIES:
            chapter, _, folder = entry.folder.split("/")
            self.assertEqual(entry.name, f"{chapter.split('_')[0]}.{folder.split('_')[0]}")
            self.assertIn(entry.precision, ("float", "double"))
            self.assertGreaterEqual(len(entry.hints), 2, entry.name)
            for path in exercise_list.sources(ROOT / "chapters", entry):
                self.assertTrue(path.is_file(), path)

    def test_the_title_is_the_same_where_the_task_is_and_in_the_header(self):
        for entry in ENTRIES:
            folder = ROOT / "chapters" / entry.folder
            self.assertIn(f"\n## {entry.name} {entry.title}\n", (folder.parent / "README.md").read_text())
            self.assertEqual((folder / "exercise.hpp").read_text().splitlines()[0], f"// {entry.name} {entry.title}")

    def test_each_of_them_is_built_with_what_its_sources_import(self):
        run = subprocess.run([sys.executable, ROOT / "tests/tools/exercise_list.py", ROOT / "chapters", "all"],
                             capture_output=True, text=True, check=True)
        rows = [line.split(":") for line in run.stdout.splitlines()]
        self.assertEqual([row[0] for row in rows], [entry.name for entry in ENTRIES])
        for row, entry in zip(rows, ENTRIES):
            written = {name for path in (ROOT / "chapters" / entry.folder).iterdir()
                       for name in re.findall(r"(?m)^import ([\w.]+);", path.read_text())}
            self.assertEqual(row[1:], [entry.folder, entry.precision, ",".join(sorted(written))])


class Copy(unittest.TestCase):
    """./course exercise in a copy of the course."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve() / "course"
        self.root.mkdir()
        shutil.copy(ROOT / "course", self.root)
        shutil.copytree(ROOT / "tests/tools", self.root / "tests/tools")
        shutil.copytree(ROOT / "chapters", self.root / "chapters")
        self.mine = self.root / "my"
        self.give_away(self.root.parent)

    def give_away(self, top):
        """From root, whom no file can be kept from, to somebody else."""
        if os.geteuid() == 0:
            for path in (top, *top.rglob("*")):
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

    def course(self, *words):
        """./course as somebody whom files can be kept from."""
        for place in (self.mine, self.root / "elsewhere"):
            if os.path.lexists(place):
                self.give_away(place)
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        return subprocess.run([self.root / "course", "exercise", *words], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60, env={**os.environ, "PATH": "/usr/bin:/bin"}, **user)

    def snapshot(self):
        found = {}
        for path in (self.mine, *sorted(self.mine.rglob("*"))) if self.mine.is_dir() else [self.mine]:
            if os.path.lexists(path):
                status = path.lstat()
                small = path.is_file() and not path.is_symlink() and os.access(path, os.R_OK)
                found[path.name] = status.st_mode, status.st_ino, path.read_bytes() if small else None
        return found

    def refuses(self, words, name, what):
        before = self.snapshot()
        run = self.course(*words)
        self.assertEqual((run.returncode, run.stdout), (2, ""), run.stderr)
        self.assertEqual(run.stderr.count("\n"), 1, run.stderr)
        self.assertTrue(run.stderr.startswith(f"course: {name}: "), run.stderr)
        self.assertTrue(run.stderr.rstrip("\n").isprintable())
        self.assertIn(what, run.stderr)
        self.assertEqual(self.snapshot(), before)

    def works(self, *words):
        run = self.course(*words)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return run.stdout

    def clear(self):
        if self.mine.is_dir() and not self.mine.is_symlink():
            self.mine.chmod(0o755)
            shutil.rmtree(self.mine)
        elif os.path.lexists(self.mine):
            self.mine.unlink()

    def each(self, cases, place):
        """Makes each case in its turn at this place, in an empty my/. Yields its name, and what comes with it."""
        for name, (make, *rest) in cases.items():
            self.clear()
            if place != self.mine:
                self.mine.mkdir()
            make(place)
            yield name, *rest

    def all_are_refused(self, cases, place, name):
        for case, what in self.each(cases, place):
            for words in ([], ["01.1"]):
                with self.subTest(case, words=words):
                    self.refuses(words, name, what)


class Mine(Copy):
    """What is done with one's own answers."""

    def test_where_nothing_is_there_the_list_is_shown_and_nothing_is_made(self):
        self.assertIn(f"0 of {COUNT} done", self.works())
        self.assertFalse(self.mine.exists())

    def test_hints_are_counted(self):
        for number in (1, 2, 3, 3):
            self.assertTrue(self.works("01.1", "hint").startswith(f"Hint {number} of 3: "))
        self.assertEqual(json.loads((self.mine / "progress.json").read_text()), {"01.1": {"hints": 3}})
        self.assertEqual([path.name for path in self.mine.iterdir()], ["progress.json"])

    def test_an_answer_says_in_the_list_how_far_it_is(self):
        self.mine.mkdir()
        (self.mine / "01.1.cpp").write_text("")
        self.assertRegex(self.works(), r"(?m)^01\.1 .* begun$")
        digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # of nothing
        (self.mine / "progress.json").write_text(json.dumps({"01.1": {"passed": digest}}))
        self.assertRegex(self.works(), r"(?m)^01\.1 .* done$")
        (self.mine / "01.1.cpp").write_text("//")
        self.assertRegex(self.works(), r"(?m)^01\.1 .* changed since it was done$")

    def solve(self, *names):
        """These exercises are done, with an answer that says nothing."""
        self.mine.mkdir(exist_ok=True)
        digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # of nothing
        for name in names:
            (self.mine / f"{name}.cpp").write_text("")
        (self.mine / "progress.json").write_text(json.dumps({name: {"passed": digest} for name in names}))

    def test_next_is_the_first_exercise_that_is_not_done(self):
        names = [entry.name for entry in ENTRIES]
        self.assertEqual(self.works("next", "hint"), self.works("01.1", "hint").replace("Hint 2", "Hint 1")
                         .replace(ENTRIES[0].hints[1], ENTRIES[0].hints[0]))
        self.solve(names[0], names[2])
        self.assertIn(f"of {len(ENTRIES[1].hints)}: {ENTRIES[1].hints[0]}", self.works("next", "hint"))
        (self.mine / f"{names[0]}.cpp").write_text("// and changed")
        self.assertIn(ENTRIES[0].hints[0], self.works("next", "hint"))
        self.solve(*names)
        for words in (["next"], ["next", "hint"], ["next", "--watch"]):
            self.assertEqual(self.works(*words), f"All {COUNT} exercises are done.\n")

    def test_reset_gives_the_start_file_and_keeps_every_answer(self):
        stub = (ROOT / "chapters" / ENTRIES[0].folder / "stub.cpp").read_text()
        self.assertEqual(self.works("01.1", "reset").count("\n"), 1)
        self.assertEqual((self.mine / "01.1.cpp").read_text(), stub)
        self.assertNotIn("Your answer", self.works("1.1", "reset"))  # nothing was written yet
        for number in (1, 2, 3):
            self.solve("01.1", "01.2")
            (self.mine / "01.1.cpp").write_text(f"// answer {number}")
            words = ("01.1", "reset") if number != 2 else ("reset", "01.1")
            self.assertIn(f"Your answer is now my/01.1-before-{number}.cpp.\n", self.works(*words))
            self.assertEqual((self.mine / "01.1.cpp").read_text(), stub)
            self.assertEqual(list(json.loads((self.mine / "progress.json").read_text())), ["01.2"])
            self.assertRegex(self.works(), r"(?m)^01\.1 .* begun\n01\.2 .* done$")
        for number in (1, 2, 3):
            self.assertEqual((self.mine / f"01.1-before-{number}.cpp").read_text(), f"// answer {number}")


class Odd(Copy):
    """What is refused, and what is only unusual."""

    def test_no_folder_is_refused(self):
        cases = {name: case for name, case in NO_FILES.items() if name not in ("a folder", "a file that is too large")}
        cases |= {"a file": (text("mine"), "expected a folder, found a file"),
                  "a file that may not be read": (mode(0, text("")), "expected a folder, found a file"),
                  "a link to itself": (link("my"), "a link that leads nowhere")}
        self.all_are_refused(cases, self.mine, "my")

    def test_a_folder_in_which_nothing_can_be_done(self):
        self.mine.mkdir(mode=0)
        for words in ([], ["01.1", "hint"], ["01.1"]):
            self.refuses(words, "my/progress.json", "")
        self.mine.chmod(0o555)
        self.assertIn(f"0 of {COUNT} done", self.works())
        for words in (["01.1", "hint"], ["01.1"]):
            self.refuses(words, "my/progress.json", "cannot be written")
        self.clear()
        self.root.chmod(0o555)
        self.assertIn(f"0 of {COUNT} done", self.works())
        for words in (["01.1", "hint"], ["01.1"]):
            self.refuses(words, "my/progress.json", "cannot be written")
        self.root.chmod(0o755)

    def test_a_link_to_a_folder_is_a_folder(self):
        (self.root / "elsewhere").mkdir()
        self.mine.symlink_to("elsewhere")
        self.works("01.1", "hint")
        self.assertTrue(self.mine.is_symlink())
        self.assertEqual(json.loads((self.root / "elsewhere/progress.json").read_text()), {"01.1": {"hints": 1}})

    def test_progress_that_is_no_file_is_refused(self):
        cases = NO_FILES | {"a link to itself": (link("progress.json"), "a link that leads nowhere")}
        self.all_are_refused(cases, self.mine / "progress.json", "my/progress.json")

    def test_progress_of_another_form_is_refused_and_kept(self):
        cases = {name: (text(content), what) for name, (content, what) in PROGRESS.items()}
        place = self.mine / "progress.json"
        self.all_are_refused({name: cases[name] for name in ("nothing", "a list")}, place, "my/progress.json")
        # The others without the way through ./course, which takes its time.
        with unittest.mock.patch.multiple(mine, FOLDER=self.mine, PROGRESS=place):
            for name, what in self.each(cases, place):
                with self.subTest(name), self.assertRaises(Refusal) as refused:
                    mine.read_progress()
                self.assertIn(what, str(refused.exception))
                self.assertTrue(str(refused.exception).startswith("my/progress.json: "))
                self.assertTrue(str(refused.exception).isprintable())

    def test_progress_that_is_only_unusual_is_read(self):
        cases = {name: (text(content),) for name, content in GOOD_PROGRESS.items()}
        for name, in self.each(cases, self.mine / "progress.json"):
            with self.subTest(name):
                self.assertIn(f"0 of {COUNT} done", self.works())
                before = json.loads((self.mine / "progress.json").read_text("utf-8-sig"))
                self.assertTrue(self.works("01.1", "hint").startswith("Hint 1 of 3"))
                before.setdefault("01.1", {})["hints"] = 1
                self.assertEqual(json.loads((self.mine / "progress.json").read_text()), before)

    def test_progress_that_is_a_link_stays_one(self):
        self.mine.mkdir()
        (self.root / "elsewhere").mkdir()
        (self.root / "elsewhere/kept.json").write_text("{}")
        (self.mine / "progress.json").symlink_to("../elsewhere/kept.json")
        self.works("01.1", "hint")
        self.assertTrue((self.mine / "progress.json").is_symlink())
        self.assertEqual(json.loads((self.root / "elsewhere/kept.json").read_text()), {"01.1": {"hints": 1}})

    def test_an_answer_that_is_no_file_is_refused_when_it_is_to_be_checked(self):
        for name, what in self.each(NO_FILES, self.mine / "01.1.cpp"):
            with self.subTest(name):
                self.assertRegex(self.works(), r"(?m)^01\.1 .* cannot be read$")
                self.works("01.1", "hint")
                self.refuses(["01.1"], "my/01.1.cpp", what)

    def test_reset_writes_over_nothing_that_is_no_answer(self):
        for name, what in self.each(NO_FILES, self.mine / "01.1.cpp"):
            with self.subTest(name):
                self.refuses(["01.1", "reset"], "my/01.1.cpp", what)
        self.clear()
        self.mine.mkdir()
        (self.mine / "01.1.cpp").write_text("mine")
        (self.mine / "01.1-before-1.cpp").symlink_to("nowhere")  # such a name is taken, too
        self.assertIn("my/01.1-before-2.cpp", self.works("01.1", "reset"))
        self.assertTrue((self.mine / "01.1-before-1.cpp").is_symlink())


class Watching(unittest.TestCase):
    """./course exercise NN.k --watch, for a learner who saves the file now and then."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        shutil.copytree(ROOT / "tests/tools", self.root / "tests/tools")
        shutil.copytree(ROOT / "chapters", self.root / "chapters")
        self.mine = self.root / "my"

    def start(self, *words):
        self.printed = ""
        process = subprocess.Popen([sys.executable, "-c", WATCHING, *words], cwd=self.root, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        os.set_blocking(process.stdout.fileno(), False)
        return process

    def wait_for(self, process, text):
        """What was printed until `text` was, from where the last one ended."""
        deadline = time.monotonic() + 30
        while text not in self.printed:
            self.assertLess(time.monotonic(), deadline, self.printed)
            self.printed += (process.stdout.read() or b"").decode()
            time.sleep(0.02)
        before, self.printed = self.printed.split(text, 1)
        return before + text

    def ends_with(self, process, status):
        self.assertEqual(process.wait(30), status)

    def save(self, name, content):
        part = self.mine / "part"  # as many editors do: another file takes its place
        part.write_text(content)
        part.replace(self.mine / f"{name}.cpp")

    def test_an_answer_is_checked_whenever_it_is_saved(self):
        process = self.start("01.1", "--watch")
        self.assertIn("a new one", self.wait_for(process, "Ctrl-C ends this.\n"))
        for content, verdict in (("wrong", "Not right yet."), ("right", "Done."), ("wrong again", "Not right yet.")):
            self.save("01.1", content)
            self.assertIn(verdict, self.wait_for(process, "Waiting until my/01.1.cpp is saved."))
        (self.mine / "01.1.cpp").unlink()  # between removing and writing, say
        time.sleep(1)
        self.save("01.1", "right")
        self.assertIn("Done.", self.wait_for(process, "Waiting until"))
        process.send_signal(signal.SIGINT)
        self.ends_with(process, 130)

    def test_a_file_that_was_not_saved_is_not_checked_again(self):
        process = self.start("01.1", "--watch")
        self.wait_for(process, "Ctrl-C ends this.\n")
        os.utime(self.mine / "01.1.cpp")
        time.sleep(1)
        self.assertEqual((self.printed, process.stdout.read()), ("", None))
        process.send_signal(signal.SIGINT)
        self.ends_with(process, 130)

    def test_next_goes_on_to_the_next_one_until_all_are_done(self):
        process = self.start("next", "--watch")
        for entry in ENTRIES:
            self.assertIn(f"\n{entry.name}  {entry.title}\n", "\n" + self.wait_for(process, "Ctrl-C ends this.\n"))
            self.save(entry.name, "right")
        self.wait_for(process, f"All {COUNT} exercises are done.\n")
        self.ends_with(process, 0)


if __name__ == "__main__":
    unittest.main()
