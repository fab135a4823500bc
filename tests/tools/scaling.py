"""How long a step of chapter 06 takes on several processes: scaling.py PROGRAM ROUNDS [FILE.csv]

On this machine with 1, 2 and 4 ranks, beside one process with two threads; and on hosts of their own (network
namespaces), without latency and with a millisecond of it, from tc's netem or, where the kernel has none, from a stand-in.
There networks of three sizes, whose gradients take more or less time on the way. The configurations take turns, and of
each the fastest run counts: anything else that runs here makes them slower, and nothing makes them faster.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "chapters"))
import hosts  # noqa: E402
from mpirun import MPIRUN  # noqa: E402

BATCH = 1000
STEPS = 20  # of an epoch
OPTIONS = ["--data", "digits", "--validation-size", 60000 - STEPS * BATCH, "--batch", BATCH, "--quiet"]
EPOCHS = {30: 10, 100: 5, 300: 1}  # by neurons: half a second of training and more
COLUMNS = ["where", "latency_ms", "delayed_by", "hidden", "ranks", "threads", "ms_a_step"]


def milliseconds_a_step(command, folder):
    result = subprocess.run([str(word) for word in command], env=hosts.ALLOWED, cwd=folder, capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"scaling: {' '.join(map(str, command))}: {result.stderr}")
    seconds = [float(each) for each in re.findall(r"seconds: (\S+)", result.stdout)]
    return 1000 * sum(seconds) / (STEPS * len(seconds))


class Table:
    def __init__(self, rounds, folder):
        self.rounds, self.folder = rounds, folder
        self.rows = []

    def measure(self, where, latency, delayed_by, configurations):
        """configurations: (neurons, ranks, threads), and the command of each. Returns each one's milliseconds a step."""
        best = {}
        for _ in range(self.rounds):
            for key, command in configurations:
                best[key] = min(best.get(key, 1e9), milliseconds_a_step(command, self.folder))
        for key, time in best.items():
            self.rows.append((where, latency, delayed_by, *key, f"{time:.3f}"))
            hidden, ranks, threads = key
            print(f"{where:<12} {latency} ms by {delayed_by:<9} {hidden:4} neurons  {ranks} ranks × {threads} threads "
                  f"{time:8.2f} ms a step", flush=True)
        return best


def measure_here(table, program):
    alone = [program, *OPTIONS, "--epochs", EPOCHS[100], "--threads"]
    best = table.measure("one machine", 0, "nothing", [
        ((100, 1, 2), [*alone, 2]), ((100, 1, 1), [*alone, 1]),
        *(((100, ranks, 1), [*MPIRUN, "-n", ranks, *alone, 1]) for ranks in (2, 4))])
    print(f"2 ranks × 1 thread reach {best[100, 1, 2] / best[100, 2, 1]:.2f} of the speed of 1 process × 2 threads")


def measure_hosts(table, program, latency):
    several = hosts.Hosts(4, table.folder)
    try:
        delayed_by = several.delay(latency) if latency else "nothing"
        table.measure("hosts", latency, delayed_by, [
            ((hidden, ranks, 1), several.mpirun(ranks, [program, *OPTIONS, "--epochs", epochs, "--threads", 1, "--hidden",
                                                        hidden]))
            for hidden, epochs in EPOCHS.items() for ranks in (1, 2, 4)])
    finally:
        several.remove()


def main(program, rounds, csv=None):
    with tempfile.TemporaryDirectory() as folder:
        table = Table(int(rounds), folder)
        measure_here(table, program)
        reason = hosts.why_not()
        if reason:
            raise SystemExit(f"scaling: no hosts of their own: {reason}")
        for latency in 0, 1:
            measure_hosts(table, program, latency)
    if csv:
        rows = [COLUMNS, *table.rows]
        pathlib.Path(csv).write_text("".join(",".join(map(str, row)) + "\n" for row in rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
