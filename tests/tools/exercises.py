"""./course exercise: the list of the exercises, their hints and solutions, and the check of an answer."""

import hashlib
import re
import time
from typing import Callable, NamedTuple

import answers
import building
import exercise_list
import mine
from speaking import ROOT, Refusal, shown

CHAPTERS = ROOT / "chapters"
SECONDS = 0.3  # between two looks at a file that is watched


class Exercise:
    def __init__(self, entry):
        self.name, self.title, self.hints = entry.name, entry.title, entry.hints
        self.folder = CHAPTERS / entry.folder
        self.answer = mine.FOLDER / f"{self.name}.cpp"

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
    return [Exercise(entry) for entry in exercise_list.entries(CHAPTERS)]


def next_exercise():
    """The first that is not done, None when all are."""
    progress = mine.read_progress()
    return next((exercise for exercise in all_exercises() if exercise.state(progress) != "done"), None)


def show_list():
    progress = mine.read_progress()
    exercises = all_exercises()
    states = [exercise.state(progress) for exercise in exercises]
    for exercise, state in zip(exercises, states):
        print(f"{exercise.name}  {exercise.title:<60}{state}".rstrip())
    print(f"{states.count('done')} of {len(exercises)} done.", end=" ")
    print("Check the first one that is not: ./course exercise next" if set(states) != {"done"} else "Well done!")


def show_hint(exercise):
    progress = mine.read_progress()
    mine.check_that_it_can_be_remembered()
    shown_already = min(progress.get(exercise.name, {}).get("hints", 0), len(exercise.hints))
    number = min(shown_already + 1, len(exercise.hints))
    print(f"Hint {number} of {len(exercise.hints)}: {exercise.hints[number - 1]}")
    if number == len(exercise.hints):
        print(f"That was the last hint. To see a solution: ./course exercise {exercise.name} solution")
    mine.remember(exercise.name, "hints", number)


def show_solution(exercise):
    print((exercise.folder / "solution.cpp").read_text(), end="")


def reset(exercise):
    """The answer as it was at the start. What was there is kept beside it."""
    content = check_what_is_mine(exercise)
    stub = (exercise.folder / "stub.cpp").read_bytes()
    where = f"my/{exercise.name}.cpp"
    if content not in (None, stub):
        kept = mine.free_name(exercise.name)
        mine.write(kept, content)
        print(f"Your answer is now {mine.named(kept)}.")
    mine.write(exercise.answer, stub)
    mine.forget(exercise.name)
    print(f"{where} is the start file again. To check it: ./course exercise {exercise.name}")


def check_what_is_mine(exercise):
    """Throws when something in my/ is in the way. Returns the answer, None where there is none yet."""
    mine.read_progress()
    mine.check_that_it_can_be_remembered()
    return mine.read(exercise.answer)


def begin(exercise):
    """The answer; the start file where there is none yet."""
    content = check_what_is_mine(exercise)
    if content is None:
        content = (exercise.folder / "stub.cpp").read_bytes()
        mine.write(exercise.answer, content)
        print(f"Your file is my/{exercise.name}.cpp, a new one: write your answer there. (Git ignores my/.)\n")
    return content


def check(exercise, build=None):
    content = check_what_is_mine(exercise)
    if build is None:
        building.configure()
        build = building.BUILD
    return check_content(exercise, build, begin(exercise) if content is None else content)


def check_content(exercise, build, content):
    where = exercise.folder.relative_to(ROOT)
    print(f"{exercise.name}  {exercise.title}", flush=True)
    program = answers.build(exercise, build)
    verdict = answers.judge(exercise, build, program) if program else None
    if verdict is None:
        return 1
    task = f"The task: {where.parent}/README.md and {where}/exercise.hpp."
    stuck = f"Stuck? ./course exercise {exercise.name} hint"
    if verdict.passed:
        mine.remember(exercise.name, "passed", digest(content))
        print(f"Done. Compare with: ./course exercise {exercise.name} solution\nGo on with: ./course exercise next")
        return 0
    if verdict.not_written:
        print(f"Nothing is written yet. {task}\nYour file: my/{exercise.name}.cpp. {stuck}")
        return 1
    if verdict.remark:
        print(f"  {verdict.remark}")
    print(f"Not right yet. {task}\n{stuck}")
    return 1


def all_are_done():
    print(f"All {len(all_exercises())} exercises are done.")


def watch(exercise, and_the_next):
    """Checks the answer whenever its file is saved, until Ctrl-C; `and_the_next`: until all exercises are done."""
    building.configure()
    while exercise:
        content = begin(exercise)
        status = check_content(exercise, building.BUILD, content)
        if status == 0 and and_the_next:
            print(flush=True)
            exercise = next_exercise()
            continue
        print(f"\nWaiting until my/{exercise.name}.cpp is saved. Ctrl-C ends this.", flush=True)
        while mine.read(exercise.answer) in (None, content):  # an editor may remove it for a moment
            time.sleep(SECONDS)
        print(flush=True)
    all_are_done()
    return 0


class Plan(NamedTuple):
    """The plan for the arguments of ./course exercise."""
    action: Callable
    builds: bool = False


ACTIONS = {"check": check, "hint": show_hint, "solution": show_solution, "reset": reset}


def find(word):
    exercises = {exercise.name: exercise for exercise in all_exercises()}
    name = f"0{word}" if re.fullmatch(r"[0-9]\.[0-9]+", word) else word
    if name not in exercises:
        raise Refusal(f"there is no exercise '{shown(word)}'; there are: next {' '.join(exercises)}")
    return exercises[name]


def plan(words):
    if not words:
        return Plan(show_list)
    if len(words) == 2 and words[0] in ACTIONS:  # "reset 01.1" as well as "01.1 reset"
        words = words[::-1]
    exercise = next_exercise() if words[0] == "next" else find(words[0])
    what = " ".join(words[1:]) or "check"
    if what not in (*ACTIONS, "--watch"):
        raise Refusal(f"'{shown(what)}' is none of: {', '.join(ACTIONS)}, --watch")
    if exercise is None:
        return Plan(all_are_done)
    if what in ("check", "--watch"):
        check_what_is_mine(exercise)  # before anything is installed or built
    if what == "--watch":
        return Plan(lambda: watch(exercise, words[0] == "next"), builds=True)
    return Plan(lambda: ACTIONS[what](exercise), builds=what == "check")
