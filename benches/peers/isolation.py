"""Times the isolation forest beside scikit-learn's IsolationForest; isolation.sh calls it.

    isolation.py OURS [CORPUS]

OURS is the program of crates/nettraffic-models/examples/isolation.rs. Both fit 100 trees of 256 rows on the
same `float32` rows, one after the other in each round, and score them all. CPU seconds (user and
system, of all threads) are compared as medians of the rounds' ratios.
"""

import csv
import gzip
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import joblib
import numpy as np
from sklearn.ensemble import IsolationForest

ROUNDS = int(os.environ.get("ROUNDS", "5"))
TIMES = {"fit": 20, "score": 10, "row": 5}  # of ours for each of theirs: CPU time comes in hundredths of a second
LEAST = 5.0
TICK = os.sysconf("SC_CLK_TCK")


def nsl_kdd(folder):
    """KDDTrain+, categories one-hot, numbers as logarithms."""
    with gzip.open(folder / "KDDTrain+.txt.gz", "rt") as lines:
        table = list(csv.reader(lines))
    texts = [1, 2, 3]  # protocol, service, flag
    numbers = [column for column in range(41) if column not in texts]
    parts = [np.log1p(np.array([[row[column] for column in numbers] for row in table], dtype=np.float32))]
    for column in texts:
        cells = np.array([row[column] for row in table])
        parts.append((cells[:, None] == np.unique(cells)[None, :]).astype(np.float32))
    return np.ascontiguousarray(np.hstack(parts))


def clouds(rows=100_000, columns=40):
    """Five clouds, each column of a spread of its own."""
    draw = np.random.default_rng(7)
    centres = draw.normal(0, 3, (5, columns))
    spread = draw.uniform(0.2, 2, columns)
    return (centres[draw.integers(0, 5, rows)] + draw.normal(0, 1, (rows, columns)) * spread).astype(np.float32)


class Ours:
    """The program, which waits for orders."""

    def __init__(self, program, rows, folder):
        rows.tofile(folder / "rows")
        command = [program, str(rows.shape[1]), str(folder / "rows")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def order(self, line):
        before = self.cpu_seconds()
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = float(self.process.stdout.readline())
        return self.cpu_seconds() - before, answer

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def timed(work):
    before = time.process_time()
    result = work()
    return time.process_time() - before, result


def compare(name, rows, program):
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(program, rows, Path(folder))
        slower = []
        for threads in (1, 2):
            costs = {"fit": [], "score": []}
            for seed in range(ROUNDS):
                fits = [ours.order(f"fit {threads} {seed}")[0] for _ in range(TIMES["fit"])]
                peer = IsolationForest(n_estimators=100, max_samples=256, random_state=seed, n_jobs=threads)
                with joblib.parallel_backend("threading"):
                    theirs, _ = timed(lambda: peer.fit(rows))
                    costs["fit"].append((statistics.fmean(fits), theirs))
                    cost, mean = ours.order(f"score {threads} {TIMES['score']}")
                    theirs, scores = timed(lambda: -peer.score_samples(rows))
                costs["score"].append((cost / TIMES["score"], theirs))
            for step, both in costs.items():
                ratio = statistics.median(theirs / max(cost, 1e-9) for cost, theirs in both)
                cost, theirs = (statistics.median(column) for column in zip(*both))
                print(
                    f"{name:28} {threads} thread{'s' * (threads > 1):1} {step:6} {cost:8.3f} s, "
                    f"scikit-learn {theirs:8.3f} s: {ratio:5.1f} times faster",
                    flush=True,
                )
                if step == "score" and ratio < LEAST:
                    slower.append(f"{name} on {threads} threads: {ratio:.1f}")
            print(f"{'':28} mean score {mean:.4f}, scikit-learn {scores.mean():.4f}")
        cost, _ = ours.order(f"row {TIMES['row']}")
        print(f"{name:28} row by row {cost / TIMES['row'] / len(rows) * 1e6:6.2f} µs a row")
        ours.end()
    return slower


def main():
    program, *corpus = sys.argv[1:]
    slower = compare("100,000 x 40", clouds(), program)
    if corpus:
        rows = nsl_kdd(Path(corpus[0]) / "flows/nsl-kdd")
        slower += compare(f"NSL-KDD {rows.shape[0]:,} x {rows.shape[1]}", rows, program)
    else:
        print("left out: NSL-KDD, NETTRAFFIC_CORPUS is not set")
    if slower:
        sys.exit(f"less than {LEAST} times faster: " + "; ".join(slower))


main()
