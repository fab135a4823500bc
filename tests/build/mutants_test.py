"""Which mistakes ./course mutate makes, where, and which tests it asks: tests/tools/mutants.py and mutating.py."""

import os
import pathlib
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
        possible = {mutant.text() for module in mutants.modules() for file in mutants.sources_of(module)
                    for mutant in mutants.mutants_of(file, (ROOT / file).read_text())}
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
        """A judge whose "program" is a copy of the source, and whose test looks for 2 + 3 in it."""
        (self.root / file).write_text(text)
        judging = mutating.Judge.__new__(mutating.Judge)
        judging.targets = ["tests/test_x"]
        judging.compilations = [["cp", "-f", "-c", f"../{file}", "-o", "libx.a.p/x.o", "-MF", "x.d"]]
        judging.links = [["link", "-o", "tests/test_x", "libx.a"]]
        program = str(self.root / "build/tests/test_x")
        judging.tests, judging.seconds = [{"cmd": ["grep", "-q", "2 + 3", program], "env": {}}], {"grep": 0.1}
        return judging

    def test_a_mistake_in_a_body_is_compiled_and_linked_beside_the_right_code(self):
        said = []

        def status_of(command, *limits, **options):
            if command[0] == "cp":
                source, made = command[command.index("-c") + 1], command[command.index("-o") + 1]
                pathlib.Path(made).write_text(pathlib.Path(source).read_text())
                return 0
            if command[0] == "link":
                pathlib.Path(command[command.index("-o") + 1]).write_text(pathlib.Path(command[1]).read_text())
                return 0
            said.append(pathlib.Path(command[3]).read_text())
            return 0 if command[2] in said[-1] else 1

        self.patch(apart=lambda: [], status_of=status_of)
        text = "int f() { return 2 + 3; }"
        judging = self.judge("shared/x.cpp", text)
        mutant, = mutants.mutants_of("shared/x.cpp", text)
        self.assertEqual(judging.verdict(mutant), "noticed")
        self.assertEqual(said, ["int f() { return 2 - 3; }"])
        unseen = mutant._replace(after=text + "  // 2 + 3 as before")
        self.assertEqual(judging.verdict(unseen), "survived")
        self.assertEqual((self.root / "shared/x.cpp").read_text(), text)

    def test_an_interface_is_right_again_whatever_happens(self):
        text = "int f() { return 2 + 3; }"
        judging = self.judge("shared/x.cppm", text)
        seen = []

        def build():
            seen.append((self.root / "shared/x.cppm").read_text())
            raise KeyboardInterrupt

        judging.build = build
        mutant, = mutants.mutants_of("shared/x.cppm", text)
        with self.assertRaises(KeyboardInterrupt):
            judging.verdict(mutant)
        self.assertEqual(seen, ["int f() { return 2 - 3; }"])
        self.assertEqual((self.root / "shared/x.cppm").read_text(), text)

    def test_a_mistake_reaches_no_other_process(self):
        try:
            apart = mutating.apart()
        except Failure as failure:
            self.skipTest(str(failure))
        with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
            kill = f"kill -0 {other.pid} 2>/dev/null && kill -9 {other.pid}; kill -9 -1; exit 7"
            self.assertNotEqual(mutating.status_of([*apart, "sh", "-c", kill], 10, env={**os.environ}), 124)
            self.assertIsNone(other.poll())
            other.kill()
        self.assertEqual(mutating.status_of([*apart, "sh", "-c", "exit 7"], 10, env={**os.environ}), 7)

    def test_what_takes_too_long_is_ended(self):
        self.assertEqual(mutating.status_of(["sleep", "60"], 0.1, env={}), 124)
        self.assertEqual(mutating.status_of(["false"], env={}), 1)


if __name__ == "__main__":
    unittest.main()
