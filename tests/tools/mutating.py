"""Makes small mistakes in the code of a module, one at a time, and sees whether the module's tests notice.

Everything happens in a copy of the sources, in build-mutants/, where only what the tests of that module need is built.
A mistake in the body of a module is one object file: it is compiled by itself and linked with the rest, as many at a
time as there are processors. A mistake in an interface is made in the copy, and Ninja builds all that imports it.
What no test notices is tried again with the sanitizers of memory and undefined behavior: `./course sanitize` runs the
same tests.
"""

import concurrent.futures
import filecmp
import functools
import json
import os
import pathlib
import resource
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

import building
import mutants
from processes import output_of
from speaking import ROOT, Failure, say

FOLDER = ROOT / "build-mutants"
SOURCES, BUILD = FOLDER / "source", FOLDER / "source/build"
NOT_COPIED = {".git", "build", "my"}  # of what is in the root
MEMORY = 4 << 30  # bytes: a mistake may ask for all there is
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
# Only one object is compiled with them, so a container's own bounds are not known everywhere.
SANITIZED = {"ASAN_OPTIONS": "detect_container_overflow=0:detect_leaks=0:allocator_may_return_null=1"}


def left_out(folder, names):
    """What is not copied of a folder."""
    of_root = os.path.samefile(folder, ROOT)
    return {name for name in names if name in ("node_modules", "__pycache__")
            or of_root and (name in NOT_COPIED or name.startswith("build-"))}


def bring_up_to_date():
    """The copy has what the sources have; files that are the same stay as old as they are."""
    def copy(source, target):
        if not os.path.exists(target) or not filecmp.cmp(source, target, shallow=False):
            shutil.copyfile(source, target)
            shutil.copymode(source, target)

    shutil.copytree(ROOT, SOURCES, ignore=left_out, copy_function=copy, dirs_exist_ok=True)
    if not (BUILD / "build.ninja").exists():
        say(f"configuring {FOLDER.name}/")
        status, said = output_of(["meson", "setup", BUILD, SOURCES],
                                 env={**building.linker(), **os.environ, "CXX": building.clang()})
        if status:
            shutil.rmtree(BUILD, ignore_errors=True)
            errors = [line for line in said.splitlines() if "ERROR" in line]
            raise Failure("\n".join(errors) or f"{FOLDER.name}/ could not be configured:\n{said}")
    output_of(["ninja", "-C", BUILD, "build.ninja"])  # whose lists may be older than the build files


def introspected(what):
    """What Meson knows of the copy's "tests" or "targets"."""
    return json.loads((BUILD / f"meson-info/intro-{what}.json").read_text())



def status_of(command, seconds=600, memory=MEMORY, **options):
    """The exit status of a program; it is ended with all that it has started when it takes too long or too much."""
    def limit():
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))

    process = subprocess.Popen(command, cwd=BUILD, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=limit, **options)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return 124
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


