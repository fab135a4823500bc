"""Builds a learner's answer to an exercise and judges it.

An answer is a part of the program that tests it, and may end that program as it likes: with a main of its own, exit(0),
a constructor that exits. So neither the exit status nor what is printed says whether it is right. The tests
(tests/exercises/check.cpp) get a secret over a socket before the answer's code runs, and report each of them with it;
the answer has passed when every test that the exercise has, which its stub lists, is reported to have passed.
"""

import os
import re
import resource
import secrets
import select
import shlex
import signal
import socket
import subprocess
import sys
import time
from typing import NamedTuple

import building
import compiler
import processes
from speaking import Failure

SECONDS = 60  # for the tests of one exercise; those of a right answer take a few at most
COMPILE_SECONDS = 300
MEMORY = 4 << 30
OUTPUT = 1 << 20  # bytes that are shown of what an answer prints
WARNING_LINES = 16


class Verdict(NamedTuple):
    passed: bool
    not_written: bool = False  # the only problem is that functions are still the stub's
    remark: str = ""


# ---- building ----

def build(exercise, directory):
    """The learner's program, made as the stub's is, with the learner's file in its place; None when it does not build.
    """
    target = f"tests/exercises/{exercise.name}_stub"
    building.compile(f"the tests of {exercise.name}", target, build=directory)
    said = processes.output_of(["ninja", "-t", "commands", target], cwd=directory)[1]
    commands = [shlex.split(line) for line in said.splitlines()]
    program, object_file = f"{target}_mine", f"{target}_mine.o"
    compile_stub = next(command for command in commands if command[-1].endswith("/stub.cpp"))
    stub_object = compile_stub[compile_stub.index("-o") + 1]
    compile_mine = [object_file if word == stub_object else word for word in compile_stub[:-1]]
    # As it sees the other sources, by the path from the build folder: errors at run time show that path as well.
    compile_mine += [os.path.relpath(exercise.answer, directory), "-ferror-limit=3", "-fno-color-diagnostics"]
    compile_mine[compile_mine.index("-MF") + 1] = f"{object_file}.d"
    link = [{stub_object: object_file, target: program}.get(word, word) for word in commands[-1]]
    warnings = ""
    for command in (compile_mine, link):
        status, said = run_compiler(command, directory)
        if status:
            show_errors(exercise, said)
            return None
        warnings += said
    print(*map(compiler.plain, warnings.splitlines()[:WARNING_LINES]), sep="\n", end="\n" if warnings else "", flush=True)
    return directory / program


def run_compiler(command, directory):
    try:
        run = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, errors="replace", timeout=COMPILE_SECONDS)
        return run.returncode, run.stdout
    except subprocess.TimeoutExpired:
        return 1, f"error: the compiler was still running after {COMPILE_SECONDS} seconds"


def show_errors(exercise, text):
    """What the linker says begins in the middle of a command of ours: only its own words matter."""
    missing = re.findall(r"undefined (?:reference to `(.*?)'|symbol: (.*))", text)
    twice = re.findall(r"(?:multiple definition of `(.*?)'|duplicate symbol: (.*))", text)
    print(f"my/{exercise.name}.cpp does not compile.\n")
    if twice:
        print(f"  It defines {''.join(twice[0]).split('(')[0]}, which the tests define as well: remove it from your file.")
        print("  You only need to define what exercise.hpp declares.")
    elif missing:
        print(f"  The tests call {''.join(missing[0]).split('(')[0]}")
        print("  but your file does not define it: do its name and argument types match exercise.hpp?")
    else:
        print(*compiler.wrapped(compiler.errors(text), "  "), sep="\n")
        print("\nFix the first error first: the others may only follow from it.")


# ---- judging ----

def expected_tests(exercise, directory):
    """The names of the exercise's tests, from a program that has nothing of the learner's in it."""
    stub = directory / f"tests/exercises/{exercise.name}_stub"
    status, said = processes.output_of([stub, "--list"])
    if status or not said:
        raise Failure(f"the tests of {exercise.name} cannot be listed")
    return said.splitlines()


def judge(exercise, directory, program):
    """Runs the tests, which print what they find, and says how the answer did."""
    tests = expected_tests(exercise, directory)
    token = secrets.token_hex(16)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(token.encode())
        environment = {**os.environ, "EXERCISE_REPORT": str(theirs.fileno())}
        process, mask = processes.start([program], in_child=limit, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=[theirs.fileno()],
                                        start_new_session=True)
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            theirs.close()
            reported, ending = follow(process, ours)
        finally:
            end_group(process)
    return verdict(tests, [line[len(token) + 1:] for line in reported if line.startswith(token + " ")], ending)


def limit():
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_group(process):
    """The program, and what it has left running."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    process.stdout.close()


def follow(process, reports):
    """Shows what the program prints until it ends. Returns the reports, by line, and how it ended: with its status, or
    "time" or "output". Nothing that it may leave behind with its ends of the pipes is waited for."""
    deadline, printed, reported, over = time.monotonic() + SECONDS, 0, b"", None
    streams = [process.stdout.fileno(), reports.fileno()]
    sys.stdout.flush()
    while True:
        if over is None and process.poll() is not None:
            over, deadline = process.returncode, time.monotonic() + 1
        ready = select.select(streams, [], [], 0.02 if over is None else 0)[0]
        for number in ready:
            piece = os.read(number, 65536)
            if not piece:
                streams.remove(number)
            elif number == reports.fileno():
                reported = (reported + piece)[:OUTPUT]
            else:
                printed += len(piece)
                sys.stdout.buffer.write(piece)
                sys.stdout.buffer.flush()
        late = time.monotonic() > deadline
        if printed > OUTPUT:
            over = "output"
        elif over is None and late:
            over = "time"
        elif over is None or (ready and not late):
            continue
        return reported.decode(errors="replace").splitlines(), over


def verdict(tests, reports, ending):
    """Of the reports with the secret, each "ok NAME", "failed NAME" or "missing NAME"."""
    states = [report.split(" ", 1)[0] for report in reports]
    names = [report.split(" ", 1)[-1] for report in reports]
    complete = names == tests
    if ending == "time":
        return Verdict(False, remark=f"Still running after {SECONDS} seconds, so it was stopped: "
                                     "does every loop terminate?")
    if ending == "output":
        return Verdict(False, remark="It printed more than a megabyte, so it was stopped.")
    if ending < 0:
        when = "after the last test" if complete else "in the test after the last one shown"
        return Verdict(False, remark=f"It crashed (signal {-ending}) {when}: is every index inside its matrix?")
    if not complete:
        return Verdict(False, remark="The program ended before all tests had run: an answer must return, not exit.")
    wrong = [state for state in states if state != "ok"]
    if not wrong and ending == 0:
        return Verdict(True)
    if not wrong:
        return Verdict(False, remark=f"All tests passed, but then the program ended with status {ending}.")
    return Verdict(False, not_written=all(state == "missing" for state in wrong))
