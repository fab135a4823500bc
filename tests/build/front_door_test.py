"""./course: what it says, what it refuses, and what it does on a machine where nothing is installed."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
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
        sys.path.insert(0, str(ROOT / "tests/tools"))
        import front_door
        self.assertEqual(COMMANDS, sorted([*front_door.COMMANDS, *front_door.IN_BASH]))

    def test_help_of_a_command_is_about_this_command(self):
        for command in COMMANDS:
            if command == "mnist":  # the program's own
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
                    ["sanitize", "memory"], ["coverage", "all"], ["tidy", "--all"], ["tidy", "nosuchfile.cpp"],
                    ["tidy", "README.md"], ["format", "--dry-run"], ["format", "--check", "--check"], ["data", "here"],
                    ["doctor", "please"], ["help", "me"], ["docs", "--check"], ["figures", "all"], ["site", "--port"],
                    ["exercise", "99.1"], ["exercise", "01.1", "solve"], ["exercise", "01.1", "hint", "2"],
                    ["bench", "--fast"], ["bench", "ladder", "training"], ["bench", "--build", "all"],
                    ["bench", "--peers", "--rounds", "many"], ["bench", "--peers", "fast"], ["--yes", "--yes"]):
            self.refuses(*way)

    def test_no_message_hands_control_characters_or_stray_bytes_on_to_the_terminal(self):
        odd = "\x1b[31mred\x07\r\n\x9b\u202e" + os.fsdecode(b"\xff")
        for words in ([odd], ["run", odd], ["test", odd], ["test", "-" + odd], ["build", odd], ["fuzz", odd],
                      ["fuzz", "--seconds", odd], ["tidy", odd], ["format", odd], ["exercise", odd],
                      ["exercise", "01.1", odd], ["bench", "-" + odd], ["bench", odd, odd], ["bench", "--peers", odd],
                      ["data", odd], ["docs", odd], ["site", odd], ["figures", odd], ["coverage", odd]):
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


class Copy(unittest.TestCase):
    """A copy of the course where everything is built: the program of chapter 06 prints what it is given."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        shutil.copy(ROOT / "course", self.root / "course")
        shutil.copytree(ROOT / "tests/tools", self.root / "tests/tools")
        (self.root / "chapters/06_mnist").mkdir(parents=True)
        self.script("build/chapters/06_mnist/06_mnist", 'echo "${MNIST_DIR-}: $*"')
        (self.root / "build/build.ninja").touch()
        self.script("bin/ninja", "echo 'ninja: no work to do.'")
        self.script("bin/clang++-40", '[[ $* == *-E* ]] && echo 108100 || echo /there')  # has all that one needs
        for name in ("curl", "apt-get"):  # what comes before a download installs nothing here
            self.script(f"bin/{name}", "exit 0")
        self.script("bin/sudo", 'exec "$@"')
        self.fetching("exit 1")

    def script(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/bash\n{text}\n")
        path.chmod(0o755)

    def fetching(self, text):
        self.script("data/fetch_mnist", f"touch '{self.root}/asked'\n{text}")

    def put_mnist(self):
        for part in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
            (self.root / "data/mnist").mkdir(exist_ok=True)
            (self.root / f"data/mnist/{part}-ubyte").touch()

    def course(self, *arguments, **environment):
        return subprocess.run(
            [self.root / "course", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            env=self.environment(**environment))

    def environment(self, **environment):
        return {**{k: v for k, v in os.environ.items() if k not in ("MNIST_DIR", "CI")},
                "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}", **environment}

    def mnist(self, *arguments, **environment):
        """What the program is given, and whether MNIST was looked for."""
        run = self.course("mnist", *arguments, **environment)
        self.assertEqual(run.returncode, 0, run.stderr)
        asked = self.root / "asked"
        fetched = asked.exists()
        asked.unlink(missing_ok=True)
        return run.stdout.strip().replace(str(self.root), "ROOT"), fetched


class Program(Copy):
    """run and mnist become the program."""

    def test_its_status_and_its_words_are_its_own(self):
        self.script("build/chapters/06_mnist/06_mnist", 'printf "<%s>" "$@"; exit 7')
        for command in (["run", "06"], ["run", "6"], ["run", "06_mnist"], ["mnist"]):
            run = self.course(*command, "--data", "x", "a b", "", "--help", "*")
            self.assertEqual((run.returncode, run.stdout, run.stderr), (7, "<--data><x><a b><><--help><*>", ""))

    def test_ctrl_c_is_its_own_and_so_is_the_process(self):
        self.script("build/chapters/06_mnist/06_mnist", "trap 'echo interrupted; exit 5' INT; echo $$; "
                    "while :; do sleep 0.1; done")
        for command in (["run", "06"], ["mnist", "--data", "digits"]):
            with subprocess.Popen([self.root / "course", *command], stdout=subprocess.PIPE, text=True,
                                  env=self.environment()) as running:
                self.assertEqual(running.stdout.readline(), f"{running.pid}\n")
                running.send_signal(signal.SIGINT)
                self.assertEqual(running.stdout.read(), "interrupted\n")
            self.assertEqual(running.returncode, 5)

    def test_signals_are_ignored_only_where_they_were_before(self):
        self.script("build/chapters/06_mnist/06_mnist", "grep -E '^Sig(Ign|Blk)' /proc/self/status")
        self.assertEqual(self.course("run", "06").stdout,
                         subprocess.run(["grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status"], capture_output=True,
                                        text=True).stdout)

    def test_a_reader_that_goes_away_ends_it_in_silence(self):
        with subprocess.Popen([ROOT / "course", "exercise"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            running.stdout.close()
            self.assertEqual(running.stderr.read(), b"")

    def test_what_the_compiler_says_is_shown_without_the_command_that_said_it(self):
        (self.root / "build/build.ninja").write_text("""rule cc
  command = : a kilometer of flags; echo "../chapters/06_mnist/main.cpp:3:1: error: no such thing"; exit 1
  description = Compiling $out
build chapters/06_mnist/06_mnist: cc
build build.ninja: phony
""")
        (self.root / "bin/ninja").unlink()
        (self.root / "build/chapters/06_mnist/06_mnist").unlink()
        run = self.course("run", "06")
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertEqual(run.stderr, "course: building in build/: 06_mnist\n"
                         "chapters/06_mnist/main.cpp:3:1: error: no such thing\ncourse: build/ could not be built\n")


class Tests(Copy):
    """What Meson is asked for, and what is made of its answers."""

    def setUp(self):
        super().setUp()
        self.asked = self.root / "asked_meson"
        self.meson("OK OK SKIP EXPECTEDFAIL", status=0)
        for name in ("chapters/01_two_steps", "build/meson-info"):
            (self.root / name).mkdir(parents=True)
        (self.root / "build/meson-info/intro-tests.json").write_text("""[
            {"suite": ["unrolled:chapters", "unrolled:01_two_steps"], "depends": ["one"]},
            {"suite": ["unrolled:exercises"], "depends": ["two"]}, {"suite": ["unrolled:data"], "depends": ["three"]}]""")
        (self.root / "build/meson-info/intro-targets.json").write_text(str([
            {"id": name, "filename": [f"{self.root}/build/tests/{name}"]} for name in ("one", "two", "three")]
            ).replace("'", '"'))
        self.script("bin/ninja", f"echo \"$*\" >>'{self.root}/asked_ninja'; echo 'ninja: no work to do.'")
        (self.root / "asked_ninja").write_text("")

    def meson(self, results, status):
        """A Meson whose tests end like this."""
        lines = "\n".join(f'{{"name": "a test", "result": "{result}"}}' for result in results.split())
        self.script("bin/meson", f"""echo "$*" >>'{self.asked}'
case $1 in
  setup) mkdir -p "$2/meson-logs" && cp -r '{self.root}/build/meson-info' "$2" && touch "$2/build.ninja" ;;
  test) mkdir -p "$3/meson-logs" && echo '{lines}' >"$3/meson-logs/testlog.json" && echo 'said by Meson' && exit {status} ;;
esac""")

    def test_results_are_counted_and_decide_the_status(self):
        run = self.course("test")
        self.assertEqual((run.returncode, run.stdout), (0, "3 passed, 0 failed, 1 skipped\n"))
        self.assertNotIn("said by Meson", run.stderr)
        self.meson("OK FAIL TIMEOUT ERROR SKIP", status=1)
        run = self.course("test")
        self.assertEqual((run.returncode, run.stdout), (1, "1 passed, 3 failed, 1 skipped\n"))
        self.assertIn("said by Meson", run.stderr)

    def test_tests_without_results_have_failed(self):
        self.script("bin/meson", "exit 0")
        run = self.course("test")
        self.assertEqual((run.returncode, run.stdout), (1, "0 passed, 0 failed, 0 skipped\n"))

    def test_what_is_asked_for_is_built_and_run_and_nothing_else(self):
        for words, suite, targets in (("", "--no-suite exercises", "tests/one tests/three"),
                                      ("1", "--suite 01_two_steps --no-suite exercises", "tests/one")):
            self.asked.write_text("")
            (self.root / "asked_ninja").write_text("")
            self.assertEqual(self.course("test", *words).returncode, 0)
            self.assertEqual(self.asked.read_text(), f"test -C {self.root}/build --no-rebuild --quiet --print-errorlogs "
                             f"{suite}\n")
            self.assertIn(f"-n {targets}\n", (self.root / "asked_ninja").read_text())

    def test_sanitizers_have_folders_of_their_own(self):
        (self.root / "lib/any").mkdir(parents=True)
        (self.root / "lib/any/libclang_rt.asan.a").touch()
        self.script("bin/clang++-40", f"case $* in *-E*) echo 108100 ;; *resource*) echo '{self.root}' ;; "
                    "*) echo /there ;; esac")
        for kind, folder, sanitizers in (("address", "build-sanitize", "address,undefined"),
                                         ("thread", "build-thread", "thread")):
            self.asked.write_text("")
            run = self.course("sanitize", kind, CI="true")
            self.assertEqual((run.returncode, run.stdout), (0, "3 passed, 0 failed, 1 skipped\n"), run.stderr)
            setup, test = self.asked.read_text().splitlines()
            self.assertIn(f"setup {self.root}/{folder} {self.root} -Db_sanitize={sanitizers} ", setup)
            self.assertIn("-Dwerror=true", setup)
            self.assertIn(f"test -C {self.root}/{folder} ", test)
            self.asked.write_text("")
            self.course("sanitize", kind, CI="true")
            self.assertNotIn("setup", self.asked.read_text())  # it has been, with this compiler
            self.course("sanitize", kind)
            self.assertIn("setup", self.asked.read_text())  # but not with these options

    def test_what_meson_cannot_set_up_is_said_in_its_own_words(self):
        self.script("bin/meson", "echo 'The Meson build system'; echo 'meson.build:3:1: ERROR: no such compiler'; exit 1")
        (self.root / "build/build.ninja").unlink()
        run = self.course("build")
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stderr, "course: configuring build/ with clang++-40\n"
                         "course: meson.build:3:1: ERROR: no such compiler\n")

    def test_format_names_the_files_that_are_not_laid_out(self):
        self.script("bin/clang-format-19", f"echo '{self.root}/chapters/a.cpp:1:1: error: not laid out' >&2; exit 1")
        run = self.course("format", "--check")
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertEqual(run.stderr, "chapters/a.cpp\ncourse: these files are not laid out as .clang-format says: "
                         "say ./course format\n")
        self.script("bin/clang-format-19", "exit 0")
        self.assertEqual(self.course("format", "--check").returncode, 0)


class Mnist(Copy):
    def test_mnist_is_used_where_it_is(self):
        self.put_mnist()
        for words in ("", "--epochs 3", "evaluate --init w", "predict --init w 3", "show --init w", "--resume c"):
            self.assertEqual(self.mnist(*words.split()), (f"ROOT/data/mnist: {words}".strip(), False))

    def test_what_is_given_is_used_instead(self):
        self.put_mnist()
        self.assertEqual(self.mnist("--data", "digits"), (": --data digits", False))
        self.assertEqual(self.mnist("evaluate", "--data=there"), (": evaluate --data=there", False))
        self.assertEqual(self.mnist("show", MNIST_DIR="there"), ("there: show", False))

    def test_it_is_fetched_when_it_is_needed(self):
        for word in ("train", "evaluate", "show"):
            self.fetching("mkdir -p \"${0%/*}/mnist\" && cd \"${0%/*}/mnist\" && touch train-images-idx3-ubyte "
                          "train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte")
            self.assertEqual(self.mnist(word), (f"ROOT/data/mnist: {word}", True))
            shutil.rmtree(self.root / "data/mnist")

    def test_the_built_in_digits_take_its_place_where_it_cannot_be_had(self):
        self.assertEqual(self.mnist("--epochs", "3"), ("ROOT/data/mnist: --epochs 3 --data digits", True))
        self.assertEqual(self.mnist("evaluate", "--init", "w"),
                         ("ROOT/data/mnist: evaluate --init w --data digits", True))

    def test_a_picture_a_checkpoint_and_help_need_no_download(self):
        self.assertEqual(self.mnist("predict", "--init", "w", "3"),
                         ("ROOT/data/mnist: predict --init w 3 --data digits", False))
        for words in ("--resume c", "--resume=c --epochs 3"):
            self.assertEqual(self.mnist(*words.split()), (f"ROOT/data/mnist: {words}", False))
        for words in ("--help", "-h", "predict --help"):
            self.assertEqual(self.mnist(*words.split()), (f": {words}", False))


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
        for package in ("clang-19", "meson", "ninja-build", "libboost1.81-dev", "libfmt-dev", "libpng-dev"):
            self.assertIn(f" {package}", asked[1])
        self.assertNotEqual(run.returncode, 0)  # this apt-get installs nothing

    def test_a_command_installs_no_more_than_it_needs(self):
        self.with_python()
        for words, packages in ((["test", "01"], ["clang-19"]), (["test"], ["clang-19", "protobuf-compiler"]),
                                (["exercise", "01.1"], ["clang-19"]), (["format"], ["clang-format-19"]),
                                (["site"], ["nodejs", "npm"]), (["bench"], ["clang-19", "libbenchmark-dev"]),
                                (["figures"], ["clang-19", "gnuplot-nox", "graphviz"])):
            self.asked.write_text("")
            _, asked = self.course(*words)
            self.assertEqual(len(asked), 2, words)
            installed = set(asked[1].split("--no-install-recommends ")[1].split())
            if "clang-19" in packages:
                self.assertLessEqual({"meson", "ninja-build", "libfmt-dev"}, installed)
                installed = {name for name in installed if not name.startswith(("lib", "meson", "ninja", "pkg-"))} | (
                    installed & {"libbenchmark-dev"})
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
