"""Which mistakes ./course mutate makes, where, and which tests it asks: tests/tools/mutants.py and mutating.py."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/tools"))

import mutants  # noqa: E402
import mutating  # noqa: E402
from speaking import Failure, Refusal  # noqa: E402


def mistakes(line):
    return sorted(mutant.after for mutant in mutants.mutants_of("x.cpp", line))


class Rewrites(unittest.TestCase):
    def test_each_operator_of_a_line_is_changed_alone(self):
        self.assertEqual(mistakes("  y = a + b * c;"), ["  y = a + b / c;", "  y = a - b * c;"])
        self.assertEqual(mistakes("if (!found && x < 3) return;"),
                         ["if (!found && x <= 3) return;", "if (!found || x < 3) return;",
                          "if (false && !found && x < 3) return;", "if (found && x < 3) return;"])
        self.assertEqual(mistakes("sum += x;"), ["sum -= x;", "sum = x;"])
        self.assertEqual(mistakes("return std::min(n, 1);"), ["return std::max(n, 1);", "return std::min(n, 2);"])

    def test_a_call_is_left_out(self):
        self.assertIn(";", [mistake.strip() for mistake in mistakes("  tape.clear();")])
        self.assertNotIn(";", [mistake.strip() for mistake in mistakes("  return tape.clear();")])

    def test_comments_strings_templates_and_what_is_no_code_are_left_alone(self):
        for line in ("// a + b", "/// true", "#if A == B", "import a;", "std::vector<int> v;",
                     'say("a + b");  // a + b', "using A = B<1 + 2>;", "const char* a;", "f(View&& a);"):
            self.assertEqual([mistake for mistake in mistakes(line) if mistake.strip() != ";"], [], line)

    def test_mistakes_name_their_line(self):
        mutant, = mutants.mutants_of("shared/a/b.cpp", "int a;\nint b = c - d;\n")
        self.assertEqual(str(mutant), "shared/a/b.cpp:2\n  - int b = c - d;\n  + int b = c + d;")

    def test_so_many_are_taken_from_everywhere(self):
        self.assertEqual(mutants.spread(list(range(10)), 3), [0, 3, 6])
        self.assertEqual(mutants.spread([1, 2], 3), [1, 2])


class Modules(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        for name, text in {
            "shared/a/one.cppm": "export module rnn.a.one;\n", "shared/a/one.cpp": "module rnn.a.one;\n",
            "shared/a/one/more.cpp": "module rnn.a.one;\nimport rnn.a.part;\n",
            "shared/a/part.cppm": "export module rnn.a.part;\n", "shared/a/alone.cppm": "export module rnn.a.alone;\n",
            "tests/a/one_test.cpp": "import rnn.a.one;\n", "tests/b/other_test.cpp": "import rnn.a.one;\n",
        }.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)

    def test_a_module_is_its_interface_and_its_units(self):
        self.assertEqual([str(path) for path in mutants.sources_of("rnn.a.one", self.root)],
                         ["shared/a/one/more.cpp", "shared/a/one.cpp", "shared/a/one.cppm"])

    def test_its_tests_are_those_of_its_room_or_of_what_it_is_part_of(self):
        self.assertEqual(mutants.tests_of("rnn.a.one", self.root), ["one"])
        self.assertEqual(mutants.tests_of("rnn.a.part", self.root), ["one"])
        self.assertEqual(mutants.tests_of("rnn.a.alone", self.root), [])
        (self.root / "tests/a/one_test.cpp").unlink()
        self.assertEqual(mutants.tests_of("rnn.a.one", self.root), ["other"])

    def test_a_module_may_be_given_in_several_ways(self):
        for word in ("training.shards", "rnn.training.shards", "shared/training/shards.cpp", "training/shards"):
            self.assertEqual(mutants.find(word), "rnn.training.shards")
        with self.assertRaisesRegex(Refusal, "no module 'training.shrads'; the nearest is training.shards"):
            mutants.find("training.shrads")


class Copy(unittest.TestCase):
    def test_it_has_what_the_sources_have_and_what_is_the_same_stays_as_old_as_it_is(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name in ("shared/a.cpp", "tests/build/meson.build", "build/b.o", "build-sanitize/b.o", ".git/config",
                         "my/01.1.cpp", "docs/node_modules/x.js"):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text("old")
            copy, build = root / "build-mutants/source", root / "build-mutants/build"
            build.mkdir(parents=True)
            (build / "build.ninja").touch()
            with unittest.mock.patch.multiple(mutating, ROOT=root, SOURCES=copy, BUILD=build):
                mutating.bring_up_to_date()
                self.assertEqual(sorted(str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()),
                                 ["shared/a.cpp", "tests/build/meson.build"])
                before = (copy / "tests/build/meson.build").stat().st_mtime_ns
                (root / "shared/a.cpp").write_text("new")
                mutating.bring_up_to_date()
            self.assertEqual((copy / "shared/a.cpp").read_text(), "new")
            self.assertEqual((copy / "tests/build/meson.build").stat().st_mtime_ns, before)


class Harmless(unittest.TestCase):
    def test_each_can_still_be_made_and_has_a_reason(self):
        possible = {mutant.text() for path in (ROOT / "shared").rglob("*.cpp*")
                    for mutant in mutants.mutants_of(path.relative_to(ROOT), path.read_text())}
        known = mutants.harmless()
        self.assertEqual([text for text in known if text not in possible], [])
        self.assertEqual([text for text, why in known.items() if len(why.split()) < 3], [])

    def test_a_block_is_a_mutant_and_its_reason(self):
        self.assertEqual(mutants.harmless("# What this is.\n\na.cpp\n- b < c\n+ b <= c\nthey are\nnever equal\n"),
                         {"a.cpp\n- b < c\n+ b <= c": "they are never equal"})


class Judging(unittest.TestCase):
    """In a folder with one source, with stand-ins for the compiler, the linker and the test program."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        (self.root / "shared").mkdir()
        (self.root / "build").mkdir()
        self.patch(ROOT=self.root, SOURCES=self.root, BUILD=self.root / "build")

    def patch(self, **names):
        patch = unittest.mock.patch.multiple(mutating, **names)
        patch.start()
        self.addCleanup(patch.stop)

    def judge(self, file, text):
        """A judge whose "program" is made of copies of the source, and whose test looks for 2 + 3 in it."""
        (self.root / file).write_text(text)
        self.patch(introspected=lambda what: [])
        judging = mutating.Judge([])
        judging.targets = ["tests/test_x"]
        judging.recipes = {
            "x.pcm": ["cc", "-c", f"../{file}", "-fmodule-output=x.pcm", "-o", "x.o"],
            "user.o": ["cc", "-O3", "-fmodule-file=x=x.pcm", "-c", "../user.cpp", "-MF", "user.d", "-o", "user.o"],
            "libx.a": ["rm", "-f", "libx.a", "&&", "llvm-ar", "csrDT", "libx.a", "x.o"],
            "tests/test_x": ["cc", "-o", "tests/test_x", "user.o", "other.o", "libx.a"],
        }
        judging.recipes["x.o"] = judging.recipes["x.pcm"]
        program = str(self.root / "build/tests/test_x")
        judging.tests, judging.seconds = [{"cmd": ["grep", "-q", "2 + 3", program], "env": {}}], {"grep": 0.1}
        return judging

    def stand_ins(self):
        """The compiler writes what it reads of a mistake's folder into all that it makes there; the commands that it
        was given, without that folder."""
        commands = []

        def status_of(command, *limits, **options):
            if command[0] == "grep":
                return 0 if command[2] in pathlib.Path(command[3]).read_text() else 1
            folder = os.path.dirname(command[command.index("-o") + 1]) + "/"
            commands.append(" ".join(command).replace(folder, ""))
            changed = {pathlib.Path(word.rpartition("=")[2]) for word in command if folder in word}
            text = "".join(path.read_text() for path in changed if path.exists())
            for path in changed:
                if not path.exists():
                    path.write_text(text)
            return int("refuse" in text)

        self.patch(apart=lambda: [], status_of=status_of)
        return commands

    def test_a_mistake_in_a_body_changes_an_object_and_the_programs_with_it(self):
        commands = self.stand_ins()
        text = "int f() { return 2 + 3; }"
        judging = self.judge("shared/x.cpp", text)
        judging.recipes["x.o"] = ["cc", "-O3", "-c", "../shared/x.cpp", "-MF", "x.d", "-o", "x.o"]
        del judging.recipes["x.pcm"]
        mutant, = mutants.mutants_of("shared/x.cpp", text)
        self.assertEqual(judging.verdict(mutant), "noticed")
        self.assertEqual(commands, ["cc -O1 -c x.cpp -MF /dev/null -o x.o",
                                    "cc x.o -o tests_test_x user.o other.o libx.a"])
        self.assertEqual(judging.verdict(mutant._replace(after=text + "  // 2 + 3 as before")), "survived")
        self.assertEqual(judging.verdict(mutant._replace(after="refuse this")), "no code")
        self.assertEqual((self.root / "shared/x.cpp").read_text(), text)

    def test_a_mistake_in_an_interface_changes_what_imports_it(self):
        commands = self.stand_ins()
        text = "int f() { return 2 + 3; }"
        judging = self.judge("shared/x.cppm", text)
        mutant, = mutants.mutants_of("shared/x.cppm", text)
        self.assertEqual(judging.verdict(mutant), "noticed")
        self.assertEqual(commands, ["cc -c x.cppm -fmodule-output=x.pcm -o x.o",
                                    "cc -O1 -fmodule-file=x=x.pcm -c ../user.cpp -MF /dev/null -o user.o",
                                    "cc x.o -o tests_test_x user.o other.o libx.a"])
        self.assertEqual((self.root / "shared/x.cppm").read_text(), text)

    def test_nothing_is_made_where_a_part_does_not_change(self):
        self.patch(status_of=lambda *words, **options: self.fail())
        judging = self.judge("shared/x.cppm", "")
        parts = mutating.Parts(judging.recipes, "../shared/another.cpp", "/tmp/another.cpp", self.root)
        self.assertEqual(parts.part("tests/test_x"), "tests/test_x")

    def apart(self):
        try:
            return mutating.apart.__wrapped__()
        except Failure as failure:
            self.skipTest(str(failure))

    def test_a_mistake_reaches_no_other_file(self):
        if os.geteuid() != 0:
            self.skipTest("only root could write everywhere")
        self.patch(ROOT=ROOT)
        tries = f"touch {self.root}/mine here /dev/new {ROOT}/new; echo x > /dev/null"
        command = [*self.apart(), "sh", "-c", tries]
        said = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)
        self.assertEqual(said.stderr.count("cannot touch"), 2, said.stderr)
        self.assertEqual(said.returncode, 0)
        self.assertTrue((self.root / "mine").exists())
        self.assertTrue((self.root / "here").exists())
        self.assertFalse((ROOT / "new").exists())

    def test_a_mistake_reaches_no_other_process(self):
        apart = self.apart()
        with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
            kill = f"kill -0 {other.pid} 2>/dev/null && kill -9 {other.pid}; kill -9 -1; exit 7"
            self.assertNotEqual(mutating.status_of([*apart, "sh", "-c", kill], 10, env={**os.environ}), 124)
            self.assertIsNone(other.poll())
            other.kill()
        self.assertEqual(mutating.status_of([*apart, "sh", "-c", "exit 7"], 10, env={**os.environ}), 7)

    def test_each_run_of_a_test_has_a_temporary_folder_of_its_own(self):
        folders = []

        def status_of(command, seconds, memory, folder, env):
            self.assertEqual((env["TMPDIR"], env["OMPI_MCA_btl_vader_backing_directory"]), (folder, folder))
            folders.append(folder)
            self.assertEqual(os.stat(folder).st_mode & 0o7777, 0o1777)
            return 0

        self.patch(apart=lambda: [], status_of=status_of)
        judging = self.judge("shared/x.cpp", "")
        for _ in range(2):
            self.assertFalse(judging.fails(judging.tests[0], mutating.Parts({}, "", "", self.root)))
        self.assertEqual(len({*folders}), 2)
        self.assertEqual([folder for folder in folders if os.path.exists(folder)], [])

    def test_no_signal_is_ignored(self):
        def ignore():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        command = [*self.apart(), "sh", "-c", "kill -HUP $$; exit 7"]
        self.assertEqual(mutating.status_of(command, 10, env={**os.environ}), 128 + signal.SIGHUP)
        self.assertEqual(subprocess.run(command, preexec_fn=ignore, check=False).returncode, 128 + signal.SIGHUP)

    def test_what_takes_too_long_is_ended(self):
        self.assertNotEqual(mutating.status_of(["sleep", "60"], 0.1, env={}), 0)
        self.assertEqual(mutating.status_of(["true"], env={}), 0)

    def test_what_fails_is_ended_at_its_first_check(self):
        left = self.root / "left"
        for words, ended in (('a_test.cpp(7): error: in "sums": check a == b has failed', True),
                             ('a_test.cpp(7): \033[1;31;49mfatal error: in "sums": boom', True),
                             ("no error: indeed", False)):
            script = f"printf '%s\\n' '{words}'; sleep 0.3; touch {left}"
            self.assertEqual(mutating.status_of(["sh", "-c", script], 10, env={**os.environ}), int(ended), words)
            self.assertEqual(left.exists(), not ended, words)

    def test_tests_that_notice_more_for_their_time_are_asked_first(self):
        programs = [str(self.root / f"build/tests/test_{name}") for name in ("quick", "slow")]
        asked = []

        def status_of(command, *limits, **options):
            asked.append(command[0] if command[0] != "link" else "link " + command[1])
            return int(command[0].endswith("slow"))

        self.patch(apart=lambda: [], status_of=status_of)
        judging = self.judge("shared/x.cpp", "int x = 2 + 3;")
        judging.tests = [{"cmd": [program], "env": {}} for program in programs]
        judging.seconds = dict(zip(programs, (1.0, 1.5)))
        parts = mutating.Parts({}, "", "", self.root)
        self.assertTrue(judging.noticed(parts))
        self.assertEqual(asked, programs)
        asked.clear()
        self.assertTrue(judging.noticed(parts))
        self.assertEqual(asked, programs[1:])


if __name__ == "__main__":
    unittest.main()
