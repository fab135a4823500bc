"""Runs Ninja: one line says how far it is, and for errors only the compiler's own words are shown."""

import os
import re
import select
import subprocess
import sys
import time

import compiler
from processes import stopped_with_us
from speaking import Failure

FAILED = re.compile(r"(?:\x1b\[[\d;]*m)*FAILED: (?:\x1b\[[\d;]*m)*(?:\[code=\d+\] )?(.*)")  # in red on a terminal
MARK = "\x1e"  # begins Ninja's own lines; no compiler prints it
SECONDS = 10  # between two lines where there is no terminal


class StatusLine:
    """How far something is: one line of the terminal, drawn again in its place; elsewhere a line now and then."""

    def __init__(self, stream, clock=time.monotonic):
        self.stream, self.clock = stream, clock
        self.live = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.drawn = False
        self.started = self.last = clock()

    def show(self, done, total, doing):
        now = self.clock()
        if self.live:
            minutes, seconds = divmod(int(now - self.started), 60)
            line = f"[{done}/{total}, {minutes}:{seconds:02}] {doing}"[: self.columns() - 1]
            self.stream.write(f"\r{line}\x1b[K")
            self.stream.flush()
            self.drawn = True
        elif now - self.last >= SECONDS:
            self.last = now
            print(f"course: built {done} of {total}", file=self.stream, flush=True)

    def columns(self):
        """Asked each time: windows change."""
        try:
            return os.get_terminal_size(self.stream.fileno()).columns or 80
        except OSError:
            return 80

    def clear(self):
        if self.drawn:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self.drawn = False


class Report:
    """Ninja's lines, taken apart: how far it is, and what the commands said."""

    def __init__(self, status, total):
        self.status, self.total = status, total
        self.done, self.doing = 0, ""
        self.failed = None  # the target of a command that failed
        self.failed_said = []  # and what it has said
        self.previous = ""  # what kind of line the last one was

    def tick(self):
        self.status.show(self.done, self.total, self.doing)

    def take(self, line):
        previous, self.previous = self.previous, ""
        if line.startswith(MARK):
            self.end()
            counts, _, self.doing = line[1:].partition(" ")
            self.done, self.total = map(int, counts.split("/"))
            self.tick()
            self.previous = "status"
        elif previous == "status" and (failed := FAILED.match(line)):
            self.failed = failed[1].strip()
            self.previous = "failed"
        elif previous != "failed" and not line.startswith(("ninja: build stopped: ", "ninja: no work to do")):
            # After "FAILED: …" comes the command, a kilometer of it.
            self.failed_said.append(line) if self.failed else self.say(line)

    def end(self):
        if self.failed and not self.failed_said:
            self.say(f"{self.failed}: its command failed and did not say why")
        for line in compiler.errors("\n".join(self.failed_said)):
            self.say(line)
        self.failed, self.failed_said = None, []

    def say(self, line):
        self.status.clear()
        print(compiler.plain(line), file=self.status.stream, flush=True)


def lines(stream, seconds):
    """The stream's lines as they come, and None whenever that many seconds brought nothing."""
    rest = b""
    while True:
        if not select.select([stream], [], [], seconds)[0]:
            yield None
            continue
        piece = os.read(stream.fileno(), 65536)
        *whole, rest = (rest + piece).split(b"\n")
        if not piece and rest:
            whole.append(rest)
        for line in whole:
            yield line.decode(errors="replace")
        if not piece:
            return


def steps_to_do(directory, targets):
    """How many commands Ninja would run: 0 when there is nothing to do."""
    run = subprocess.run(["ninja", "-n", *targets], cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, errors="replace")
    last = (run.stdout.splitlines() or [""])[-1]
    if run.returncode == 0 and last == "ninja: no work to do.":
        return 0
    return max(1, run.stdout.count("\n"))


def build(directory, targets, steps, stream=None):
    """Runs Ninja in the folder; what the commands say goes to the stream (standard error). Throws when it fails."""
    status = StatusLine(stream or sys.stderr)
    report = Report(status, steps)
    environment = {**os.environ, "NINJA_STATUS": f"{MARK}%f/%t "}
    if status.live:
        environment["CLICOLOR_FORCE"] = "1"  # or Ninja takes the compiler's colors away
    with stopped_with_us(["ninja", *targets], cwd=directory, env=environment, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            report.tick()
            for line in lines(process.stdout, 1):
                report.tick() if line is None else report.take(line)
            report.end()
        finally:
            status.clear()
    if process.returncode:
        raise Failure(f"{os.path.basename(directory)}/ could not be built")
