"""Times the random forest beside scikit-learn's RandomForestClassifier; forest.sh calls it.

    forest.py OURS [CORPUS]

OURS is the program of crates/nettraffic-models/examples/forest.rs. Both fit 100 trees with their
defaults on the same `float32` rows, one after the other in each round, and predict the test rows. CPU seconds (user and
system, of all threads) are compared as medians of the rounds' ratios. With GROWTH set, the cost of
up to 1,000,000 rows is measured too, which takes minutes.
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

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score, roc_auc_score

ROUNDS = int(os.environ.get("ROUNDS", "3"))
PREDICTIONS = 10  # of ours for each of theirs: the system counts CPU time in hundredths of a second
LEAST = {"fit": 8.0, "predict": 3.0}
GROWTH = 1.15
TICK = os.sysconf("SC_CLK_TCK")


def nsl_kdd(folder):
    """KDDTrain+ and KDDTest+, categories of the training rows one-hot, normal (0) or attack (1)."""

    def read(name):
        with gzip.open(folder / name, "rt") as lines:
            return list(csv.reader(lines))

    train, test = read("KDDTrain+.txt.gz"), read("KDDTest+.txt.gz")
    texts = [1, 2, 3]  # protocol, service, flag
    numbers = [column for column in range(41) if column not in texts]
    values = {column: sorted({row[column] for row in train}) for column in texts}

    def rows(table):
        parts = [np.array([[row[column] for column in numbers] for row in table], dtype=np.float32)]
        for column in texts:
            cells = np.array([row[column] for row in table])
            parts.append((cells[:, None] == np.array(values[column])[None, :]).astype(np.float32))
        return np.ascontiguousarray(np.hstack(parts))

    def labels(table):
        return np.array([row[41] != "normal" for row in table], dtype=np.uint8)

    return rows(train), labels(train), rows(test), labels(test)


def synthetic(rows, columns=40):
    """Four classes of unequal size, and as many rows again, up to 50,000, to judge by."""
    test = min(rows, 50_000)
    x, y = make_classification(
        n_samples=rows + test, n_features=columns, n_informative=12, n_redundant=8, n_classes=4,
        n_clusters_per_class=3, weights=[0.7, 0.2, 0.07, 0.03], flip_y=0.01, random_state=42,
    )  # fmt: skip
    x, y = np.ascontiguousarray(x, dtype=np.float32), y.astype(np.uint8)
    return x[:rows], y[:rows], x[rows:], y[rows:]


class Ours:
    """The other program, with the CPU time that it takes."""

    def __init__(self, program, folder, train, labels, test):
        files = [folder / name for name in ("train", "labels", "test")]
        for file, values in zip(files, (train, labels, test)):
            values.tofile(file)
        self.answer = folder / "probabilities"
        self.process = subprocess.Popen(
            [program, str(train.shape[1]), *files], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.rows = len(test)

    def _cpu(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def _obey(self, line):
        before = self._cpu()
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{line!r} failed")
        return self._cpu() - before

    def wait_until_ready(self):
        self.fit(1, 0)

    def fit(self, threads, seed):
        return self._obey(f"fit {threads} {seed}")

    def predict(self, threads):
        cpu = self._obey(f"predict {threads} {PREDICTIONS} {self.answer}") / PREDICTIONS
        return cpu, np.fromfile(self.answer, dtype=np.float32).reshape(self.rows, -1)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def timed(work):
    before = time.process_time()
    result = work()
    return time.process_time() - before, result


def quality(labels, probabilities):
    if probabilities.shape[1] == 2:
        return {"AUC": roc_auc_score(labels, probabilities[:, 1])}
    predicted = probabilities.argmax(axis=1)
    return {"accuracy": np.mean(predicted == labels), "macro F1": f1_score(labels, predicted, average="macro")}


def compare(name, program, data):
    train, labels, test, test_labels = data
    lost = []
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(program, Path(folder), train, labels, test)
        ours.wait_until_ready()
        for threads in (1, 2):
            times = {"fit": [], "predict": []}
            qualities = {"ours": [], "scikit-learn": []}
            for seed in range(ROUNDS):
                theirs = RandomForestClassifier(100, random_state=seed, n_jobs=threads)
                their_fit, _ = timed(lambda: theirs.fit(train, labels))
                times["fit"].append((ours.fit(threads, seed), their_fit))
                their_predict, probabilities = timed(lambda: theirs.predict_proba(test))
                qualities["scikit-learn"].append(quality(test_labels, probabilities))
                our_predict, probabilities = ours.predict(threads)
                qualities["ours"].append(quality(test_labels, probabilities))
                times["predict"].append((our_predict, their_predict))
            print(f"{name}, {train.shape[0]} x {train.shape[1]}, {len(test)} test rows, threads: {threads}")
            for step, pairs in times.items():
                mine, their = (statistics.median(side) for side in zip(*pairs))
                ratio = statistics.median(their / mine for mine, their in pairs)
                print(f"  {step:8} {mine:8.3f} CPU s, scikit-learn {their:8.3f}: {ratio:.1f} times faster")
                if ratio < LEAST[step]:
                    lost.append(f"{name}, {threads} threads: {step} is {ratio:.1f} times faster, not {LEAST[step]}")
            for measure in qualities["ours"][0]:
                mean = {who: statistics.mean(q[measure] for q in of) for who, of in qualities.items()}
                print(f"  {measure:8} {mean['ours']:.4f}, scikit-learn {mean['scikit-learn']:.4f}")
                spread = statistics.pstdev(q[measure] for q in qualities["scikit-learn"])
                if mean["ours"] < mean["scikit-learn"] - 2 * spread - 0.001:
                    lost.append(f"{name}: {measure} is {mean['ours']:.4f}, not {mean['scikit-learn']:.4f}")
            sys.stdout.flush()
        ours.close()
    return lost


def growth(program):
    """How the cost of fitting grows with the rows, on one thread: the exponent of their number."""
    sizes = [10_000, 100_000, 1_000_000]
    train, labels, test, _ = synthetic(sizes[-1])
    cpu = []
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            ours = Ours(program, Path(folder), train[:rows], labels[:rows], test)
            ours.wait_until_ready()
            cpu.append(ours.fit(1, 1))
            ours.close()
    exponent = float(np.polyfit(np.log(sizes), np.log(cpu), 1)[0])
    print(f"growth: {cpu} CPU s for {sizes} rows, exponent {exponent:.2f}")
    return [f"growth: exponent {exponent:.2f}, not {GROWTH}"] if exponent > GROWTH else []


def main():
    program, *corpus = sys.argv[1:]
    lost = []
    if corpus:
        lost += compare("NSL-KDD", program, nsl_kdd(Path(corpus[0]) / "flows/nsl-kdd"))
    lost += compare("synthetic", program, synthetic(100_000))
    if "GROWTH" in os.environ:
        lost += growth(program)
    for line in lost:
        print(line)
    sys.exit(bool(lost))


main()
