"""The exercises: their list, hints and solutions, and what is remembered of the learner's work.

Everything of the learner's is in my/, which Git ignores: the answers NN.k.cpp, and in progress.json what was passed and
how many hints were shown. What cannot be used there is refused with one line that says what it is, and nothing of it is
written over.
"""

import hashlib
import json
import os
import re
import secrets
import stat
from typing import Callable, NamedTuple

import answers
import building
from speaking import ROOT, Refusal, shown

MINE = ROOT / "my"
PROGRESS = MINE / "progress.json"
LARGEST = 1 << 20  # bytes, of an answer and of what is remembered

KINDS = {stat.S_IFDIR: "a folder", stat.S_IFREG: "a file", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket",
         stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


class Exercise:
    def __init__(self, folder):
        self.folder = folder
        self.name = folder.parents[1].name.split("_")[0] + "." + folder.name.split("_")[0]
        first_line = (folder / "exercise.hpp").read_text().splitlines()[0]
        self.title = first_line.removeprefix(f"// {self.name} ")
        self.answer = MINE / f"{self.name}.cpp"

    def hints(self):
        return [hint.strip() for hint in (self.folder / "hints.md").read_text().split("\n---\n")]

    def state(self, progress):
        try:
            content = read(self.answer)
        except Refusal:
            return "cannot be read"
        if content is None:
            return ""
        passed = progress.get(self.name, {}).get("passed")
        if passed == digest(content):
            return "done"
        return "changed since it was done" if passed else "begun"


def digest(content):
    return hashlib.sha256(content).hexdigest()


def all_exercises():
    return [Exercise(path.parent) for path in sorted(ROOT.glob("chapters/*/exercises/*/exercise.hpp"))]


# What is in my/ may be anything.

def named(path):
    return "my" if path == MINE else f"my/{path.name}"


def kind_of(path, expected):
    """What is there, after all links: "a file", …; None for nothing. `expected` is for the message."""
    try:
        return KINDS.get(stat.S_IFMT(os.stat(path).st_mode), "something else")
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not os.path.islink(path):
            return None
        raise Refusal(f"{named(path)}: expected {expected}, found a link that leads nowhere" if os.path.islink(path)
                      else f"{named(path)}: expected {expected}: {error.strerror}") from None


def check_folder():
    """Whether my/ is there. Throws when it is no folder."""
    kind = kind_of(MINE, "a folder")
    if kind not in (None, "a folder"):
        raise Refusal(f"my: expected a folder, found {kind}")
    return kind is not None


def read(path):
    """The bytes of a file in my/, or None where there is no such file."""
    if not check_folder():
        return None
    kind = kind_of(path, "a file")
    if kind is None:
        return None
    if kind != "a file":  # a named pipe, say, would be waited for
        raise Refusal(f"{named(path)}: expected a file, found {kind}")
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise Refusal(f"{named(path)}: {error.strerror}") from None
    if len(content) > LARGEST:
        raise Refusal(f"{named(path)}: expected a file of at most 1 MiB, found a larger one")
    return content


def write(path, content):
    """Writes a file in my/: as a whole, or not at all."""
    try:
        MINE.mkdir(exist_ok=True)
        target = os.path.realpath(path)  # a link stays one
        part = os.path.join(os.path.dirname(target), f".part-{secrets.token_hex(8)}")
        try:
            with open(part, "xb") as file:
                file.write(content)
            os.replace(part, target)
        except BaseException:
            if os.path.lexists(part):
                os.unlink(part)
            raise
    except OSError as error:
        raise Refusal(f"{named(path)}: cannot be written: {error.strerror}") from None


def check_that_it_can_be_remembered():
    """Refuses before any work what would be lost after it."""
    target = os.path.dirname(os.path.realpath(PROGRESS)) if check_folder() else ROOT
    if not os.access(target, os.W_OK | os.X_OK):
        raise Refusal(f"{named(PROGRESS)}: cannot be written: no files can be made in {shown(target, 200)}")


def json_kind(value):
    kinds = ((bool, "true or false"), (dict, "an object"), (list, "a list"), (str, "a text"), ((int, float), "a number"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def read_progress():
    """{exercise: {"passed": the digest of the answer that passed, "hints": how many were shown}}."""
    content = read(PROGRESS)
    if content is None:
        return {}

    def refuse(where, expected, found):
        raise Refusal(f"{named(PROGRESS)}: {where}expected {expected}, found {found}; without the file, all begins anew")

    try:
        progress = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        refuse("", "text in UTF-8", "other bytes")
    except (ValueError, RecursionError):
        refuse("", "JSON", "something else" if content.strip() else "an empty file")
    if not isinstance(progress, dict):
        refuse("", "an object", json_kind(progress))
    for name, entry in progress.items():
        where = f"{shown(name)}: "
        if not isinstance(entry, dict):
            refuse(where, "an object", json_kind(entry))
        passed, hints = entry.get("passed", ""), entry.get("hints", 0)
        if not isinstance(passed, str):
            refuse(where + "passed: ", "a text", json_kind(passed))
        if isinstance(hints, bool) or not isinstance(hints, int):
            refuse(where + "hints: ", "a whole number", json_kind(hints))
        if not 0 <= hints < 1000:
            refuse(where + "hints: ", "a number from 0 to 999", shown(hints, 20))
    return progress


def remember(name, key, value):
    progress = read_progress()
    progress.setdefault(name, {})[key] = value
    write(PROGRESS, (json.dumps(progress, indent=2, sort_keys=True) + "\n").encode())


# What the learner may ask for.

def show_list():
    progress = read_progress()
    exercises = all_exercises()
    states = [exercise.state(progress) for exercise in exercises]
    for exercise, state in zip(exercises, states):
        print(f"{exercise.name}  {exercise.title:<60}{state}".rstrip())
    print(f"{states.count('done')} of {len(exercises)} done. Begin one: ./course exercise {exercises[0].name}")


def show_hint(exercise):
    progress = read_progress()
    check_that_it_can_be_remembered()
    hints = exercise.hints()
    shown_already = min(progress.get(exercise.name, {}).get("hints", 0), len(hints))
    number = min(shown_already + 1, len(hints))
    print(f"Hint {number} of {len(hints)}: {hints[number - 1]}")
    if number == len(hints):
        print(f"That is the last one; the solution: ./course exercise {exercise.name} solution")
    remember(exercise.name, "hints", number)


def show_solution(exercise):
    print((exercise.folder / "solution.cpp").read_text(), end="")


def check_what_is_mine(exercise):
    """Throws when something in my/ is in the way. Returns the answer, None where there is none yet."""
    read_progress()
    check_that_it_can_be_remembered()
    return read(exercise.answer)


def check(exercise, build=None):
    content = check_what_is_mine(exercise)
    where = exercise.folder.relative_to(ROOT)
    if build is None:
        building.configure()
        build = building.BUILD
    if content is None:
        content = (exercise.folder / "stub.cpp").read_bytes()
        write(exercise.answer, content)
        print(f"my/{exercise.name}.cpp is new: write your answer there. (Git ignores my/: it is yours.)\n")
    print(f"{exercise.name}  {exercise.title}", flush=True)
    program = answers.build(exercise, build)
    verdict = answers.judge(exercise, build, program) if program else None
    if verdict is None:
        return 1
    task = f"The task: {where.parent}/README.md, {where}/exercise.hpp"
    stuck = f"Stuck? ./course exercise {exercise.name} hint"
    if verdict.passed:
        remember(exercise.name, "passed", digest(content))
        print(f"Done. Compare with: ./course exercise {exercise.name} solution")
        return 0
    if verdict.not_written:
        print(f"Not written yet. {task}\nYour file: my/{exercise.name}.cpp. {stuck}")
        return 1
    if verdict.remark:
        print(f"  {verdict.remark}")
    print(f"Not yet. {task}\n{stuck}")
    return 1


class Plan(NamedTuple):
    """What the words after ./course exercise come to."""
    action: Callable
    builds: bool = False


def plan(words):
    if not words:
        return Plan(show_list)
    exercises = {exercise.name: exercise for exercise in all_exercises()}
    name = f"0{words[0]}" if re.fullmatch(r"[0-9]\.[0-9]+", words[0]) else words[0]
    if name not in exercises:
        raise Refusal(f"there is no exercise '{shown(words[0])}'; there are: {' '.join(exercises)}")
    actions = {"check": check, "hint": show_hint, "solution": show_solution}
    what = " ".join(words[1:]) or "check"
    if what not in actions:
        raise Refusal(f"'{shown(what)}' is none of: check, hint, solution")
    if what == "check":
        check_what_is_mine(exercises[name])  # before anything is installed or built
    return Plan(lambda: actions[what](exercises[name]), builds=what == "check")
