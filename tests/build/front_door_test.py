"""./course: what it says, what it refuses, and what it does on a machine where nothing is installed."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
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
    def test_help_names_every_command(self):
        commands = [line.split("_")[1].split("(")[0] for line in (ROOT / "course").read_text().splitlines()
                    if line.startswith("cmd_")]
        for way in (["help"], ["--help"], ["-h"], []):
            run = course(*way)
            self.assertEqual(run.returncode, 0)
            for command in commands:
                self.assertRegex(run.stdout, rf"(?m)^  {command}\b")

    def test_a_wrong_command_names_the_nearest_one(self):
        for wrong, right in (("tets", "test"), ("mnits", "mnist"), ("docter", "doctor"), ("", "run"), ("a b;", "")):
            run = course(wrong)
            self.assertEqual(run.returncode, 2)
            self.assertEqual(run.stdout, "")
            self.assertEqual(run.stderr.count("\n"), 1)
            self.assertIn(f"no command '{wrong}'; the nearest is ./course {right}", run.stderr)

    def test_a_wrong_chapter_names_those_that_there_are(self):
        for way in (["run", "99"], ["test", "99"], ["run", "no such thing"]):
            run = course(*way)
            self.assertEqual(run.returncode, 2)
            self.assertEqual(run.stderr.count("\n"), 1)
            self.assertIn(f"no chapter '{way[1]}'; there are: ", run.stderr)

    def test_a_wrong_option_is_refused_before_anything_is_done(self):
        for way in (["run"], ["build", "all"], ["test", "--everything"], ["test", "01", "02"], ["fuzz", "--sec", "3"],
                    ["fuzz", "--seconds", "none"], ["sanitize"], ["sanitize", "memory"], ["coverage", "all"],
                    ["tidy", "--all"], ["format", "--dry-run"]):
            run = course(*way)
            self.assertEqual(run.returncode, 2, way)
            self.assertEqual(run.stderr.count("\n"), 1, way)


class Mnist(unittest.TestCase):
    """./course mnist in a copy of the course where everything is built: its program prints what it is given."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        shutil.copy(ROOT / "course", self.root / "course")
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

    def mnist(self, *arguments, **environment):
        """What the program is given, and whether MNIST was looked for."""
        run = subprocess.run(
            [self.root / "course", "mnist", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            env={**{k: v for k, v in os.environ.items() if k not in ("MNIST_DIR", "CI")},
                 "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}", **environment})
        self.assertEqual(run.returncode, 0, run.stderr)
        asked = self.root / "asked"
        fetched = asked.exists()
        asked.unlink(missing_ok=True)
        return run.stdout.strip().replace(str(self.root), "ROOT"), fetched

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