@functools.cache
def apart():
    """What begins a command so that it reaches no process but its own: a mistake may send a signal to all there are."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-current-user"]
    # The shell is the first process of its namespace, which signals do not end as they end others.
    words = ["unshare", *user, "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", '"$@"; exit $?', "sh"]
    status, said = output_of([*words, "true"])
    if status:
        raise Failure(f"tests with mistakes in them need processes of their own: {said.strip()}")
    return words


def replaced(words, changes):
    return [changes.get(word, word) for word in words]


class Judge:
    """Builds the tests of one module and runs them."""

    def __init__(self, names):
        programs = {f"test_{name}{real}" for name in names for real in ("", "_double")}
        self.tests = [test for test in introspected("tests") if pathlib.PurePath(test["cmd"][0]).name in programs]
        files = {target["id"]: target["filename"][0] for target in introspected("targets")}
        self.targets = sorted({os.path.relpath(files[target], BUILD)
                               for test in self.tests for target in test["depends"]})
        self.seconds = {}  # that each test takes, by its program

    def __str__(self):
        return ", ".join(dict.fromkeys(pathlib.PurePath(test["cmd"][0]).name.removeprefix("test_")
                                       for test in self.tests))

    def build(self):
        return output_of(["ninja", "-C", BUILD, *self.targets])[0] == 0

    def prepare(self):
        """Whether the tests pass as the code is. Learns how its parts are compiled and linked, and what they take."""
        if not self.build():
            return False
        commands = [shlex.split(line) for line in
                    output_of(["ninja", "-C", BUILD, "-t", "commands", *self.targets])[1].splitlines()]
        self.compilations = [words for words in commands if "-c" in words and "-MF" in words]
        self.links = [words for words in commands if "-o" in words and words[words.index("-o") + 1] in self.targets]
        for test in self.tests:
            begin = time.monotonic()
            if status_of([*apart(), *test["cmd"]], env={**os.environ, **test["env"]}):
                return False
            self.seconds[test["cmd"][0]] = time.monotonic() - begin
        self.tests.sort(key=lambda test: self.seconds[test["cmd"][0]])
        return True

    def noticed(self, programs={}, sanitized=False):
        """Whether a test fails. Programs that take the place of those that are built are given by their paths."""
        memory = resource.RLIM_INFINITY if sanitized else MEMORY  # sanitizers ask for more than there is
        for test in self.tests:
            variables = {name: programs.get(value, value) for name, value in {**os.environ, **test["env"]}.items()}
            if status_of([*apart(), *replaced(test["cmd"], programs)], 10 + 5 * self.seconds[test["cmd"][0]], memory,
                         env={**variables, **(SANITIZED if sanitized else {})}):
                return True
        return False

    def with_body(self, mutant, text, folder, extra=[]):
        """The programs with a body's mistake in them, by the paths of those without; None where it is no C++."""
        source = os.path.relpath(SOURCES / mutant.file, BUILD)
        wrong = folder / pathlib.PurePath(mutant.file).name
        wrong.write_text(text)
        objects = {}  # the archives that have the wrong object
        for number, words in enumerate(words for words in self.compilations if words[words.index("-c") + 1] == source):
            archive, made = words[words.index("-o") + 1].split(".p/")[0], str(folder / f"{number}.o")
            changes = {source: str(wrong), words[words.index("-o") + 1]: made,
                       words[words.index("-MF") + 1]: os.devnull, "-O3": "-O1"}
            changed = replaced(words, changes)
            if extra and "-include-pch" in changed:  # it was made without them
                at = changed.index("-include-pch")
                del changed[at:at + 2]
            if status_of([*changed, *extra]):
                return None
            objects[archive] = made
        if not objects:  # it is for another kind of machine, or for one without MPI
            return None
        programs = {}
        for words in self.links:
            target = words[words.index("-o") + 1]
            wrong_ones = [objects[word] for word in words if word in objects]
            if wrong_ones:  # they come first, so the archives' own are not taken
                made, at = str(folder / target.replace("/", "_")), words.index("-o")
                if status_of([*words[:at], *wrong_ones, *extra, "-o", made, *words[at + 2:]]):
                    raise Failure(f"{mutant}\ncannot be linked")
                programs[str(BUILD / target)] = made
        return programs

    def verdict_on_body(self, mutant, text):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            programs = self.with_body(mutant, text, folder)
            if programs is None:
                return "no code"
            if self.noticed(programs):
                return "noticed"
            programs = self.with_body(mutant, text, folder, SANITIZERS)
            found = programs and self.noticed(programs, sanitized=True) and self.bears_sanitizers(mutant.file)
            return "noticed" if found else "survived"

    @functools.cache
    def bears_sanitizers(self, file):
        """Whether the tests pass with the sanitizers in this file as it is: some take the place of what those do."""
        with tempfile.TemporaryDirectory() as folder:
            right = mutants.Mutant(file, 1, "", "")
            programs = self.with_body(right, (ROOT / file).read_text(), pathlib.Path(folder), SANITIZERS)
            return bool(programs) and not self.noticed(programs, sanitized=True)

    def verdict_on_interface(self, mutant, text):
        path = SOURCES / mutant.file
        right = path.read_text()
        path.write_text(text)
        try:
            return "no code" if not self.build() else "noticed" if self.noticed() else "survived"
        finally:
            path.write_text(right)

    def verdict(self, mutant):
        """"survived", "noticed", or "no code": it cannot be compiled."""
        lines = (ROOT / mutant.file).read_text().split("\n")
        lines[mutant.line - 1] = mutant.after
        judge = self.verdict_on_interface if mutant.file.endswith(".cppm") else self.verdict_on_body
        return judge(mutant, "\n".join(lines))


def judge(module, most):
    """How many mistakes were made in a module, and those of them that its tests did not notice."""
    names = mutants.tests_of(module)
    if not names:
        say(f"{module}: no test program imports it, or what imports it")
        return 0, []
    judging = Judge(names)
    say(f"{module}: building {judging}")
    if not judging.prepare():
        raise Failure(f"{module}: its tests do not pass as it is: ./course test says more")
    harmless = mutants.harmless()
    possible = [mutant for file in mutants.sources_of(module)
                for mutant in mutants.mutants_of(file, (ROOT / file).read_text()) if mutant.text() not in harmless]
    chosen = mutants.spread(possible, most)
    made, survivors = 0, []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        bodies = [mutant for mutant in chosen if not mutant.file.endswith(".cppm")]
        interfaces = [mutant for mutant in chosen if mutant.file.endswith(".cppm")]
        try:
            for verdicts in (zip(bodies, pool.map(judging.verdict, bodies)),
                             zip(interfaces, map(judging.verdict, interfaces))):
                for mutant, verdict in verdicts:
                    made += verdict != "no code"
                    if verdict == "survived":
                        survivors.append(mutant)
                        print(mutant, flush=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    say(f"{module}: {made - len(survivors)} of {made} mistakes noticed, of {len(possible)} that can be made")
    return made, survivors


def run(names, most):
    bring_up_to_date()
    made = survived = 0
    for name in names or mutants.modules():
        of_module, survivors = judge(name, most)
        made += of_module
        survived += len(survivors)
    print(f"{made} mistakes made, {survived} not noticed", flush=True)
    return 1 if survived else 0
