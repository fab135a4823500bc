"""Makes small mistakes in the code of a module, one at a time, and sees whether the module's tests notice.

Everything happens in a copy of the sources, in build-mutants/, where only what the tests of that module need is built.
What a mistake changes is made beside what is there, as many mistakes at a time as there are processors: for one in
the body of a module an object and the programs that are linked with it, for one in an interface also the modules and
objects that import it.
What no test notices is tried again with the sanitizers of memory and undefined behavior: `./course sanitize` runs the
same tests.
"""

import collections
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
import threading
import time

import building
import mutants
from processes import output_of
from speaking import ROOT, Failure, say

FOLDER = ROOT / "build-mutants"
SOURCES, BUILD = FOLDER / "source", FOLDER / "source/build"
NOT_COPIED = {".git", "build", "my"}  # of what is in the root
MEMORY = 4 << 30  # bytes: a mistake may ask for all there is
FAILED = b'error: in "'  # what Boost.Test says of a check: also that of a fatal error, which may be colored
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


def status_of(command, seconds=600, memory=MEMORY, folder=None, **options):
    """The exit status of a program; it is ended with all that it has started when it takes too long or too much, and at
    the first check that fails."""
    def limit():
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))

    def end():
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    with subprocess.Popen(command, cwd=folder or BUILD, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=limit, **options) as process:
        late = threading.Timer(seconds, end)
        late.start()
        try:
            if any(FAILED in line for line in process.stdout):
                return 1
            return process.wait()
        finally:
            late.cancel()
            end()


# Root may write everywhere; here only in the folder for what is temporary.
PROTECTION = '''mount --rbind "$0" "$0" && mount --rbind "$1" "$1" && mount -o remount,bind,ro / &&
for other in /dev "$1"; do if mountpoint -q "$other"; then mount -o remount,bind,ro "$other"; fi; done &&
cd "$PWD" || exit 125  # and enter the folder that may be written to, instead of what lies below it
'''


@functools.cache
def apart():
    """What begins a command so that it reaches no process but its own and, run by root, no file but those of tests: a
    mistake may send a signal to all there are, or put a file in the place of /dev/null. No signal is ignored by it."""
    root = os.geteuid() == 0
    rights = ["--mount"] if root else ["--user", "--map-current-user"]
    # The shell is the first process of its namespace, which signals do not end as they end others.
    script = (PROTECTION if root else "") + 'shift; "$@"; exit $?'
    words = ["env", "--default-signal", "unshare", *rights, "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
             script, tempfile.gettempdir(), str(ROOT)]
    status, said = output_of([*words, "true"])
    if status:
        raise Failure(f"tests with mistakes in them need processes of their own: {said.strip()}")
    return words


def outputs_of(words):
    """What a command of the compiler, the linker or the archiver makes."""
    return [words[i + 1] for i, word in enumerate(words) if word in ("-o", "csrDT")] + \
        [word.removeprefix("-fmodule-output=") for word in words if word.startswith("-fmodule-output=")]


class NoCode(Exception):
    """A mistake that the compiler refuses."""


class Parts:
    """The modules, objects and programs that change with one source: each is made, in a folder of its own, when it is
    first asked for."""

    def __init__(self, recipes, source, changed_source, folder, flags=[]):
        self.recipes, self.folder, self.flags = recipes, folder, flags
        self.changed = {source: changed_source}  # the path of each part by that of the part as it was
        self.changed_objects = {}  # of an archive

    def part(self, path):
        """The path of what takes the place of a part; its own where nothing of it has changed."""
        if path not in self.changed:
            self.changed[path] = path
            if path in self.recipes:
                self.make(self.recipes[path])
        return self.changed[path]

    def word(self, word):
        """A word of a command, where a part is named alone or behind the "=" of an option."""
        option, equals, path = word.rpartition("=")
        return option + equals + self.part(path)

    def make(self, words):
        outputs = outputs_of(words)
        self.changed.update((output, output) for output in outputs)
        changed = [self.word(word) for word in words]
        objects = [part for word in words for part in self.changed_objects.get(word, [])]
        if changed == words and not objects:
            return
        if "csrDT" in words:
            self.changed_objects[outputs[0]] = [new for new, old in zip(changed, words) if new != old]
            return
        self.changed.update((output, str(self.folder / output.replace("/", "_"))) for output in outputs)
        command = [{"-O3": "-O1"}.get(word, self.word(word)) for word in words]
        if "-MF" in command:
            command[command.index("-MF") + 1] = os.devnull
        if self.flags and "-include-pch" in command:  # it was made without them
            at = command.index("-include-pch")
            del command[at:at + 2]
        # Objects that have changed come first, so that those in the archives are not taken.
        status = status_of([command[0], *objects, *command[1:], *self.flags])
        if status == 1:
            raise NoCode
        if status:
            raise Failure(f"{command[0]} ended with {status}")


