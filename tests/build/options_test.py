"""What Meson's options and CXXFLAGS say reaches both sides of an import, or `meson setup` refuses it with one line."""

import json
import pathlib
import platform
import shutil
import sys
import tempfile
import unittest

from recipe import ROOT, Project

# What changes a command, a few at a time.
ACCEPTED = [
    {"buildtype": "debug", "b_colorout": "never", "b_coverage": "true", "b_ndebug": "true", "b_pgo": "generate",
     "b_pie": "true", "b_sanitize": "address,undefined", "cpp_args": "-fcf-protection -DWORD=1 -O1 -std=c++23",
     "warning_level": "3", "werror": "true"},
    {"buildtype": "debugoptimized", "b_ndebug": "false", "b_pch": "false", "b_pgo": "use", "b_sanitize": "thread",
     "warning_level": "everything"},
    {"buildtype": "minsize", "b_colorout": "always", "b_sanitize": "undefined", "warning_level": "0", "cpp_args": ""},
    {"buildtype": "plain", "b_ndebug": "if-release", "b_pgo": "off", "b_sanitize": "none", "warning_level": "1"},
    {"buildtype": "custom", "optimization": "g", "debug": "true"},
]
REFUSED = {"b_staticpic": "true", "cpp_eh": "none", "cpp_rtti": "false", "cpp_std": "c++17", "layout": "flat",
           "unity": "on"}
REFUSED_FLAGS = ["-ffast-math", "-ffp-contract=fast", "-fno-signed-zeros", "-std=c++17", "-D_GLIBCXX_DEBUG"]
# Those that only link, or that Meson gives no flag for with Clang here.
WITHOUT_FLAGS = {"b_asneeded", "b_lundef", "b_lto_threads", "b_thinlto_cache", "b_thinlto_cache_dir", "cpp_link_args"}
IN_TESTS_OF_THEIR_OWN = {"b_lto", "b_lto_mode"}

OWN = {"-Xclang": "-module-file-deps", "-MF": None, "-MT": None, "-MQ": None, "-o": None, "-c": None, "-x": None,
       "-include-pch": None}  # with one value each
OWN_STARTS = ("-I", "-MD", "-fmodule", "-fexperimental-modules", "-fpch-instantiate", "-DRNN_REAL=")


def flags(command):
    """What of a compilation's command is not about its own files, in order."""
    words, kept = iter(command[1:]), []
    for word in words:
        if word in OWN:
            next(words)
        elif not word.startswith(OWN_STARTS) and not word.endswith(".hpp"):
            kept.append(word)
    return kept


