"""The same work done by PyTorch and by us, in turn: peers.py PEER_SIDE [--rounds N] [--images N] [--smoke]

Prints the seconds of both and how many times as fast we are: the median of the turns, the least and the most, and in
brackets the ratio of processor times, which is the steadier one on a machine that has other work to do.

PyTorch gets one thread of OpenBLAS, which is the best for products as small as these. Of its own it gets as many as we
do, or one where it is faster with one: its threads wait for one another in loops, which is slow on a busy machine.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
try:
    import torch
except ImportError:
    sys.exit("peers.py: PyTorch is not installed for " + sys.executable)

STEPS, INPUTS, HIDDEN, CLASSES = 28, 28, 100, 10


class RnnModule(torch.nn.Module):
    """torch.nn.RNN with a dense layer on the last state."""

    def __init__(self):
        super().__init__()
        self.rnn = torch.nn.RNN(INPUTS, HIDDEN)
        self.dense = torch.nn.Linear(HIDDEN, CLASSES)

    def forward(self, x):
        _, last = self.rnn(x)
        return self.dense(last[0])


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


class Theirs:
    def __init__(self, images):
        self.x = torch.rand(images, STEPS, INPUTS)
        self.labels = torch.randint(0, CLASSES, (images,))
        self.learners = {}

    def learner(self, kind):
        if kind not in self.learners:
            network = kind()
            self.learners[kind] = network, torch.optim.Adam(network.parameters(), lr=0.001)
        return self.learners[kind]

    def train(self, kind, batch):
        network, adam = self.learner(kind)
        order = torch.randperm(len(self.x))
        for first in range(0, len(self.x) - batch + 1, batch):
            which = order[first : first + batch]
            adam.zero_grad()
            logits = network(self.x[which].transpose(0, 1))
            torch.nn.functional.cross_entropy(logits, self.labels[which]).backward()
            adam.step()

    def forward(self):
        network, _ = self.learner(RnnModule)
        right = 0
        with torch.inference_mode():
            for first in range(0, len(self.x), 1000):
                logits = network(self.x[first : first + 1000].transpose(0, 1))
                right += int((logits.argmax(1) == self.labels[first : first + 1000]).sum())
        return right

    def layer(self, steps, batch, inputs):
        if ("layer", steps) not in self.learners:
            self.learners["layer", steps] = torch.nn.RNN(inputs, HIDDEN), torch.randn(steps, batch, inputs)
        rnn, x = self.learners["layer", steps]
        rnn.zero_grad()
        _, last = rnn(x)
        last.sum().backward()


class Ours:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        wall, cpu = map(float, self.process.stdout.readline().split())
        return wall, cpu


def timed(work):
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def best_threads(theirs, most):
    seconds = {}
    for threads in {1, most}:
        torch.set_num_threads(threads)
        theirs()  # once to warm up
        seconds[threads] = timed(theirs)[0]
    return min(seconds, key=seconds.get)


def in_turn(name, ours, theirs, rounds, threads=1):
    ours()
    chosen = best_threads(theirs, threads)
    torch.set_num_threads(chosen)
    if threads > 1:
        name += f", {threads} threads (PyTorch: {chosen})"
    turns = []
    for _ in range(rounds):
        turns.append((*ours(), *timed(theirs)))
        time.sleep(0.02)  # threads that wait in a loop for more work give up meanwhile
    ratios = sorted(theirs_wall / ours_wall for ours_wall, _, theirs_wall, _ in turns)
    cpu = statistics.median(theirs_cpu / ours_cpu for _, ours_cpu, _, theirs_cpu in turns)
    print(f"{name:58} {statistics.median(t[0] for t in turns):8.4f} {statistics.median(t[2] for t in turns):8.4f}"
          f" {statistics.median(ratios):6.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f}) [{cpu:.2f}]", flush=True)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--images", type=int, default=6000)
    arguments.add_argument("--smoke", action="store_true", help="everything once, to see that it runs")
    options = arguments.parse_args()
    rounds, images = (1, 1000) if options.smoke else (options.rounds, options.images)

    ours, theirs = Ours(options.program), Theirs(images)
    cores = len(os.sched_getaffinity(0))
    print(f"PyTorch {torch.__version__}; {images} images; seconds of ours and theirs, times as fast (least-most) "
          "[by processor time]\n")
    for threads in [1] if cores == 1 else [1, cores]:
        for batch in (1000, 150):
            for kind, name in ((RnnModule, "nn.RNN"), (WrittenOut, "cell written out")):
                in_turn(f"training, batch {batch}: {name}",
                        lambda: ours.ask(f"train {batch} {threads} {images}"),
                        lambda: theirs.train(kind, batch), rounds, threads)
        in_turn("forward: nn.RNN", lambda: ours.ask(f"forward {threads} {images}"), theirs.forward, rounds, threads)
    for steps in (100,) if options.smoke else (100, 1000, 10000):
        in_turn(f"layer, {steps} steps: nn.RNN", lambda: ours.ask(f"layer {steps} 32 32 {HIDDEN}"),
                lambda: theirs.layer(steps, 32, 32), min(rounds, 3) if steps == 10000 else rounds)
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\nMost memory held: ours {ours.ask('memory')[0]:.0f} MiB, PyTorch {mib} MiB")


main()
