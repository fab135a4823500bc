"""What ./course does with a command, in a copy of the course where everything is built by pretended programs."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


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
        # It has all that one needs, and is asked often: sh starts faster than bash.
        self.script("bin/clang++-40", 'case "$*" in *-E*) echo 108100 ;; *) echo /there ;; esac', "sh")
        for name in ("curl", "apt-get"):  # what comes before a download installs nothing here
            self.script(f"bin/{name}", "exit 0")
        self.script("bin/sudo", 'exec "$@"')
        self.fetching("exit 1")

    def script(self, name, text, shell="bash"):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/{shell}\n{text}\n")
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
        return {**{k: v for k, v in os.environ.items() if k not in ("MNIST_DIR", "MELODY_DIR", "CI")},
                "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}", **environment}

    def mnist(self, *arguments, **environment):
        """What the program is given, and whether MNIST was looked for."""
        run = self.course("mnist", *arguments, **environment)
        self.assertEqual(run.returncode, 0, run.stderr)
        asked = self.root / "asked"
        fetched = asked.exists()
        asked.unlink(missing_ok=True)
        return run.stdout.strip().replace(str(self.root), "ROOT"), fetched


class Processes(Copy):
    """mpi starts the program several times over, through mpirun."""

    def setUp(self):
        super().setUp()
        (self.root / "build/build.ninja").write_text("# ranks_mpi.cpp\n")
        self.script("bin/pkg-config", "exit 0")

    def test_mpirun_is_given_the_number_the_program_and_its_words(self):
        self.script("bin/mpirun", 'printf "<%s>" "$@"; echo; echo "$OMPI_ALLOW_RUN_AS_ROOT"; exit 2')
        program = self.root / "build/chapters/06_mnist/06_mnist"
        for command, count in ((["-n", "3", "06"], 3), (["6"], os.cpu_count())):
            run = self.course("mpi", *command, "--epochs", "2", "--help", "a b")
            self.assertEqual((run.returncode, run.stderr), (2, ""))
            self.assertEqual(run.stdout.split("<-n>")[1], f"<{count}><{program}><--epochs><2><--help><a b>\n1\n")

    def test_wrong_numbers_and_chapters_are_refused(self):
        for number in "0", "x", "-1", "1001", "":
            run = self.course("mpi", "-n", number, "06")
            self.assertEqual((run.returncode, run.stderr),
                             (2, f"course: mpi -n needs a whole number from 1 to 1000, got '{number}'\n"))
        self.assertIn("which chapter?", self.course("mpi", "-n", "2").stderr)
        self.assertIn("there is no chapter '99'", self.course("mpi", "99").stderr)

    def test_signals_end_mpirun_and_are_the_status(self):
        self.script("bin/mpirun", "trap 'echo ended; exit 1' TERM INT; echo ready; while :; do sleep 0.1; done")
        for number, status in (signal.SIGINT, 130), (signal.SIGTERM, 143):
            with subprocess.Popen([self.root / "course", "mpi", "06"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, env=self.environment()) as running:
                self.assertEqual(running.stdout.readline(), "ready\n")
                running.send_signal(number)
                self.assertEqual((running.stdout.read(), running.stderr.read()), ("ended\n", ""))
            self.assertEqual(running.returncode, status)

    def test_a_signal_at_the_very_start_ends_mpirun_too(self):
        self.script("bin/mpirun", "trap 'exit 1' TERM; kill -INT $PPID; while :; do sleep 0.1; done")
        for _ in range(5):
            run = self.course("mpi", "06")  # which would wait for what has been left behind
            self.assertEqual((run.returncode, run.stderr), (130, ""))

    def test_a_process_that_was_killed_is_told_of(self):
        self.script("bin/mpirun", "exit 137")
        run = self.course("mpi", "-n", "2", "06")
        self.assertEqual((run.returncode, run.stderr), (
            137, "course: a process of the run was ended by signal 9, and the others with it; --resume goes on from the last "
            "checkpoint\n"))

    def test_an_mpirun_that_waits_for_nobody_is_ended(self):
        self.script("bin/mpirun", "sleep 1; exec sleep 100")
        run = self.course("mpi", "-n", "2", "06")
        self.assertEqual((run.returncode, "was ended by signal 9" in run.stderr), (137, True), run.stderr)

    def test_a_build_without_mpi_is_configured_again_and_refused_when_that_does_not_help(self):
        (self.root / "build/build.ninja").write_text("")
        self.script("bin/meson", f"echo \"$*\" >> '{self.root}/asked'")
        run = self.course("mpi", "06")
        self.assertEqual((run.returncode, "build/ is without MPI" in run.stderr), (1, True), run.stderr)
        self.assertIn("setup --reconfigure", (self.root / "asked").read_text())


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
            {"suite": ["unrolled:exercises"], "depends": ["two"]},
            {"suite": ["unrolled:01_two_steps", "unrolled:thorough"], "depends": ["two"]},
            {"suite": ["unrolled:data"], "depends": ["three"]}]""")
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
  test) mkdir -p "$3/meson-logs" && echo '{lines}' >"$3/meson-logs/testlog-env.json" || exit 9
    echo 'said by Meson' && exit {status} ;;
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
        for words, suite, targets in (("", "", "tests/one tests/three"), ("1", "--suite 01_two_steps ", "tests/one")):
            self.asked.write_text("")
            (self.root / "asked_ninja").write_text("")
            self.assertEqual(self.course("test", *words).returncode, 0)
            self.assertEqual(self.asked.read_text(),
                             f"test -C {self.root}/build --no-rebuild --quiet --print-errorlogs --wrapper env "
                             f"--default-signal {suite}--no-suite exercises --no-suite thorough --no-suite double\n")
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
        self.script("bin/meson", "echo 'The Meson build system'\n"
                    "echo 'meson.build:3:1: ERROR: no such compiler'; exit 1")
        (self.root / "build/build.ninja").unlink()
        run = self.course("build")
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stderr, "course: configuring build/ with clang++-40\n"
                         "course: meson.build:3:1: ERROR: no such compiler\n")

    def test_format_names_the_files_that_are_not_laid_out(self):
        self.script("bin/clang-format-19", f"echo '{self.root}/chapters/a.cpp:1:1: error: not laid out' >&2; exit 1")
        run = self.course("format", "--check")
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertEqual(run.stderr, "chapters/a.cpp\ncourse: these files are not formatted as .clang-format says: "
                         "run ./course format\n")
        self.script("bin/clang-format-19", "exit 0")
        self.assertEqual(self.course("format", "--check").returncode, 0)


