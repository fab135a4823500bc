"""./course: what it says, what it refuses, and what it does on a machine where nothing is installed."""

import contextlib
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/tools"))

import front_door  # noqa: E402
import speaking  # noqa: E402
import testing  # noqa: E402

COMMANDS = sorted(set(re.findall(r"(?m)^  ([a-z]+)\b", (ROOT / "tests/tools/help.txt").read_text())))
# What every Debian has.
BASE = "bash basename cat cp dirname env grep head mktemp readlink rm sed tail test tr uname".split()


def course(*arguments, cwd=None, **environment):
    return subprocess.run(
        [ROOT / "course", *arguments], cwd=cwd, env={**os.environ, **environment},
        stdin=subprocess.DEVNULL, capture_output=True, text=True)


def on_debian_12():
    lines = pathlib.Path("/etc/os-release").read_text().splitlines() if os.path.exists("/etc/os-release") else []
    return "ID=debian" in lines and 'VERSION_ID="12"' in lines


class Words(unittest.TestCase):
    def refuses(self, *words):
        """The one line with which ./course refuses these words."""
        run = course(*words)
        self.assertEqual((run.returncode, run.stdout), (2, ""), words)
        self.assertEqual(run.stderr.count("\n"), 1, run.stderr)
        self.assertTrue(run.stderr.startswith("course: "), run.stderr)
        return run.stderr

    def test_help_names_every_command(self):
        self.assertGreater(len(COMMANDS), 15)
        for way in (["help"], ["--help"], ["-h"], []):
            run = course(*way)
            self.assertEqual((run.returncode, run.stderr), (0, ""))
            for command in COMMANDS:
                self.assertRegex(run.stdout, rf"(?m)^  {command}\b")
            self.assertNotRegex(run.stdout, r"(?m)^    \S")  # what only a command's own help says

    def test_every_command_of_help_is_one_and_no_other(self):
        self.assertEqual(COMMANDS, sorted([*front_door.COMMANDS, *front_door.IN_BASH]))

    def test_tests_that_cannot_be_run_count_as_failed(self):
        def cannot_be_run():
            raise speaking.Failure("there is nothing to run them with")

        tests, said = testing.Tests(), io.StringIO()
        with contextlib.redirect_stderr(said):
            tests.attempt(cannot_be_run)
        tests.attempt(lambda: tests.add(["OK"], passed=True))
        tests.count(said)
        self.assertTrue(tests.failed)
        self.assertEqual(said.getvalue(), "course: there is nothing to run them with\n1 passed, 1 failed, 0 skipped\n")

    def test_help_of_a_command_is_about_this_command(self):
        for command in COMMANDS:
            if command in ("mnist", "melody"):  # the program's own
                continue
            for words in ([command, "--help"], [command, "-h"]):
                run = course(*words)
                self.assertEqual((run.returncode, run.stderr), (0, ""), words)
                self.assertEqual(set(re.findall(r"(?m)^  ([a-z]+)", run.stdout)), {command})
        self.assertEqual(course("test", "01", "--help").stdout, course("test", "--help").stdout)

    def test_a_wrong_command_names_the_nearest_one(self):
        for wrong, right in (("tets", "test"), ("mnits", "mnist"), ("docter", "doctor"), ("", "run"), ("a b;", ""),
                             ("--needs", ""), ("Run", "run"), ("cmd_run", "run"), ("..", "run")):
            self.assertIn(f"no command '{wrong}'; the nearest is ./course {right}", self.refuses(wrong))

    def test_a_long_command_is_refused_at_once_and_in_short(self):
        started = time.monotonic()
        for word in ("x" * 3000, "tes" * 1000, "é" * 30000):
            self.assertLess(len(self.refuses(word)), 200)
        self.assertLess(time.monotonic() - started, 10)

    def test_a_wrong_chapter_names_those_that_there_are(self):
        for way in (["run", "99"], ["test", "99"], ["run", "no such thing"], ["run", "٣"], ["run", "../01_two_steps"]):
            self.assertIn(f"no chapter '{way[1]}'; there are: 01_two_steps ", self.refuses(*way))

    def test_a_wrong_word_is_refused_before_anything_is_done(self):
        for way in (["run"], ["build", "all"], ["test", "--everything"], ["test", "01", "02"], ["fuzz", "--sec", "3"],
                    ["fuzz", "--seconds", "none"], ["fuzz", "--seconds"], ["fuzz", "nosuchreader"], ["sanitize"],
                    ["sanitize", "memory"], ["coverage", "all"], ["mutate", "nosuchmodule"], ["mutate", "--most"],
                    ["mutate", "--most", "none"], ["tidy", "--all"], ["tidy", "nosuchfile.cpp"],
                    ["tidy", "README.md"], ["format", "--dry-run"], ["format", "--check", "--check"], ["data", "here"],
                    ["doctor", "please"], ["help", "me"], ["docs", "--check"], ["figures", "all"], ["site", "--port"],
                    ["wasm", "all"],
                    ["exercise", "99.1"], ["exercise", "01.1", "solve"], ["exercise", "01.1", "hint", "2"],
                    ["bench", "--fast"], ["bench", "ladder", "training"], ["bench", "--build", "all"],
                    ["bench", "--peers", "--rounds", "many"], ["bench", "--peers", "fast"], ["--yes", "--yes"]):
            self.refuses(*way)

    def test_no_message_hands_control_characters_or_stray_bytes_on_to_the_terminal(self):
        odd = "\x1b[31mred\x07\r\n\x9b\u202e" + os.fsdecode(b"\xff")
        for words in ([odd], ["run", odd], ["test", odd], ["test", "-" + odd], ["build", odd], ["fuzz", odd],
                      ["fuzz", "--seconds", odd], ["tidy", odd], ["format", odd], ["exercise", odd],
                      ["exercise", "01.1", odd], ["bench", "-" + odd], ["bench", odd, odd], ["bench", "--peers", odd],
                      ["data", odd], ["docs", odd], ["site", odd], ["figures", odd], ["coverage", odd], ["wasm", odd],
                      ["mutate", odd], ["mutate", "--most", odd]):
            message = self.refuses(*words)
            self.assertTrue(message.rstrip("\n").isprintable(), message)
            self.assertIn("\\x1b[31mred", message)

    def test_it_may_be_called_from_anywhere_and_cdpath_changes_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            elsewhere = pathlib.Path(folder)
            for name in ("data", ".ci", "tests", ROOT.name):
                (elsewhere / name).mkdir()
            (elsewhere / "link").symlink_to(ROOT / "course")
            expected = course("exercise").stdout
            self.assertIn("01.1", expected)
            for cwd, path in ((ROOT.parent, f"{ROOT.name}/course"), (ROOT / "tests", "../course"), (elsewhere, "link")):
                run = subprocess.run(["bash", path, "exercise"], cwd=cwd, env={**os.environ, "CDPATH": folder},
                                     stdin=subprocess.DEVNULL, capture_output=True, text=True)
                self.assertEqual((run.returncode, run.stdout, run.stderr), (0, expected, ""))


