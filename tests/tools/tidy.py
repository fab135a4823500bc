"""Runs clang-tidy, with the checks of .clang-tidy, over shared/ and chapters/: tidy.py BUILD CLANG_TIDY [FILE…].

The interfaces of modules, which clang-tidy reads in place of headers, are built in BUILD first, by the Clang of the
same version. Prints what there is to say about each file, and is silent about the others; the status is 1 when there
is something.
"""

import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys

from speaking import shown

root = pathlib.Path(__file__).resolve().parents[2]
build, clang_tidy = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
wanted = {pathlib.Path(name).resolve() for name in sys.argv[3:]}

# Names of outputs: clang-tidy must not write over what Ninja has built. Without the precompiled header it finds what a
# file uses and does not include.
WITH_VALUE = {"-o", "-MF", "-MJ", "-MQ", "-MT", "-Xclang", "-include-pch"}
WITHOUT = ("-MD", "-fmodule-output=", "-fexperimental-modules-reduced-bmi", "-fcolor-diagnostics")


def for_tidy(command):
    words = iter(shlex.split(command))
    kept = []
    for word in words:
        if word in WITH_VALUE:
            next(words)
        elif not word.startswith(WITHOUT):
            kept.append(word)
    return kept


def commands():
    """How each source is compiled; where that is done for both precisions, for float, which Ninja lists first."""
    listed = subprocess.run(
        ["ninja", "-C", build, "-t", "compdb", "cpp_COMPILER", "cpp_COMPILER_RSP", "CUSTOM_COMMAND_DEP"],
        check=True, capture_output=True, text=True).stdout
    found = {}
    for entry in json.loads(listed):
        path = (build / entry["file"]).resolve()
        if path.suffix in (".cpp", ".cppm") and path.relative_to(root).parts[0] in ("shared", "chapters"):
            arguments = for_tidy(entry["command"])
            found.setdefault(path, {"directory": str(build), "file": str(path), "arguments": arguments})
    return found


def check(path):
    run = subprocess.run([clang_tidy, "--quiet", "-p", build / "tidy", path], capture_output=True, text=True)
    # "4 warnings generated." is about headers of others; what counts is on standard output.
    return run.stdout if run.returncode == 0 else run.stdout or run.stderr


database = commands()
unknown = wanted - database.keys()
if unknown:
    print(f"course: tidy looks at the sources in shared/ and chapters/, not at '{shown(min(unknown))}'",
          file=sys.stderr)
    sys.exit(2)
(build / "tidy").mkdir(exist_ok=True)
(build / "tidy" / "compile_commands.json").write_text(json.dumps(list(database.values()), indent=1))

# Those that import the most take the longest: none of them is to be waited for at the end.
sources = sorted(wanted or database, key=lambda path: (-len(database[path]["arguments"]), path))
flags = {word for path in sources for word in database[path]["arguments"] if word.startswith("-fmodule-file=")}
interfaces = sorted(flag.split("=")[2] for flag in flags)
subprocess.run(["ninja", "--quiet", "-C", build, *interfaces], check=True, stdout=sys.stderr)

problems = 0
with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
    for said in pool.map(check, sources):
        problems += bool(said.strip())
        print(said, end="", flush=True)
print(f"{len(sources) - problems} files are clean, {problems} are not")
sys.exit(1 if problems else 0)