class Judge:
    """Builds the tests of one module and runs them."""

    def __init__(self, names):
        programs = {f"test_{name}{real}" for name in names for real in ("", "_double")}
        self.tests = [test for test in introspected("tests") if pathlib.PurePath(test["cmd"][0]).name in programs]
        files = {target["id"]: target["filename"][0] for target in introspected("targets")}
        self.targets = sorted({os.path.relpath(files[target], BUILD)
                               for test in self.tests for target in test["depends"]})
        self.seconds = {}  # that each test takes, by its program
        self.asked, self.told = collections.Counter(), collections.Counter()  # how often, and how often it noticed

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
        self.recipes = {output: words for words in commands for output in outputs_of(words)}
        for test in self.tests:
            begin = time.monotonic()
            if self.fails(test, Parts({}, "", "", BUILD)):
                return False
            self.seconds[test["cmd"][0]] = time.monotonic() - begin
        return True

    def costs(self, test):
        """Seconds of a test for each mistake that it notices, as far as is known."""
        name = test["cmd"][0]
        return self.seconds[name] * (self.asked[name] + 2) / (self.told[name] + 1)

    def fails(self, test, parts, seconds=600, sanitized=False):
        """Whether a test fails with these parts, in a folder of its own: what it leaves there misleads no other."""
        variables = {key: self.path(parts, value) for key, value in {**os.environ, **test["env"]}.items()}
        command = [self.path(parts, word) for word in test["cmd"]]
        memory = resource.RLIM_INFINITY if sanitized else MEMORY  # sanitizers ask for more than there is
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o1777)  # as that for all
            # Open MPI names its files after processes, which have the same numbers in each namespace.
            own = {"TMPDIR": folder, "OMPI_MCA_btl_vader_backing_directory": folder}
            return status_of([*apart(), *command], seconds, memory, folder,
                             env={**variables, **own, **(SANITIZED if sanitized else {})}) != 0

    def noticed(self, parts, sanitized=False):
        """Whether a test fails with these parts."""
        for test in sorted(self.tests, key=self.costs):
            name = test["cmd"][0]
            failed = self.fails(test, parts, 10 + 5 * self.seconds[name], sanitized)
            self.asked[name] += 1
            self.told[name] += failed
            if failed:
                return True
        return False

    def path(self, parts, word):
        """The path of a program with its parts; another word as it is."""
        relative = word.removeprefix(f"{BUILD}/")
        return str(BUILD / parts.part(relative)) if relative in self.targets and relative in self.recipes else word

    def notices(self, file, text, flags=[]):
        """Whether a test fails with this text in the place of a source."""
        with tempfile.TemporaryDirectory() as folder:
            source, changed = os.path.relpath(SOURCES / file, BUILD), pathlib.Path(folder) / pathlib.PurePath(file).name
            changed.write_text(text)
            parts = Parts(self.recipes, source, str(changed), pathlib.Path(folder), flags)
            return self.noticed(parts, sanitized=bool(flags))

    @functools.cache
    def bears_sanitizers(self, file):
        """Whether the tests pass with the sanitizers in this file as it is: some take the place of what those do."""
        try:
            return not self.notices(file, (ROOT / file).read_text(), SANITIZERS)
        except NoCode:
            return False

    def verdict(self, mutant):
        """"survived", "noticed", or "no code": it cannot be compiled, or is for another kind of machine."""
        lines = (ROOT / mutant.file).read_text().split("\n")
        lines[mutant.line - 1] = mutant.after
        text = "\n".join(lines)
        try:
            if not any(os.path.relpath(SOURCES / mutant.file, BUILD) in words for words in self.recipes.values()):
                return "no code"
            if self.notices(mutant.file, text):
                return "noticed"
            found = self.bears_sanitizers(mutant.file) and self.notices(mutant.file, text, SANITIZERS)
            return "noticed" if found else "survived"
        except NoCode:
            return "no code"


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
        try:
            for mutant, verdict in zip(chosen, pool.map(judging.verdict, chosen)):
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
