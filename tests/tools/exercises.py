"""./course exercise: the list of the exercises, their hints and solutions, and the check of an answer."""

import hashlib
import re
from typing import Callable, NamedTuple

import answers
import building
import mine
from speaking import ROOT, Refusal, shown


class Exercise:
    def __init__(self, folder):
        self.folder = folder
        self.name = folder.parents[1].name.split("_")[0] + "." + folder.name.split("_")[0]
        first_line = (folder / "exercise.hpp").read_text().splitlines()[0]
        self.title = first_line.removeprefix(f"// {self.name} ")
        self.answer = mine.FOLDER / f"{self.name}.cpp"

    def hints(self):
        return [hint.strip() for hint in (self.folder / "hints.md").read_text().split("\n---\n")]

    def state(self, progress):
        try:
            content = mine.read(self.answer)
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


def show_list():
    progress = mine.read_progress()
    exercises = all_exercises()
    states = [exercise.state(progress) for exercise in exercises]
    for exercise, state in zip(exercises, states):
        print(f"{exercise.name}  {exercise.title:<60}{state}".rstrip())
    print(f"{states.count('done')} of {len(exercises)} done. Begin one: ./course exercise {exercises[0].name}")


def show_hint(exercise):
    progress = mine.read_progress()
    mine.check_that_it_can_be_remembered()
    hints = exercise.hints()
    shown_already = min(progress.get(exercise.name, {}).get("hints", 0), len(hints))
    number = min(shown_already + 1, len(hints))
    print(f"Hint {number} of {len(hints)}: {hints[number - 1]}")
    if number == len(hints):
        print(f"That is the last one; the solution: ./course exercise {exercise.name} solution")
    mine.remember(exercise.name, "hints", number)


def show_solution(exercise):
    print((exercise.folder / "solution.cpp").read_text(), end="")


def check_what_is_mine(exercise):
    """Throws when something in my/ is in the way. Returns the answer, None where there is none yet."""
    mine.read_progress()
    mine.check_that_it_can_be_remembered()
    return mine.read(exercise.answer)


def check(exercise, build=None):
    content = check_what_is_mine(exercise)
    where = exercise.folder.relative_to(ROOT)
    if build is None:
        building.configure()
        build = building.BUILD
    if content is None:
        content = (exercise.folder / "stub.cpp").read_bytes()
        mine.write(exercise.answer, content)
        print(f"my/{exercise.name}.cpp is new: write your answer there. (Git ignores my/: it is yours.)\n")
    print(f"{exercise.name}  {exercise.title}", flush=True)
    program = answers.build(exercise, build)
    verdict = answers.judge(exercise, build, program) if program else None
    if verdict is None:
        return 1
    task = f"The task: {where.parent}/README.md, {where}/exercise.hpp"
    stuck = f"Stuck? ./course exercise {exercise.name} hint"
    if verdict.passed:
        mine.remember(exercise.name, "passed", digest(content))
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
    """The plan for the arguments of ./course exercise."""
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
