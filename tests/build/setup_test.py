"""`meson setup` says what to install when it cannot go on."""

import pathlib
import shutil
import sys
import tempfile
import unittest

from recipe import Project


class Setup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.project = Project(folder.name, COMPILER)

    def error_line(self, *options, **environment):
        status, said = self.project.setup(*options, **environment)
        self.assertNotEqual(status, 0)
        lines = [line for line in said.splitlines() if "ERROR" in line]
        self.assertEqual(len(lines), 1, said)
        return lines[0]

    def pretend(self, name, text):
        """A program that answers as another one would."""
        path = self.folder / name
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        return str(path)

    def test_gcc_is_refused_with_what_to_install(self):
        gcc = self.pretend("g++", f"""case "$*" in
  --version) echo 'g++ (Debian 12.2.0-14) 12.2.0'; echo 'Copyright (C) 2022 Free Software Foundation, Inc.' ;;
  *-dM*) {COMPILER} "$@" | grep -v __clang ;;
  *) exec {COMPILER} "$@" ;;
esac
""")
        line = self.error_line(CXX=gcc)
        self.assertIn("needs Clang 17 or newer, found gcc", line)
        self.assertIn("apt-get install clang-19", line)

    def test_an_older_clang_is_refused_with_what_to_install(self):
        old = self.pretend("clang++", f"""case "$*" in
  --version) echo 'Debian clang version 16.0.6' ;;
  *) exec {COMPILER} "$@" ;;
esac
""")
        line = self.error_line(CXX=old)
        self.assertIn("needs Clang 17 or newer, found clang 16.0.6", line)
        self.assertIn("apt-get install clang-19", line)

    def test_an_older_boost_is_refused_with_what_to_install(self):
        headers = self.folder / "old/include/boost"
        headers.mkdir(parents=True)
        (headers / "version.hpp").write_text('#define BOOST_VERSION 107400\n#define BOOST_LIB_VERSION "1_74"\n')
        (self.folder / "old/lib").mkdir()
        line = self.error_line(BOOST_ROOT=str(self.folder / "old"))
        self.assertIn("needs Boost 1.81 or newer", line)
        self.assertIn("libboost1.81-dev", line)

    def test_a_missing_fmt_is_named_with_what_to_install(self):
        native = self.folder / "nothing.ini"
        native.write_text("[binaries]\npkgconfig = '/bin/false'\ncmake = '/bin/false'\n")
        line = self.error_line("--native-file", str(native))
        self.assertIn("needs {fmt} 9 or newer", line)
        self.assertIn("libfmt-dev", line)

    def test_a_missing_libpng_is_named_with_what_to_install(self):
        pkg_config = self.pretend("pkg-config", f"""case "$*" in
  *libpng*) exit 1 ;;
  *) exec {shutil.which("pkg-config")} "$@" ;;
esac
""")
        native = self.folder / "no_libpng.ini"
        native.write_text(f"[binaries]\npkgconfig = '{pkg_config}'\ncmake = '/bin/false'\n")
        line = self.error_line("--native-file", str(native))
        self.assertIn("needs libpng 1.6 or newer", line)
        self.assertIn("libpng-dev", line)


if __name__ == "__main__":
    COMPILER = sys.argv.pop(1)
    unittest.main()
