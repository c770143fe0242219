"""Times k-means beside scikit-learn's KMeans; kmeans.sh calls it.

    kmeans.py OURS

OURS is the program of crates/nettraffic-models/examples/kmeans.rs. Both fit 32 clusters on the same
1,000,000 x 40 `float32` rows with their defaults (plain distance, k-means++), one after the other in each
round, then score all rows. Compared are CPU seconds (user and system, of all threads), as medians
of the rounds' ratios theirs / ours, with one thread and with two. scikit-learn has three ways
to score: `predict` tells the cluster alone, `score` the sum of the squared distances, `transform` all
distances, of which the least is our score. Our cost of fitting 10,000 rows tells how cost grows.
"""

import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

ROUNDS = int(os.environ.get("ROUNDS", "3"))
ROWS, COLUMNS, CLUSTERS, FEW = 1_000_000, 40, 32, 10_000
SCORINGS = 10  # of ours for each of theirs: the system counts CPU time in hundredths of a second
FEW_FITS = 20
TICK = os.sysconf("SC_CLK_TCK")
warnings.filterwarnings("ignore")


def traffic():
    """Rows around 64 places of different weight and width, more than there are clusters."""
    random = np.random.default_rng(7)
    places = random.random((64, COLUMNS), dtype=np.float32)
    widths = 0.2 * random.random(64, dtype=np.float32)
    place = random.choice(64, ROWS, p=random.dirichlet(np.ones(64)))
    rows = random.standard_normal((ROWS, COLUMNS), dtype=np.float32)
    rows *= widths[place][:, None]
    rows += places[place]
    return rows


class Ours:
    def __init__(self, program, file):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([program, str(COLUMNS), file], **pipes)

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / TICK

    def __call__(self, line, times):
        before = self.cpu()
        print(line, file=self.process.stdin, flush=True)
        answer = float(self.process.stdout.readline())
        return (self.cpu() - before) / times, answer


def timed(work):
    before = time.process_time()
    result = work()
    return time.process_time() - before, result


def main():
    rows = traffic()
    with tempfile.NamedTemporaryFile(suffix=".f32") as file:
        rows.tofile(file.name)
        ours = Ours(sys.argv[1], file.name)
        for threads in (1, 2):
            compare(ours, rows, threads)
        ours.process.stdin.close()
        ours.process.wait()


def compare(ours, rows, threads):
    kinds = ("fit", "predict", "score", "transform")
    ratios = {kind: [] for kind in kinds}
    costs = {"fit": [], "score": [], "few": []}
    inertias = []
    for seed in range(ROUNDS):
        few, _ = ours(f"fit {threads} {CLUSTERS} {seed} {FEW} {FEW_FITS}", FEW_FITS)
        fit, inertia = ours(f"fit {threads} {CLUSTERS} {seed} {ROWS} 1", 1)
        score, squares = ours(f"score {threads} {SCORINGS}", SCORINGS)
        with threadpool_limits(threads):
            peer = KMeans(CLUSTERS, random_state=seed)
            theirs, _ = timed(lambda: peer.fit(rows))
            ratios["fit"].append(theirs / fit)
            peer_scores = {
                "predict": lambda: peer.predict(rows),
                "score": lambda: peer.score(rows),
                "transform": lambda: peer.transform(rows).min(axis=1),
            }
            for kind, work in peer_scores.items():
                ratios[kind].append(timed(work)[0] / score)
        inertias.append(inertia / peer.inertia_)
        assert math.isclose(squares, inertia, rel_tol=1e-3), "scores are not the distances of fitting"
        for kind, cost in (("fit", fit), ("score", score), ("few", few)):
            costs[kind].append(cost)
    median = {kind: statistics.median(cost) for kind, cost in costs.items()}
    growth = math.log(median["fit"] / median["few"]) / math.log(ROWS / FEW)
    print(f"{threads} thread(s), CPU s: fit {median['fit']:.2f}, score {median['score']:.3f}")
    print("  scikit-learn / ours: " + ", ".join(f"{k} {statistics.median(ratios[k]):.2f}" for k in kinds))
    print(f"  our inertia / theirs: {statistics.median(inertias):.4f}")
    print(f"  fitting {FEW:,} to {ROWS:,} rows: n^{growth:.2f}", flush=True)


main()
