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
        for package in ("clang-19", "meson", "ninja-build", "libboost1.81-dev", "libfmt-dev", "libpng-dev"):
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
