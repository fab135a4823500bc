"""How long a step of chapter 06 takes on several processes: scaling.py PROGRAM ROUNDS [FILE.csv]

On this machine with 1, 2 and 4 ranks, beside one process with two threads; and on hosts of their own (network
namespaces), without latency and with a millisecond of it, from tc's netem or, where the kernel has none, from a stand-in.
The configurations take turns, and of each the fastest epoch counts: anything else that runs here makes them slower, and
nothing makes them faster.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "chapters"))
import hosts  # noqa: E402
from mpirun import AS_ROOT, MPIRUN  # noqa: E402

STEPS = 55  # of an epoch of MNIST, or of as many drawn digits, in batches of 1000
OPTIONS = ["--data", "digits", "--validation-size", "5000", "--epochs", "2", "--quiet"]


def fastest_epoch(command, folder):
    """Seconds."""
    result = subprocess.run([str(word) for word in command], env={**os.environ, **AS_ROOT}, cwd=folder, capture_output=True,
                            text=True)
    if result.returncode:
        raise SystemExit(f"scaling: {' '.join(map(str, command))}: {result.stderr}")
    return min(float(seconds) for seconds in re.findall(r"seconds: (\S+)", result.stdout))


class Table:
    def __init__(self, rounds):
        self.rounds = rounds
        self.rows = []

    def measure(self, where, latency, delayed_by, configurations):
        """configurations: (ranks, threads), the command and the folder of each."""
        best = {}
        for _ in range(self.rounds):
            for key, command, folder in configurations:
                best[key] = min(best.get(key, 1e9), fastest_epoch(command, folder))
        for (ranks, threads), seconds in best.items():
            self.rows.append((where, latency, delayed_by, ranks, threads, 1000 * seconds / STEPS))
            print(f"{where:<12} {latency} ms {delayed_by:<8}  {ranks} ranks × {threads} threads  {1000 * seconds / STEPS:8.2f} ms a step",
                  flush=True)
        return best


def main(program, rounds, csv=None):
    table = Table(int(rounds))
    with tempfile.TemporaryDirectory() as folder:
        alone = [program, *OPTIONS, "--threads"]
        best = table.measure("one machine", 0, "nothing", [
            ((1, 2), [*alone, 2], folder), ((1, 1), [*alone, 1], folder),
            *(((ranks, 1), [*MPIRUN, "-n", str(ranks), *alone, 1], folder) for ranks in (2, 4))])
        print(f"2 ranks × 1 thread reach {best[1, 2] / best[2, 1]:.2f} of the speed of 1 process × 2 threads")
        reason = hosts.why_not()
        if reason:
            print(f"no hosts of their own: {reason}", file=sys.stderr)
        for latency in () if reason else (0, 1):
            several = hosts.Hosts(4, folder)
            try:
                delayed_by = several.delay(latency) if latency else "nothing"
                table.measure("hosts", latency, delayed_by, [((ranks, 1), several.mpirun(ranks, [*alone, 1]), folder)
                                                              for ranks in (1, 2, 3, 4)])
            finally:
                several.remove()
    if csv:
        lines = ["where,latency_ms,delayed_by,ranks,threads,ms_a_step",
                 *(f"{a},{b},{c},{d},{e},{f:.3f}" for a, b, c, d, e, f in table.rows)]
        pathlib.Path(csv).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
