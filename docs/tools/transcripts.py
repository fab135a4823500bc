"""Transcripts: a command and what it really prints."""

import os
import pathlib
import re
import shlex
import subprocess
import tempfile

from marks import Problem

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w])")
MORE = "…"
OPTIONS = {"tolerance", "variable", "from", "to", "status", "needs"}

# ./course as a transcript needs it: the programs are built already, and nothing is installed on the way.
COURSE = """#!/usr/bin/env bash
root={root}
if [[ $1 == run ]]; then
  number=$(printf '%02d' "$((10#${{2%%_*}}))")
  for program in {build}/chapters/"$number"_*/"$number"_*; do
    [[ -f $program && -x $program ]] && exec "$program" "${{@:3}}"
  done
  echo "course: chapter $2 is not built" >&2
  exit 1
fi
exec "$root/course" "$@"
"""


def has_fused_multiply_add():
    """True where the programs print the pages' digits to the last one, however wide the machine's registers are."""
    try:
        flags = pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return bool(re.search(r"^flags\s*:.*\bfma\b", flags, flags=re.M))


def options(argument):
    """tolerance=T (of numbers with a point, relative above 1 and with an exponent; 1e-6; only for machines without fused
    multiply-add), variable=REGEX (may differ), from=TEXT and to=TEXT (only these lines), status=N (the exit status),
    needs=PROGRAM (skipped where that is not installed)."""
    try:
        chosen = dict(word.split("=", 1) for word in shlex.split(argument))
    except ValueError:
        raise Problem(f"expected option=value, found '{argument}'") from None
    for name in chosen:
        if name not in OPTIONS:
            raise Problem(f"expected one of {', '.join(sorted(OPTIONS))}, found '{name}'")
    return chosen


class Shell:
    """Runs a page's commands in a folder that looks like the top of the repository, so that they leave nothing there."""

    def __init__(self, root, build):
        self.folder = tempfile.TemporaryDirectory()
        here = pathlib.Path(self.folder.name)
        for entry in root.iterdir():
            if entry.name not in ("course", "build", ".git"):
                (here / entry.name).symlink_to(entry)
        (here / "build").symlink_to(build)
        (here / "course").write_text(COURSE.format(root=shlex.quote(str(root)), build=shlex.quote(str(build))))
        (here / "course").chmod(0o755)
        self.seen = {}

    def run(self, command, status):
        """The lines on both streams, as a terminal shows them."""
        if command not in self.seen:
            environment = {k: v for k, v in os.environ.items() if k not in ("MNIST_DIR", "MALLOC_PERTURB_", "RNN_KERNEL")}
            try:
                run = subprocess.run(["bash", "-c", command], cwd=self.folder.name, env=environment, timeout=240,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            except subprocess.TimeoutExpired:
                raise Problem(f"expected '{command}' to end within four minutes, found it running") from None
            self.seen[command] = run.returncode, run.stdout.decode(errors="replace").splitlines()
        found, lines = self.seen[command]
        if found != status:
            last = f", after '{lines[-1]}'" if lines else ""
            raise Problem(f"expected status {status} of '{command}', found {found}{last}")
        return [line.rstrip() for line in lines if not line.startswith("course: ")]


def excerpt(lines, chosen, command):
    """The lines that from and to ask for, with … for what is left out."""
    start, end = 0, len(lines)
    if "from" in chosen:
        start = next((i for i, line in enumerate(lines) if chosen["from"] in line), None)
        if start is None:
            raise Problem(f"expected a line with '{chosen['from']}' from '{command}', found none")
    if "to" in chosen:
        last = next((i for i in range(start, end) if chosen["to"] in lines[i]), None)
        if last is None:
            raise Problem(f"expected a line with '{chosen['to']}' from '{command}', found none")
        end = last + 1
    return [MORE] * (start > 0) + lines[start:end] + [MORE] * (end < len(lines))


def same_line(want, got, chosen, exact):
    """Spaces count as one. Unless every digit has to agree, numbers with a point agree within the tolerance."""
    tolerance = float(chosen.get("tolerance", "1e-6"))
    if "variable" in chosen:
        want, got = (re.sub(chosen["variable"], "*", line) for line in (want, got))
    if exact:
        return want.split() == got.split()
    words = [" ".join(NUMBER.sub(" # ", line).split()) for line in (want, got)]
    numbers = [NUMBER.findall(line) for line in (want, got)]
    if words[0] != words[1] or len(numbers[0]) != len(numbers[1]):
        return False
    for a, b in zip(*numbers):
        whole = a.lstrip("+-").isdigit() and b.lstrip("+-").isdigit()
        size = abs(float(a)) if "e" in a.lower() else max(1, abs(float(a)))
        if abs(float(a) - float(b)) > (0 if whole else tolerance * size):
            return False
    return True


def command_of(block):
    """The command, and the lines of the page that it stands in: `$ command`, continued where a line ends in a \\."""
    if not block.content or not block.content[0].startswith("$ "):
        raise Problem("expected a first line with $ and a command, found none")
    count = 1
    while block.content[count - 1].endswith("\\") and count < len(block.content):
        count += 1
    return "\n".join(block.content[:count])[2:], count