class Melody(Copy):
    def setUp(self):
        super().setUp()
        (self.root / "chapters/08_melody").mkdir()
        self.script("build/chapters/08_melody/08_melody", 'echo "${MELODY_DIR-}: $*"')
        self.script("data/fetch_melodies", f"touch '{self.root}/asked'; exit 1")
        (self.root / "data/melodies.sha256").write_text("1  jigs.abc\n2  xmas.abc\n3  chorales.json\n")

    def melody(self, *arguments, **environment):
        """What the program is given, and whether the tunes were looked for."""
        run = self.course("melody", *arguments, **environment)
        self.assertEqual(run.returncode, 0, run.stderr)
        asked = self.root / "asked"
        fetched = asked.exists()
        asked.unlink(missing_ok=True)
        return run.stdout.strip().replace(str(self.root), "ROOT"), fetched

    def put_tunes(self):
        (self.root / "data/melodies").mkdir()
        (self.root / "data/melodies/jigs.abc").touch()

    def test_tunes_are_used_where_they_are(self):
        self.put_tunes()
        for words in ("--epochs 3", "evaluate --init w", "--resume c"):
            self.assertEqual(self.melody(*words.split()), (f"ROOT/data/melodies: {words}".strip(), False))
        self.assertEqual(self.melody("generate", "--ngram", "3"), ("ROOT/data/melodies: generate --ngram 3", False))
        self.assertEqual(self.melody("--data", "composed"), (": --data composed", False))
        self.assertEqual(self.melody("--epochs", "3", MELODY_DIR="there"), ("there: --epochs 3", False))

    def test_without_arguments_it_trains_and_makes_a_tune(self):
        for tunes, words in ("", " --data composed"), ("ROOT/data/melodies", ""):
            self.assertEqual(self.melody(), (
                f"{tunes}: --save ROOT/my/melody.safetensors{words}\n{tunes}: generate --init ROOT/my/melody.safetensors "
                "--wav ROOT/my/melody.wav --midi ROOT/my/melody.mid --quiet", not tunes))
            if not tunes:
                self.put_tunes()
        self.script("build/chapters/08_melody/08_melody", '[[ $1 != --save ]] || exit 2; touch made')
        self.assertEqual(self.course("melody").returncode, 2)
        self.assertFalse((self.root / "made").exists())

    def test_they_are_fetched_when_they_are_needed(self):
        self.script("data/fetch_melodies", f"touch '{self.root}/asked'; mkdir -p '{self.root}/data/melodies'; "
                    f"touch '{self.root}/data/melodies/jigs.abc'")
        self.assertEqual(self.melody("--epochs", "3"), ("ROOT/data/melodies: --epochs 3", True))

    def test_tunes_are_composed_where_they_cannot_be_had(self):
        self.assertEqual(self.melody("--epochs", "3"), (": --epochs 3 --data composed", True))

    def test_folk_tunes_are_used_when_only_the_chorales_cannot_be_had(self):
        for files, expected in (("jigs.abc xmas.abc", "ROOT/data/melodies: --epochs 3"),
                                ("jigs.abc", ": --epochs 3 --data composed")):
            shutil.rmtree(self.root / "data/melodies", ignore_errors=True)
            self.script("data/fetch_melodies", f"touch '{self.root}/asked'; mkdir -p '{self.root}/data/melodies'; "
                        f"cd '{self.root}/data/melodies'; touch {files}; exit 1")
            self.assertEqual(self.melody("--epochs", "3"), (expected, True))

    def test_making_tunes_a_checkpoint_and_help_need_no_download(self):
        for words in ("generate --init w", "next --init w", "--resume c", "--help", "evaluate --help"):
            self.assertEqual(self.melody(*words.split()), (f": {words}", False))


