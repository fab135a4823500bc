"""Which mistakes ./course mutate makes, where, and which tests it asks: tests/tools/mutants.py."""

import pathlib
import sys
import tempfile
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/tools"))

import mutants  # noqa: E402
from speaking import Refusal  # noqa: E402


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
            with unittest.mock.patch.multiple(mutants, ROOT=root, SOURCES=copy, BUILD=build):
                mutants.bring_up_to_date()
                self.assertEqual(sorted(str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()),
                                 ["shared/a.cpp", "tests/build/meson.build"])
                before = (copy / "tests/build/meson.build").stat().st_mtime_ns
                (root / "shared/a.cpp").write_text("new")
                mutants.bring_up_to_date()
            self.assertEqual((copy / "shared/a.cpp").read_text(), "new")
            self.assertEqual((copy / "tests/build/meson.build").stat().st_mtime_ns, before)


class Judging(unittest.TestCase):
    def test_the_source_is_right_again_whatever_happens(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "shared").mkdir()
            source = root / "shared/x.cpp"
            source.write_text("int f() { return 2 + 3; }\n")
            seen = []

            class Judge:
                names = ["x"]

                def __init__(self, names):
                    pass

                def verdict(self):
                    seen.append(source.read_text())
                    if len(seen) == 1:
                        return "survived"
                    raise KeyboardInterrupt

            with unittest.mock.patch.multiple(mutants, Judge=Judge, ROOT=root, SOURCES=root, tests_of=lambda _: ["x"],
                                              sources_of=lambda _: ["shared/x.cpp"], say=lambda _: None):
                with self.assertRaises(KeyboardInterrupt):
                    mutants.judge("rnn.x", 10)
            self.assertEqual(seen, ["int f() { return 2 + 3; }\n", "int f() { return 2 - 3; }\n"])
            self.assertEqual(source.read_text(), seen[0])


if __name__ == "__main__":
    unittest.main()
