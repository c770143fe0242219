"""Times the autoencoder beside one in PyTorch; autoencoder.sh calls it.

    autoencoder.py OURS

OURS is the program of crates/nettraffic-models/examples/autoencoder.rs. Both train 80-32-8-32-80 with Adam on
the same 100,000 rows for 5 epochs in batches of 256, without noise, a tenth of the rows held out and asked
after each epoch, one after the other in each round. Then both score all rows with the same weights, ours,
which PyTorch reads from a safetensors file: the mean over columns of ln(1 + squared error / expected), in
batches of 1,024 in PyTorch. Compared are CPU seconds (user and
system, of all threads), as medians of the rounds' ratios theirs / ours, with one thread and with two.
"""

import math
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch
from safetensors.torch import load_file

ROUNDS = int(os.environ.get("ROUNDS", "3"))
ROWS, COLUMNS, HIDDEN, BATCH, EPOCHS = 100_000, 80, (32, 8), 256, 5
SCORE_BATCH = int(os.environ.get("SCORE_BATCH", "1024"))
SCORINGS = 10  # at a time: the system counts CPU time in hundredths of a second
TICK = os.sysconf("SC_CLK_TCK")


def traffic():
    """Rows that follow from six hidden numbers, with a little noise, each column from 0 to 1."""
    random = np.random.default_rng(7)
    hidden = random.random((ROWS, 6), dtype=np.float32)
    mixed = np.tanh(hidden @ random.standard_normal((6, COLUMNS), dtype=np.float32))
    mixed += 0.05 * random.standard_normal((ROWS, COLUMNS), dtype=np.float32)
    mixed -= mixed.min(axis=0)
    return mixed / mixed.max(axis=0)


class Ours:
    def __init__(self, program, file):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([program, str(COLUMNS), file], **pipes)

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / TICK

    def __call__(self, line, times=1):
        before = self.cpu()
        print(line, file=self.process.stdin, flush=True)
        answer = float(self.process.stdout.readline())
        return (self.cpu() - before) / times, answer


def timed(work, times=1):
    before = time.process_time()
    for _ in range(times):
        result = work()
    return (time.process_time() - before) / times, result


def network():
    widths = (COLUMNS, *HIDDEN, *HIDDEN[-2::-1], COLUMNS)
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.LeakyReLU(0.01)]
    return torch.nn.Sequential(*layers[:-1])


def train(rows, seed):
    torch.manual_seed(seed)
    order = torch.randperm(ROWS)
    held_out, learn = rows[order[: ROWS // 10]], rows[order[ROWS // 10 :]]
    model = network()
    adam = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(learn)).split(BATCH):
            x = learn[batch]
            adam.zero_grad()
            torch.nn.functional.mse_loss(model(x), x).backward()
            adam.step()
        with torch.inference_mode():
            error = torch.nn.functional.mse_loss(model(held_out), held_out).item()
    return error


def scorer(file):
    """The score as the documentation of `Autoencoder` states it, from exported weights."""
    tensors = load_file(file)
    model = network()
    linears = [layer for layer in model if isinstance(layer, torch.nn.Linear)]
    with torch.no_grad():
        for index, linear in enumerate(linears):
            linear.weight.copy_(tensors[f"layers.{index}.weight"])
            linear.bias.copy_(tensors[f"layers.{index}.bias"])
    lower, upper, expected = (tensors[f"columns.{name}"] for name in ("lower", "upper", "expected"))

    def score(rows):
        with torch.inference_mode():
            parts = []
            for x in rows.split(SCORE_BATCH):
                answer = model(x.clamp(lower, upper)).clamp(lower, upper)
                parts.append(((x - answer).square() / expected).log1p().mean(dim=1))
            return torch.cat(parts)

    return score


def compare(ours, rows, threads, folder):
    torch.set_num_threads(threads)
    fits, scores, errors = [], [], []
    costs = {"fit": [], "score": [], "single": []}
    for seed in range(ROUNDS):
        fit, _ = ours(f"fit {threads} {seed} {EPOCHS} 0 1")
        theirs, _ = timed(lambda: train(rows, seed))
        fits.append(theirs / fit)
        score, total = ours(f"score {threads} {SCORINGS}", SCORINGS)
        single, _ = ours("single 1")
        file = os.path.join(folder, "model.safetensors")
        ours(f"export {file}")
        theirs, answers = timed(lambda score=scorer(file): score(rows), SCORINGS)
        scores.append(theirs / score)
        assert math.isclose(answers.double().sum().item(), total, rel_tol=1e-4), "other scores"
        for kind, cost in (("fit", fit), ("score", score), ("single", single)):
            costs[kind].append(cost)
    median = {kind: statistics.median(cost) for kind, cost in costs.items()}
    print(
        f"{threads} thread(s): PyTorch / ours: training {statistics.median(fits):.2f}, "
        f"scoring {statistics.median(scores):.2f}; ours: training {ROWS * EPOCHS / median['fit']:,.0f} "
        f"rows per CPU second, scoring {ROWS / median['score']:,.0f}, "
        f"row by row {1e6 * median['single'] / ROWS:.2f} us each",
        flush=True,
    )


def main():
    rows = traffic()
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "rows.f32")
        rows.tofile(file)
        ours = Ours(sys.argv[1], file)
        for threads in (1, 2):
            compare(ours, torch.from_numpy(rows), threads, folder)
        ours.process.stdin.close()
        ours.process.wait()


main()