class Mnist(Copy):
    def test_mnist_is_used_where_it_is(self):
        self.put_mnist()
        for words in ("", "--epochs 3", "evaluate --init w", "predict --init w 3", "show --init w", "--resume c"):
            self.assertEqual(self.mnist(*words.split()), (f"ROOT/data/mnist: {words}".strip(), False))

    def test_what_is_given_is_used_instead(self):
        self.put_mnist()
        self.assertEqual(self.mnist("--data", "digits"), (": --data digits", False))
        self.assertEqual(self.mnist("evaluate", "--init=w", "--data=there"), (": evaluate --init=w --data=there", False))
        self.assertEqual(self.mnist("show", "--init", "w", MNIST_DIR="there"), ("there: show --init w", False))

    def test_the_weights_of_the_course_are_looked_at_unless_there_are_others(self):
        self.put_mnist()
        for words in ("predict seven.png", "evaluate", "show --image 8"):
            self.assertEqual(self.mnist(*words.split()),
                             (f"ROOT/data/mnist: {words} --init ROOT/data/weights/digits.safetensors", False))
        own = self.root / "here/weights.safetensors"
        own.parent.mkdir()
        own.touch()
        run = subprocess.run([self.root / "course", "mnist", "predict", "seven.png"], cwd=own.parent, capture_output=True,
                             text=True, env=self.environment())
        self.assertIn("predict seven.png --init weights.safetensors", run.stdout)
        self.assertIn("with the weights weights.safetensors", run.stderr)

    def test_it_is_fetched_when_it_is_needed(self):
        for words in ("train", "evaluate --init w", "show --init w"):
            self.fetching("mkdir -p \"${0%/*}/mnist\" && cd \"${0%/*}/mnist\" && touch train-images-idx3-ubyte "
                          "train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte")
            self.assertEqual(self.mnist(*words.split()), (f"ROOT/data/mnist: {words}", True))
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

    def test_data_is_downloaded_where_it_is_not_there_and_right(self):
        self.fetching('[[ $* == --check ]] || { echo downloading >&2; touch "${0%/*}/there"; }; [[ -e ${0%/*}/there ]]')
        run = self.course("data")
        self.assertEqual((run.returncode, run.stdout), (0, ""))
        self.assertEqual(run.stderr, "course: downloading MNIST to data/mnist/\ndownloading\n"
                         f"course: MNIST is there: {self.root}/data/mnist\n")
        self.assertEqual(self.course("data").stderr, f"course: MNIST is there: {self.root}/data/mnist\n")
        self.assertIn(f"MNIST                        {self.root}/data/mnist\n", self.course("doctor").stdout)

    def test_data_that_cannot_be_had_is_a_failure(self):
        self.fetching('[[ $* == --check ]] || echo "no mirror" >&2; exit 1')
        run = self.course("data")
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertTrue(run.stderr.endswith("no mirror\ncourse: MNIST could not be downloaded\n"), run.stderr)
        self.assertIn("MNIST                        not downloaded yet: ./course data\n", self.course("doctor").stdout)


if __name__ == "__main__":
    unittest.main()
