"""How far a build is, and what is shown of what goes wrong: tests/tools/ninja.py with a real Ninja, small commands."""

import fcntl
import io
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/tools"))

import compiler  # noqa: E402
import ninja  # noqa: E402
from speaking import Failure  # noqa: E402

RULES = """rule run
  command = $words && touch $out
  description = Making $out, which has a name that is longer than a narrow terminal is wide, and then some more of it
"""


class Terminal:
    """A terminal of so many columns; `text` is what was sent to it."""

    def __init__(self, columns):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.stream = os.fdopen(slave, "w")

    def text(self):
        self.stream.close()
        sent = b""
        try:
            while piece := os.read(self.master, 65536):
                sent += piece
        except OSError:  # the other end is closed
            pass
        os.close(self.master)
        return sent.decode()


class Progress(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def commands(self, *commands):
        """Writes a build of these commands, one after the other."""
        text, before = RULES, ""
        for number, command in enumerate(commands):
            text += f"build out{number}: run {before}\n  words = {command}\n"
            before = f"out{number}"
        (self.folder / "build.ninja").write_text(text)
        return before

    def build(self, *commands):
        """Whether it could be built, and what was shown where there is no terminal."""
        target, stream = self.commands(*commands), io.StringIO()
        try:
            ninja.build(self.folder, [target], ninja.steps_to_do(self.folder, [target]), stream)
            built = True
        except Failure as failure:
            built = False
            self.assertEqual(str(failure), f"{self.folder.name}/ could not be built")
        return built, stream.getvalue()

    def test_what_there_is_to_do_is_counted(self):
        target = self.commands("true", "true", "true")
        self.assertEqual(ninja.steps_to_do(self.folder, [target]), 3)
        ninja.build(self.folder, [target], 3, io.StringIO())
        self.assertEqual(ninja.steps_to_do(self.folder, [target]), 0)

    def test_a_build_that_goes_well_and_is_short_says_nothing(self):
        self.assertEqual(self.build("true", "true"), (True, ""))

    def test_where_there_is_no_terminal_a_line_is_printed_now_and_then(self):
        now, stream = [0], io.StringIO()
        status = ninja.StatusLine(stream, clock=lambda: now[0])
        for now[0] in range(61):
            status.show(2 * now[0], 400, "Compiling")
        self.assertEqual(stream.getvalue(), "".join(f"course: built {2 * n} of 400\n" for n in range(10, 61, 10)))

    def test_a_long_command_does_not_keep_it_from_being_printed(self):
        before, ninja.SECONDS = ninja.SECONDS, 1
        self.addCleanup(setattr, ninja, "SECONDS", before)
        built, said = self.build("true", "sleep 3.5", "true")
        self.assertTrue(built)
        self.assertRegex(said, r"^(course: built [01] of 3\n){2,4}$")

    def test_on_a_terminal_it_is_one_line_that_fits_and_is_gone_at_the_end(self):
        for columns in (20, 80):
            terminal = Terminal(columns)
            status = ninja.StatusLine(terminal.stream)
            self.assertEqual(status.live, os.environ.get("TERM", "dumb") != "dumb")
            status.live = True
            for done in range(3):
                status.show(done, 3, "Compiling C++ object chapters/01_two_steps/01_two_steps.p/main.cpp.o " * 2)
            status.clear()
            text = terminal.text()
            self.assertNotIn("\n", text)
            drawn = text.split("\r")[1:]
            self.assertEqual(len(drawn), 4)
            for done, line in enumerate(drawn[:3]):
                self.assertTrue(line.startswith(f"[{done}/3, 0:0"), line)
                self.assertEqual(len(line.removesuffix("\x1b[K")), columns - 1)
            self.assertEqual(drawn[3], "\x1b[K")

    def test_a_terminal_shows_the_whole_of_a_build(self):
        terminal = Terminal(60)
        with unittest.mock.patch.dict(os.environ, TERM="xterm"):
            ninja.build(self.folder, [self.commands("true", "echo a warning", "true")], 3, terminal.stream)
        text = terminal.text()
        for done in range(4):
            self.assertIn(f"\r[{done}/3, 0:0", text)
        self.assertIn("\r\x1b[Ka warning\r\n", text)
        self.assertTrue(text.endswith("\r\x1b[K"), text[-80:])

    def test_an_error_is_shown_and_the_command_is_not(self):
        built, said = self.build("true", "echo '../shared/linalg/matrix.cpp:3:1: error: no such thing' && exit 1")
        self.assertEqual((built, said), (False, "shared/linalg/matrix.cpp:3:1: error: no such thing\n"))

    def test_paths_are_shown_as_from_the_top_of_the_repository(self):
        for said, shown in ((f"In {ROOT}/shared/a.cpp:", "In shared/a.cpp:"),
                            ("../chapters/01/main.cpp:1", "chapters/01/main.cpp:1"),
                            ("from ../tests/a.hpp", "from tests/a.hpp"), ("'../shared/a'", "'shared/a'"),
                            (f"{ROOT}/build/../shared/a.cppm:2:6: note: x", "shared/a.cppm:2:6: note: x"),
                            (f"{ROOT}/build-debug/../shared/a.cppm", "shared/a.cppm"), ("../my/01.1.cpp:3", "my/01.1.cpp:3"),
                            ("\x1b[1m../my/01.1.cpp:3", "\x1b[1mmy/01.1.cpp:3"), ("../other/a.cpp", "../other/a.cpp"), ("x/../shared/a.cpp", "x/../shared/a.cpp")):
            stream = io.StringIO()
            ninja.Report(ninja.StatusLine(stream), 1).say(said)
            self.assertEqual(stream.getvalue(), shown + "\n")

    def test_a_terminal_does_not_show_the_command_either(self):
        terminal = Terminal(80)
        with unittest.mock.patch.dict(os.environ, TERM="xterm"), self.assertRaises(Failure):
            ninja.build(self.folder, [self.commands("echo 'a.cpp:1:1: error: no such thing' && exit 1")], 1, terminal.stream)
        text = terminal.text()
        self.assertIn("a.cpp:1:1: error: no such thing\r\n", text)
        for word in ("FAILED", "echo", "touch"):
            self.assertNotIn(word, text)

    def test_a_warning_is_shown(self):
        self.assertEqual(self.build("echo one && echo two", "true", "echo three"), (True, "one\ntwo\nthree\n"))

    def test_an_error_without_a_word_names_what_could_not_be_made(self):
        self.assertEqual(self.build("true", "exit 1"), (False, "out1: its command failed and did not say why\n"))

    def test_words_of_the_compiler_that_look_like_ninjas_are_shown(self):
        said = "FAILED: this is mine|[1/2] so is this|2/2 and this"
        built, shown = self.build(f"echo '{said}' | tr '|' '\\n' && exit 1")
        self.assertEqual((built, shown), (False, said.replace("|", "\n") + "\n"))

    def test_what_ninja_itself_has_to_say_is_shown(self):
        stream = io.StringIO()
        self.commands("true")
        with self.assertRaises(Failure):
            ninja.build(self.folder, ["nothing"], 1, stream)
        self.assertRegex(stream.getvalue(), "^ninja: error: unknown target 'nothing'")

    def test_bytes_that_are_no_text_do_no_harm(self):
        built, said = self.build(r"printf 'a\377b\n'")
        self.assertEqual((built, said), (True, "a\N{REPLACEMENT CHARACTER}b\n"))

    def test_a_build_that_is_told_to_end_leaves_nothing_running(self):
        target = self.commands("sleep 1000")
        code = ("import sys; sys.path.insert(0, sys.argv[1]); import ninja, pathlib, processes;"
                "processes.end_as_others_do(); ninja.build(pathlib.Path(sys.argv[2]), [sys.argv[3]], 1)")
        for number, status in ((signal.SIGTERM, 143), (signal.SIGHUP, 129)):
            with subprocess.Popen([sys.executable, "-c", code, ROOT / "tests/tools", self.folder, target]) as running:
                while not (sleeping := self.sleeping()):
                    time.sleep(0.05)
                running.send_signal(number)
            self.assertEqual(running.returncode, status)
            self.assertEqual(len(sleeping), 1)
            self.assertEqual(self.sleeping(), [])

    def sleeping(self):
        """The processes that were started in the folder and sleep."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if (os.readlink(process / "cwd") == str(self.folder.resolve())
                        and re.match(rb"sleep\0", (process / "cmdline").read_bytes())):
                    found.append(process)
            except OSError:  # it has ended, or is somebody else's
                pass
        return found


NOTES = """\
    1 |   product(a, 5, c);
      |   ^~~~~~~
{root}/build/../shared/linalg/products.cppm:25:6: note: candidate function not viable: no known conversion from 'int' to \
'ConstView' (aka 'BasicView<const float>') for 2nd argument
   25 | void product(ConstView a, ConstView b, View c);
      |                           ^~~~~~~~~~~"""


class Compiler(unittest.TestCase):
    def said(self, *messages):
        """As Clang says it: errors with two notes, warnings without."""
        lines = []
        for number, message in enumerate(messages, 1):
            lines.append(f"../chapters/01/main.cpp:{number}:3: {message}")
            lines += [NOTES.format(root=ROOT)] * 2 if message.startswith("error") else []
        return "\n".join([*lines, f"{len(messages)} errors generated."])

    def test_the_first_error_is_shown_with_all_its_notes(self):
        for paint in (lambda text: text, lambda text: text.replace("error: ", "\x1b[0;1;31merror: \x1b[0m")):
            lines = compiler.errors(paint(self.said("warning: w", "error: one", "error: two")), 1)
            self.assertEqual(len(lines), 12)
            self.assertEqual(lines[0], paint("chapters/01/main.cpp:2:3: error: one"))
            self.assertEqual(lines[3], "shared/linalg/products.cppm:25:6: note: candidate function not viable: no known "
                                       "conversion from 'int' to 'ConstView' for 2nd argument")
            self.assertEqual(lines[-1], "… and 1 more error")

    def test_others_are_shown_while_there_is_room_and_then_counted(self):
        text = self.said("error: one", "error: two", "error: three", "error: four")
        for most, whole in ((11, 1), (22, 2), (32, 2), (33, 3), (44, 4)):
            lines = compiler.errors(text, most)
            self.assertEqual(sum("error: " in line for line in lines), whole)
            self.assertEqual(lines[-1].startswith("… and "), whole < 4)
        self.assertEqual(compiler.errors(text, 11)[-1], "… and 3 more errors")

    def test_what_is_no_error_of_the_compiler_is_shown_as_it_is(self):
        for text in ("", "some program\nhas failed", "/usr/bin/ld: a.o: undefined reference to `f()'\n"
                     "clang++: error: linker command failed with exit code 1"):
            self.assertEqual(compiler.errors(text, 1), text.splitlines())

    def test_no_word_is_lost_where_lines_are_too_long(self):
        lines = compiler.errors(self.said("error: " + "no such thing " * 40))
        wrapped = list(compiler.wrapped(lines, "  "))
        self.assertEqual(" ".join("\n".join(wrapped).split()), " ".join("\n".join(lines).split()))
        self.assertLess(max(map(len, "\n".join(wrapped).splitlines())), 120)
        self.assertTrue(any(line.rstrip().endswith("2nd argument") for line in wrapped))


if __name__ == "__main__":
    unittest.main()
