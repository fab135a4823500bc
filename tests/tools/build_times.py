"""How long building takes: build_times.py COMPILER. In a copy of the sources, so that nothing here is touched."""

import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = "chapters/01_two_steps/01_two_steps"


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(*command):
    """Runs it and returns the seconds that it took, those of all processors together, and what it printed."""
    start, used = time.perf_counter(), processor_time()
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"build_times.py: {' '.join(command)}\n{done.stdout}{done.stderr}")
    return time.perf_counter() - start, processor_time() - used, done.stdout


def change(path):
    """A new line at the end, newer than everything that was built."""
    with path.open("a") as file:
        file.write("\n// changed\n")


def report(what, seconds, used, output):
    compiled = len(re.findall(r"^\[\d+/\d+\] (?:Compiling|Generating)", output, flags=re.M))
    print(f"{what:54} {seconds:7.2f} s {used:7.2f} s  {compiled} compiled", flush=True)


def main():
    compiler = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        copy, build = pathlib.Path(folder) / "sources", pathlib.Path(folder) / "build"
        for name in ("meson.build", "meson_options.txt", "chapters", "shared", "tests", "data"):
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("mnist"))
            else:
                copy.mkdir(exist_ok=True)
                shutil.copy(ROOT / name, copy)
        ninja = ["ninja", "-C", str(build)]
        print(f"{len(os.sched_getaffinity(0))} cores, {pathlib.Path(compiler).name}; seconds by the clock, and of all "
              "processors together\n")

        os.environ["CXX"] = compiler
        first = [run("meson", "setup", str(build), str(copy)), run(*ninja, PROGRAM), run(str(build / PROGRAM))]
        seconds, used, outputs = zip(*first)
        report("from a clean copy to a running chapter 01", sum(seconds), sum(used), outputs[1])

        run(*ninja, "chapters/06_mnist/06_mnist")
        change(copy / "chapters/01_two_steps/main.cpp")
        report("a change in chapter 01's main.cpp", *run(*ninja, PROGRAM))
        change(copy / "chapters/06_mnist/main.cpp")
        report("a change in chapter 06's main.cpp", *run(*ninja, "chapters/06_mnist/06_mnist"))
        change(copy / "shared/linalg/products.cpp")
        report("a change in a kernel's body, shared/linalg/products.cpp", *run(*ninja, "chapters/06_mnist/06_mnist"))
        report("nothing to do", *run(*ninja, "chapters/06_mnist/06_mnist"))


main()