class Options(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def project(self, name="project"):
        return Project(self.folder / name, COMPILER)

    def set_up(self, project, *options, **environment):
        status, said = project.setup(*options, **environment)
        self.assertEqual(status, 0, said)
        return said

    def error_line(self, project, *options, **environment):
        status, said = project.setup(*options, **environment)
        self.assertNotEqual(status, 0, said)
        lines = [line for line in said.splitlines() if "ERROR" in line]
        self.assertEqual(len(lines), 1, said)
        return lines[0]

    def both_sides(self, project):
        """The flags of the interfaces, of the bodies, of the program and of the precompiled header: the same ones."""
        commands = {name: flags(command) for name, command in project.commands().items()}
        self.assertLessEqual({"second.cppm", "second.cpp", "whole.cppm", "whole.cpp", "main.cpp"}, commands.keys())
        for name, own in commands.items():
            self.assertEqual(own, commands["main.cpp"], name)
        return commands["main.cpp"]


class BothSides(Options):
    def test_whatever_is_accepted_reaches_both_sides_in_the_same_order(self):
        project = self.project()
        self.set_up(project, CXXFLAGS="-fcf-protection", CPPFLAGS="-DWORD=1")
        release = self.both_sides(project)
        self.assertLessEqual({"-O3", "-DNDEBUG", "-std=c++20", "-U_GLIBCXX_ASSERTIONS"}, set(release))
        self.assertLessEqual({"-fcf-protection", "-DWORD=1"}, set(release))
        for options in ACCEPTED:
            with self.subTest(**options):
                project.configure(*(f"-D{name}={value}" for name, value in options.items()))
                found = self.both_sides(project)
                self.assertNotEqual(found, release)
                if options["buildtype"] == "debug":
                    self.assertLessEqual({"-O0", "-g", "-D_GLIBCXX_ASSERTIONS=1", "-Werror", "-DWORD=1"}, set(found))
        self.try_options_that_only_a_newer_meson_has(project)

    def try_options_that_only_a_newer_meson_has(self, project):
        known = {name for options in (*ACCEPTED, REFUSED) for name in options} | WITHOUT_FLAGS | IN_TESTS_OF_THEIR_OWN
        for option in json.loads((project.build / "meson-info/intro-buildoptions.json").read_text()):
            name = option["name"]
            if option["section"] in ("base", "compiler") and name not in known and not name.startswith("build."):
                for value in ["true", "false"] if option["type"] == "boolean" else option.get("choices", []):
                    with self.subTest(name=name, value=value):
                        other = self.project(f"{name}={value}")
                        status, said = other.setup(f"-D{name}={value}")
                        if status == 0:
                            self.both_sides(other)
                        else:
                            self.assertIn(f"Unrolled cannot be built with -D{name}={value}", said)


class Refused(Options):
    def test_what_modules_cannot_be_built_with_is_refused_by_name_with_the_reason(self):
        given = [f"-D{name}={value}" for name, value in REFUSED.items()]
        flags_given = REFUSED_FLAGS + (["-mfma"] if platform.machine() == "x86_64" else [])
        line = self.error_line(self.project(), *given, "-Dcpp_args=" + " ".join(flags_given))
        for name in given + [flag.removeprefix("-D") for flag in flags_given]:
            self.assertRegex(line, rf"(with|\),) {name.replace('+', '.')}[^(,]* \([^()]+\)")

    def test_one_flag_that_changes_the_results_is_enough(self):
        line = self.error_line(self.project(), CXXFLAGS="-O2 -ffast-math")  # as most people give it
        self.assertTrue(line.endswith("built with -ffast-math (the same seed gives the same bits everywhere)."), line)

    def test_a_standard_library_that_boost_is_not_compiled_with_is_refused(self):
        libcxx = self.project("libc++")
        status, said = libcxx.setup(CXXFLAGS="-stdlib=libc++")
        if "can not compile programs" in said:
            self.skipTest("libc++ is not installed")
        self.assertIn("ERROR: Problem encountered: Unrolled cannot be built with libc++ here", said)


class LinkTime(Options):
    def test_link_time_optimization_is_refused_with_what_to_install(self):
        line = self.error_line(self.project(), "-Db_lto=true", AR="ar")
        self.assertIn("-Db_lto=true needs the linker and the archiver of Clang", line)
        self.assertIn("apt-get install lld-", line)

    def test_link_time_optimization_works_with_the_compilers_own_tools(self):
        if not COMPILER.endswith("-19") or not shutil.which("lld-19") or not shutil.which("llvm-ar-19"):
            self.skipTest("lld-19 and llvm-19 are not installed")
        for mode in "default", "thin":
            project = self.project(mode)
            self.set_up(project, "--native-file", str(ROOT / "lto.ini"), "-Db_lto=true", f"-Db_lto_mode={mode}",
                        "-Db_pch=false")
            self.assertIn("-flto=thin" if mode == "thin" else "-flto", self.both_sides(project))
            if mode == "default":
                project.make()
                self.assertEqual(project.run(), "122 1122\n")


class Ccache(Options):
    def test_ccache_compiles_nothing_and_a_line_says_so(self):
        real = shutil.which("ccache")
        if not real:
            self.skipTest("ccache is not installed")
        # As on Debian, where a link with the compiler's name comes first on the PATH.
        masked = self.folder / pathlib.Path(COMPILER).name
        masked.symlink_to(real)
        project = self.project()
        environment = {"CCACHE_DIR": str(self.folder / "cache"), "CCACHE_PATH": str(pathlib.Path(shutil.which(COMPILER)).parent)}
        project.environment.update(environment)
        said = self.set_up(project, "-Db_pch=false", CXX=str(masked))
        self.assertIn("ccache is not used: it would not notice that a module's interface has changed", said)
        project.make()
        self.assertEqual(project.run(), "122 1122\n")
        project.replace("shared/layer/first.cppm", "return 10", "return 20")  # main.cpp itself stays as it was
        project.make()
        self.assertEqual(project.run(), "142 1142\n")


if __name__ == "__main__":
    COMPILER = sys.argv.pop(1)
    unittest.main()
