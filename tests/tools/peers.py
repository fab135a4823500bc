"""The same work done by us, by PyTorch and by oneDNN, in turn:
peers.py PEER_SIDE [ONEDNN_SIDE] [--rounds N] [--images N] [--smoke]

Prints everybody's seconds and how many times as fast we are: the median of the turns, the least and the most, and in
brackets the ratio of processor times, which is the steadier one on a machine that has other work to do.

PyTorch gets one thread of OpenBLAS, which is the best for products as small as these. Of their own both get as many as
we do, or one where they are faster with one: their threads wait for one another in loops, which is slow on a busy
machine. Our training and PyTorch's is all of it, oneDNN's is the recurrent layer alone, forward and backward.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

os.environ["OPENBLAS_NUM_THREADS"] = "1"
try:
    import torch
except ImportError:
    sys.exit("peers.py: PyTorch is not installed for " + sys.executable)

STEPS, INPUTS, HIDDEN, CLASSES = 28, 28, 100, 10


class Recurrent(torch.nn.Module):
    """nn.RNN, nn.GRU or nn.LSTM with a dense layer on the last state."""

    def __init__(self, layer, inputs=INPUTS):
        super().__init__()
        self.layer = layer(inputs, HIDDEN)
        self.dense = torch.nn.Linear(HIDDEN, CLASSES)

    def forward(self, x):
        outputs, _ = self.layer(x)
        return self.dense(outputs[-1])


class WrittenOut(torch.nn.Module):
    """The same network as a loop over the steps; the product with the inputs is one for all of them."""

    def __init__(self):
        super().__init__()
        self.inputs = torch.nn.Linear(INPUTS, HIDDEN)
        self.recurrent = torch.nn.Parameter(torch.empty(HIDDEN, HIDDEN))
        torch.nn.init.xavier_uniform_(self.recurrent)
        self.dense = torch.nn.Linear(HIDDEN, CLASSES)

    def forward(self, x):
        sums = self.inputs(x)
        h = torch.tanh(sums[0])
        for t in range(1, STEPS):
            h = torch.tanh(torch.addmm(sums[t], h, self.recurrent))
        return self.dense(h)


CELLS = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}


class Task(NamedTuple):
    """What there is to be done."""
    wanted: str  # "train" or "forward"
    cell: str
    steps: int
    batch: int
    images: int

    def request(self, threads):
        return f"{self.wanted} {self.cell} {self.steps} {self.batch} {threads} {self.images}"


class PyTorch:
    def __init__(self, images):
        self.x = torch.rand(images, STEPS * INPUTS)
        self.labels = torch.randint(0, CLASSES, (images,))
        self.learners = {}

    def learner(self, name, make):
        if name not in self.learners:
            network = make()
            self.learners[name] = network, torch.optim.Adam(network.parameters(), lr=0.001)
        return self.learners[name]

    def network(self, task):
        if task.cell == "written out":
            return self.learner(task.cell, WrittenOut)
        return self.learner((task.cell, task.steps), lambda: Recurrent(CELLS[task.cell], len(self.x[0]) // task.steps))

    def do(self, task):
        self.train(task) if task.wanted == "train" else self.forward(task)

    def train(self, task):
        network, adam = self.network(task)
        x = self.x[:task.images].view(task.images, task.steps, -1)
        order = torch.randperm(task.images)
        for first in range(0, task.images - task.batch + 1, task.batch):
            which = order[first:first + task.batch]
            adam.zero_grad()
            logits = network(x[which].transpose(0, 1))
            torch.nn.functional.cross_entropy(logits, self.labels[which]).backward()
            adam.step()

    def forward(self, task):
        network, _ = self.network(task)
        x = self.x[:task.images].view(task.images, task.steps, -1)
        right = 0
        with torch.inference_mode():
            for first in range(0, task.images - task.batch + 1, task.batch):
                logits = network(x[first:first + task.batch].transpose(0, 1))
                right += int((logits.argmax(1) == self.labels[first:first + task.batch]).sum())
        return right

    def layer(self, steps, batch, inputs):
        if ("layer", steps) not in self.learners:
            self.learners["layer", steps] = torch.nn.RNN(inputs, HIDDEN), torch.randn(steps, batch, inputs)
        rnn, x = self.learners["layer", steps]
        rnn.zero_grad()
        _, last = rnn(x)
        last.sum().backward()


class Program:
    """Peer side of a program: it does what it reads, and answers with seconds."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if len(answer) != 2:
            sys.exit(f"peers.py: {self.process.args[0]} did not answer '{request}'")
        return tuple(map(float, answer))


