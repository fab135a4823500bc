"""Runs the tests in one build folder after the other, and counts how they ended."""

import json
import os
import shutil
import sys

import building
import checking
import documents
import processes
from speaking import ROOT, Failure, say

SANITIZERS = {"address": ("build-sanitize", "address,undefined"), "thread": ("build-thread", "thread")}


class Tests:
    """How the tests ended that were run so far."""

    def __init__(self):
        self.results = []
        self.failed = False

    def add(self, results, passed):
        self.results += results
        self.failed = self.failed or not passed

    def count(self, stream=None):
        passed = sum(result in ("OK", "EXPECTEDFAIL") for result in self.results)
        skipped = self.results.count("SKIP")
        failed = len(self.results) - passed - skipped
        print(f"{passed} passed, {failed} failed, {skipped} skipped", file=stream or sys.stdout, flush=True)

    def attempt(self, work):
        """Goes on with the other tests when this one cannot be run, which counts as one that failed."""
        try:
            self.failed = bool(work()) or self.failed
        except Failure as failure:
            say(failure)
            self.add(["FAIL"], passed=False)


# Suites for ./course test --all: that the exercises can be solved, what takes minutes, and what would need a second build
# of half the modules.
LONG = ("exercises", "thorough", "double")


def targets(build, suite="", leave_out=LONG):
    """What has to be built for the tests of one suite, or of all; those of the suites `leave_out` do not count.

    Meson would build them itself, but its `meson test` mixes Ninja's progress with the results.
    """
    tests = json.loads((build / "meson-info" / "intro-tests.json").read_text())
    files = {target["id"]: target["filename"]
             for target in json.loads((build / "meson-info" / "intro-targets.json").read_text())}
    needed = set()
    for test in tests:
        suites = [name.split(":")[-1] for name in test["suite"]]  # Meson writes "project:suite"
        if (not suite or suite in suites) and not set(leave_out) & set(suites):
            for target in test["depends"]:
                needed.update(os.path.relpath(name, build) for name in files[target])
    return sorted(needed)


def run_suite(tests, build, suite="", leave_out=LONG, options=(), environment=None):
    of_suite = f" of {suite}" if suite else ""
    needed = targets(build, suite, leave_out)
    if needed:
        building.compile(f"tests{of_suite}", *needed, build=build)
    say(f"running the tests{of_suite} in {build.name}/")
    log = build / "meson-logs" / "testlog-env.json"
    log.unlink(missing_ok=True)
    status, said = processes.output_of(
        ["meson", "test", "-C", build, "--no-rebuild", "--quiet", "--print-errorlogs",
         "--wrapper", "env --default-signal",  # whoever started us may ignore signals, as nohup does
         *(["--suite", suite] if suite else []), *(word for name in leave_out for word in ("--no-suite", name)), *options],
        env={**os.environ, **(environment or {})})
    results = [json.loads(line)["result"] for line in log.read_text().splitlines()] if log.exists() else []
    if status:
        print(*(line for line in said.splitlines() if line), sep="\n", file=sys.stderr, flush=True)
    tests.add(results, passed=status == 0 and log.exists())


def run_sanitized(tests, kind, leave_out=LONG):
    """The tests with the sanitizers of memory and undefined behavior ("address"), or of threads ("thread")."""
    folder, sanitizers = SANITIZERS[kind]
    build = ROOT / folder
    building.configure(build, f"-Db_sanitize={sanitizers}", "-Db_lundef=false", "-Dbuildtype=debug", "-Doptimization=1")
    run_suite(tests, build, leave_out=leave_out, options=("--timeout-multiplier", "5"),
              environment={"UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"})


def look_at_site(tests):
    """The site as a reader sees it, in a browser: one more test in the results."""
    say("building the site and looking at its pages")
    add_program(tests, "site_test.mjs", shutil.which("chromium"))


def use_widgets(tests):
    """The widgets: their numbers are the programs' own, and a browser's pointer draws digits that are read."""
    say("comparing the widgets with the programs, and drawing digits in a browser")
    add_program(tests, "widgets_test.mjs", ROOT / "build-wasm/docs/widgets", building.BUILD)
    add_program(tests, "drawing_test.mjs", shutil.which("chromium"), print_always=True)


def add_program(tests, name, *words, print_always=False):
    """One more test in the results: a program of tests/site/, run on the site."""
    status, said = processes.output_of(["node", ROOT / "tests/site" / name, *words])
    if status or print_always:
        print(said, end="", file=sys.stderr, flush=True)
    tests.add(["FAIL" if status else "OK"], passed=status == 0)


def try_site(tests):
    """The site with its widgets, in a browser; nothing is looked at when it could not be built."""
    documents.widgets()
    documents.build_site()
    look_at_site(tests)
    use_widgets(tests)


def quick(suite):
    """./course test [NN]"""
    tests = Tests()
    building.configure()
    run_suite(tests, building.BUILD, suite)
    tests.count()
    return tests.failed


def everything(quick_ones_too):
    """./course test --all, or --rest"""
    tests = Tests()
    building.configure()
    for suite in [""] if quick_ones_too else LONG:
        tests.attempt(lambda suite=suite: run_suite(tests, building.BUILD, suite, leave_out=()))
    tests.attempt(lambda: run_sanitized(tests, "address"))
    tests.attempt(lambda: try_site(tests))
    tests.attempt(lambda: checking.tidy([], sys.stderr))
    tests.attempt(lambda: checking.check_format())
    tests.count()
    return tests.failed


def sanitize(kind):
    tests = Tests()
    run_sanitized(tests, kind)
    tests.count()
    return tests.failed


def coverage():
    """Which lines of shared/ no test runs; less than 95% is a failure."""
    tests, build = Tests(), ROOT / "build-coverage"
    building.configure(build, "-Dline_coverage=true", "-Dbuildtype=debug", "-Doptimization=1")
    shutil.rmtree(build / "profiles", ignore_errors=True)
    run_suite(tests, build, options=("--timeout-multiplier", "5"),
              environment={"LLVM_PROFILE_FILE": str(build / "profiles" / "%4m.profraw")})
    tests.count(sys.stderr)
    low = checking.run_tool("coverage.py", build, building.clang_tool("llvm-profdata"),
                            building.clang_tool("llvm-cov"), 95, *targets(build))
    return tests.failed or low