@unittest.skipUnless(on_debian_12(), "installs on Debian 12 only")
class BareMachine(unittest.TestCase):
    """A PATH with nothing but Debian's base and an apt-get that writes down what it was asked for."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        self.asked = self.path / "asked"
        self.asked.write_text("")
        for name in BASE:
            (self.path / name).symlink_to(shutil.which(name))
        self.apt_get("")
        # Being somebody else than root changes the way to apt-get, not what is asked of it.
        self.script("sudo", 'exec "$@"')

    def with_python(self):
        self.script("python3", f'exec {sys.executable} "$@"')

    def script(self, name, text):
        (self.path / name).write_text(f"#!/bin/bash\n{text}\n")
        (self.path / name).chmod(0o755)

    def apt_get(self, simulation, fails_until_update=False):
        missing = f'grep -q "update" "{self.asked}" || exit 100' if fails_until_update else ":"
        self.script("apt-get", f"""echo "$*" >>"{self.asked}"
[[ $1 == -s ]] || exit 0
{missing}
echo '{simulation}'""")

    def course(self, *arguments, **environment):
        run = course(*arguments, PATH=str(self.path), COURSE_YES="", **environment)
        return run, self.asked.read_text().splitlines()

    def test_what_is_missing_is_installed_without_asking(self):
        run, asked = self.course("build")
        self.assertEqual(len(asked), 2)  # a simulation, then the thing itself: the lists were good
        self.assertIn("-s install", asked[0])
        self.assertIn("install -y", asked[1])
        for package in ("clang-19", "meson", "ninja-build", "libboost1.81-dev", "libfmt-dev", "libpng-dev", "zlib1g-dev"):
            self.assertIn(f" {package}", asked[1])
        self.assertNotEqual(run.returncode, 0)  # this apt-get installs nothing

    def test_a_command_installs_no_more_than_it_needs(self):
        self.with_python()
        for words, packages, *ci in (
                (["test", "01"], ["clang-19"]), (["test"], ["clang-19", "protobuf-compiler"]),
                (["test"], ["clang-19", "libboost-mpi1.81-dev", "libopenmpi-dev", "openmpi-bin", "protobuf-compiler"], "true"),
                (["exercise", "01.1"], ["clang-19"]), (["format"], ["clang-format-19"]), (["site"], ["nodejs", "npm"]),
                (["wasm"], ["clang-19", "lld-19", "wasi-libc"]), (["bench"], ["clang-19", "libbenchmark-dev"]),
                (["mpi", "06"], ["clang-19", "libboost-mpi1.81-dev", "libopenmpi-dev", "openmpi-bin"]),
                (["figures"], ["clang-19", "gnuplot-nox", "graphviz"]),
                (["mutate"], ["clang-19", "libboost-mpi1.81-dev", "libclang-rt-19-dev", "libopenmpi-dev", "openmpi-bin"]),
                (["sanitize", "thread"], ["clang-19", "libclang-rt-19-dev"]), (["fuzz"], ["clang-19", "libclang-rt-19-dev"]),
                (["coverage"], ["clang-19", "libclang-rt-19-dev", "llvm-19"])):
            self.asked.write_text("")
            _, asked = self.course(*words, CI="".join(ci))
            self.assertEqual(len(asked), 2, words)
            installed = set(asked[1].split("--no-install-recommends ")[1].split())
            if "clang-19" in packages:
                self.assertLessEqual({"meson", "ninja-build", "libfmt-dev"}, installed)
                installed = {name for name in installed if not name.startswith(("lib", "meson", "ninja", "pkg-", "zlib"))} | (
                    installed & {"libbenchmark-dev", "libboost-mpi1.81-dev", "libclang-rt-19-dev", "libopenmpi-dev"})
            self.assertEqual(sorted(installed), packages, words)

    def test_a_command_that_needs_nothing_installs_nothing(self):
        self.with_python()
        for words in (["exercise"], ["exercise", "01.1", "solution"]):
            run, asked = self.course(*words)
            self.assertEqual((run.returncode, run.stderr, asked), (0, "", []))

    def test_wrong_words_install_nothing(self):
        self.with_python()
        for words in (["run", "99"], ["test", "--most"], ["sanitize"], ["exercise", "99.1"], ["fly"]):
            run, asked = self.course(*words)
            self.assertEqual((run.returncode, asked), (2, []))

    def test_help_needs_no_python(self):
        for words in (["help"], ["--help"], ["test", "--help"], ["data", "--help"], ["doctor", "--help"]):
            run, asked = self.course(*words)
            self.assertEqual((run.returncode, run.stderr, asked), (0, "", []))
            self.assertIn(words[0].strip("-"), run.stdout)

    def test_a_wrong_command_needs_no_python(self):
        for word in ("fly", "\x1b[31m", ""):
            run, asked = self.course(word)
            self.assertEqual((run.returncode, run.stdout, asked), (2, "", []))
            self.assertTrue(run.stderr.startswith("course: there is no command "))
            self.assertTrue(run.stderr.rstrip("\n").isprintable())

    def test_python_is_installed_with_the_rest(self):
        _, asked = self.course("run", "01")
        self.assertEqual(len(asked), 2)
        self.assertRegex(asked[1], " clang-19 meson .* python3$")
        self.asked.write_text("")
        _, asked = self.course("exercise")
        self.assertTrue(asked[1].endswith("--no-install-recommends python3"))

    def test_once_python_is_installed_it_goes_on(self):
        self.with_python()
        (self.path / "python3").rename(self.path / "to_be_installed")
        self.script("apt-get", f"""echo "$*" >>'{self.asked}'