def timed(work):
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def on_threads_of_pytorch(work):
    def run(threads):
        torch.set_num_threads(threads)
        return timed(work)

    return run


def best_threads(run, most):
    seconds = {}
    for threads in {1, most}:
        run(threads)  # once to warm up
        seconds[threads] = run(threads)[0]
    return min(seconds, key=seconds.get)


def measure(name, ours, others, rounds, threads=1):
    """A line of the table. Each of them gets a number of threads, and returns seconds by the clock and of processor
    time; `others` is a list, None for who has nothing like it."""
    ours(threads)
    others = [(run, best_threads(run, threads)) if run else None for run in others]
    turns = []
    for _ in range(rounds):
        turn = [ours(threads)]
        for other in others:
            turn.append(other[0](other[1]) if other else None)
            time.sleep(0.02)  # threads that wait in a loop for more work give up meanwhile
        turns.append(turn)
    if threads > 1:
        name += f", {threads} threads"
    line = f"{name:44} {statistics.median(turn[0][0] for turn in turns):8.4f}"
    for i, other in enumerate(others, 1):
        if other is None:
            continue
        ratios = sorted(turn[i][0] / turn[0][0] for turn in turns)
        cpu = statistics.median(turn[i][1] / turn[0][1] for turn in turns)
        line += (f" | {statistics.median(turn[i][0] for turn in turns):8.4f} on {other[1]}: "
                 f"{statistics.median(ratios):5.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f}) [{cpu:.2f}]")
    print(line, flush=True)


def cells(everybody, tasks, rounds, threads):
    ours, pytorch, onednn = everybody
    for task in tasks:
        name = {"train": "training", "forward": "forward"}[task.wanted]
        steps = "" if task.steps == STEPS else f"{task.steps} steps, "
        known = onednn and task.cell in CELLS
        measure(f"{task.cell}, {steps}{name}, batch {task.batch}",
                lambda threads: ours.ask(task._replace(cell="rnn" if task.cell not in CELLS else task.cell)
                                         .request(threads)),
                [on_threads_of_pytorch(lambda: pytorch.do(task)),
                 (lambda threads: onednn.ask(task.request(threads))) if known else None], rounds, threads)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("programs", nargs="+")
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--images", type=int, default=6000)
    arguments.add_argument("--smoke", action="store_true", help="everything once, to see that it runs")
    options = arguments.parse_args()
    rounds, images = (1, 1000) if options.smoke else (options.rounds, options.images)

    ours, onednn = map(lambda program: Program(program) if program else None, (options.programs + [None])[:2])
    everybody = ours, PyTorch(images), onednn
    cores = len(os.sched_getaffinity(0))
    print(f"{images} images; seconds of ours | seconds of PyTorch {torch.__version__} on its best number of threads: "
          "times as fast (least-most) [by processor time]"
          + (" | the same of oneDNN" if onednn else "; oneDNN 2 is not installed") + "\n")
    for threads in [1] if cores == 1 else [1, cores]:
        for cell in (*CELLS, "written out"):
            cells(everybody, [Task(wanted, cell, STEPS, min(batch, images), images)
                              for wanted in (("train", "forward") if cell in CELLS else ("train",))
                              for batch in (1000, 150)], rounds, threads)
        pixels = STEPS * INPUTS  # a step for each; a tenth of the images is enough
        cells(everybody, [Task(wanted, cell, pixels, 100, max(100, images // 10))
                          for cell in CELLS for wanted in ("train", "forward")], min(rounds, 3), threads)
    for steps in (100,) if options.smoke else (100, 1000, 10000):
        measure(f"rnn, {steps} steps, layer, batch 32", lambda _: ours.ask(f"layer {steps} 32 32 {HIDDEN}"),
                [on_threads_of_pytorch(lambda: everybody[1].layer(steps, 32, 32))],
                min(rounds, 3) if steps == 10000 else rounds)
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\nMost memory held: ours {ours.ask('memory')[0]:.0f} MiB, PyTorch {mib} MiB")


main()
