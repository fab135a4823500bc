"""The exercises: lists them, builds and checks the learner's answer, shows hints and solutions.

    exercises.py BUILD                   the list
    exercises.py BUILD NN.k              checks my/NN.k.cpp (made from the stub when it is not there)
    exercises.py BUILD NN.k hint         shows the next hint
    exercises.py BUILD NN.k solution     shows the solution

Everything of the learner's is in my/, which Git ignores: the answers, and in progress.json what was passed and how many
hints were shown. Status 0: done; 1: not yet right; 2: bad words.
"""

import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MINE = ROOT / "my"
SECONDS = 60  # for the tests of one exercise; those of a right answer take a few at most
COMPILER_LINES = 16


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
        if not self.answer.exists():
            return ""
        passed = progress.get(self.name, {}).get("passed")
        if passed == digest(self.answer):
            return "done"
        return "changed since it was done" if passed else "begun"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def all_exercises():
    return [Exercise(path.parent) for path in sorted(ROOT.glob("chapters/*/exercises/*/exercise.hpp"))]


def read_progress():
    try:
        return json.loads((MINE / "progress.json").read_text())
    except (FileNotFoundError, ValueError):
        return {}


def remember(name, key, value):
    progress = read_progress()
    progress.setdefault(name, {})[key] = value
    MINE.mkdir(exist_ok=True)
    (MINE / "progress.json").write_text(json.dumps(progress, indent=2, sort_keys=True) + "\n")


def show_list():
    progress = read_progress()
    exercises = all_exercises()
    for exercise in exercises:
        print(f"{exercise.name}  {exercise.title:<60}{exercise.state(progress)}".rstrip())
    done = sum(exercise.state(progress) == "done" for exercise in exercises)
    print(f"{done} of {len(exercises)} done. Begin one: ./course exercise {exercises[0].name}")


def show_hint(exercise):
    hints = exercise.hints()
    shown = min(read_progress().get(exercise.name, {}).get("hints", 0), len(hints))
    number = min(shown + 1, len(hints))
    print(f"Hint {number} of {len(hints)}: {hints[number - 1]}")
    if number == len(hints):
        print(f"That is the last one; the solution: ./course exercise {exercise.name} solution")
    remember(exercise.name, "hints", number)


def show_solution(exercise):
    print((exercise.folder / "solution.cpp").read_text(), end="")


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          **options)


def build(exercise, directory):
    """The learner's program: made as the stub's is, with the learner's file in its place. None when it does not build."""
    target = f"tests/exercises/{exercise.name}_stub"
    made = run(["ninja", "-C", str(directory), target])
    if made.returncode:
        sys.exit(made.stdout + f"exercise: the tests of {exercise.name} cannot be built")
    commands = [shlex.split(line) for line in
                run(["ninja", "-C", str(directory), "-t", "commands", target]).stdout.splitlines()]
    program, object_file = f"{target}_mine", f"{target}_mine.o"
    compile_stub = next(command for command in commands if command[-1].endswith("/stub.cpp"))
    stub_object = compile_stub[compile_stub.index("-o") + 1]
    compile_mine = [object_file if word == stub_object else word for word in compile_stub[:-1]]
    compile_mine += [str(exercise.answer), "-ferror-limit=3", "-fno-color-diagnostics"]
    compile_mine[compile_mine.index("-MF") + 1] = f"{object_file}.d"
    compiled = run(compile_mine, cwd=directory)
    if compiled.returncode == 0:
        link = [{stub_object: object_file, target: program}.get(word, word) for word in commands[-1]]
        compiled = run(link, cwd=directory)
    if compiled.returncode:
        show_errors(exercise, compiled.stdout)
        return None
    show_warnings(compiled.stdout)
    return directory / program


def shorter(text):
    return text.replace(f"{ROOT}/", "").splitlines()


def show_warnings(text):
    lines = shorter(text)
    print(*lines[:COMPILER_LINES], sep="\n", end="\n" if lines else "")


def show_errors(exercise, text):
    # What the linker says begins in the middle of a command of ours: only its own words matter.
    undefined = re.findall(r"undefined reference to `(.*?)'", text)
    print(f"my/{exercise.name}.cpp does not compile.\n")
    if undefined:
        print(f"  The tests call {undefined[0].split('(')[0]}")
        print("  and it is not there: are its name and the types of its arguments those of exercise.hpp?")
    else:
        lines = shorter(text)
        first = next((i for i, line in enumerate(lines) if "error:" in line), 0)
        for line in lines[first:first + COMPILER_LINES]:
            print("  " + line[:140])
        print("\nThe first error is the one to mend; those below may only follow from it.")


def check(exercise, directory):
    where = exercise.folder.relative_to(ROOT)
    if not exercise.answer.exists():
        MINE.mkdir(exist_ok=True)
        exercise.answer.write_text((exercise.folder / "stub.cpp").read_text())
        print(f"my/{exercise.name}.cpp is new: write your answer there. (Git ignores my/: it is yours.)\n")
    print(f"{exercise.name}  {exercise.title}", flush=True)
    program = build(exercise, directory)
    if program is None:
        return 1
    try:
        result = run([str(program)], timeout=SECONDS)
        status, output = result.returncode, result.stdout
    except subprocess.TimeoutExpired as late:
        status, output = None, (late.stdout or b"").decode(errors="replace")
    print(output, end="")
    task = f"The task: {where.parent}/README.md, {where}/exercise.hpp"
    stuck = f"Stuck? ./course exercise {exercise.name} hint"
    if status == 0:
        remember(exercise.name, "passed", digest(exercise.answer))
        print(f"Done. Compare with: ./course exercise {exercise.name} solution")
        return 0
    if status == 3:
        print(f"Not written yet. {task}\nYour file: my/{exercise.name}.cpp. {stuck}")
        return 1
    if status is None:
        print(f"  Still running after {SECONDS} seconds, so it was ended: does every loop come to its end?")
    elif status < 0:
        print(f"  It crashed (signal {-status}) in the test after the last one shown: is every index within its matrix?")
    print(f"Not yet. {task}\n{stuck}")
    return 1


def main(directory, name=None, action="check", *rest):
    if name is None:
        show_list()
        return 0
    exercises = {exercise.name: exercise for exercise in all_exercises()}
    wanted = f"0{name}" if re.fullmatch(r"\d\.\d+", name) else name
    actions = {"check": lambda e: check(e, directory), "hint": show_hint, "solution": show_solution}
    if wanted not in exercises:
        print(f"exercise: there is no '{name}'; there are: {' '.join(exercises)}", file=sys.stderr)
        return 2
    if action not in actions or rest:
        print(f"exercise: '{' '.join((action, *rest))}' is none of: check, hint, solution", file=sys.stderr)
        return 2
    return actions[action](exercises[wanted]) or 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), *sys.argv[2:]))