[[ $1 == -s ]] || cp '{self.path}/to_be_installed' '{self.path}/python3'""")
        run, asked = self.course("exercise")
        self.assertEqual((run.returncode, len(asked)), (0, 2), run.stderr)
        self.assertIn("01.1", run.stdout)

    def test_what_a_command_can_do_without_is_no_reason_to_stop(self):
        self.with_python()
        # All that is needed to build is here, and neither curl nor an apt-get that can install it.
        self.script("clang++-40", "[[ $* == *-E* ]] && echo 108100 || echo /there")
        self.script("ninja", "[[ $* == --quiet* ]] || echo 'ninja: no work to do.'")
        for name in ("meson", "pkg-config"):
            self.script(name, "exit 0")
        self.script("apt-get", f"echo \"$*\" >>'{self.asked}'; exit 1")
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            shutil.copy(ROOT / "course", root)
            shutil.copytree(ROOT / "tests/tools", root / "tests/tools")
            for name, text in (("build/chapters/06_mnist/06_mnist", 'echo "$@"'), ("build/build.ninja", ""),
                               ("data/fetch_mnist", "exit 1")):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(f"#!/bin/bash\n{text}\n")
                (root / name).chmod(0o755)
            environment = {name: value for name, value in os.environ.items() if name not in ("MNIST_DIR", "CI")}
            run = subprocess.run([root / "course", "mnist"], env={**environment, "PATH": str(self.path)},
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stdout), (0, "--data digits\n"), run.stderr)
        self.assertIn(" curl", self.asked.read_text())
        self.assertIn("the built-in digits take its place", run.stderr)

    def test_an_old_python_is_none(self):
        self.script("python3", "exit 1")
        _, asked = self.course("exercise")
        self.assertTrue(asked[1].endswith("--no-install-recommends python3"))

    def test_lists_of_packages_are_fetched_only_where_there_are_none(self):
        self.apt_get("", fails_until_update=True)
        _, asked = self.course("build")
        self.assertEqual(sum("update" in line for line in asked), 1)
        self.assertIn("install -y", asked[-1])

    def test_nothing_is_removed_without_being_asked_for(self):
        self.apt_get("Remv libboost1.74-dev [1.74.0+ds1-21]")
        run, asked = self.course("build")
        self.assertEqual(run.returncode, 1)
        self.assertIn("would remove: libboost1.74-dev", run.stderr)
        self.assertIn("COURSE_YES=1 ./course", run.stderr)
        self.assertNotIn("install -y", " ".join(asked))

    def test_yes_allows_it(self):
        self.apt_get("Remv libboost1.74-dev [1.74.0+ds1-21]")
        _, asked = self.course("--yes", "build")
        self.assertIn("install -y", asked[-1])

    def test_doctor_changes_nothing_and_says_what_to_type(self):
        run, asked = self.course("doctor")
        self.assertEqual(run.returncode, 0)
        self.assertEqual(asked, [])
        self.assertIn("apt-get install clang-19 meson ninja-build", run.stdout)


if __name__ == "__main__":
    unittest.main()
