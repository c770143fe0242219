"""Holds the metrics of nettraffic-eval against scikit-learn's and scipy's; metrics.sh calls it.

    metrics.py OURS [CASES [SEED]]

OURS is the program of crates/nettraffic-eval/examples/metrics.rs. What neither library has is worked out
from its definition: DeLong's variances over all pairs of rows, precision among the first k as
the mean over all ways to break ties, cost curves as the least of all thresholds, calibration
errors from scikit-learn's bins.
"""

import subprocess
import sys
import warnings
from collections import defaultdict

import numpy as np
import sklearn
from scipy import stats
from sklearn import metrics
from sklearn.calibration import calibration_curve

LIMIT = 1e-12
RATES = [0.01, 0.1, 0.3, 1.0]


def cases(count, seed):
    """Random rows: few and many, smooth, tied and constant scores, both kinds or one."""
    draw = np.random.default_rng(seed)
    for number in range(count):
        size = int(draw.choice([0, 1, 2, 3, 10, 50, 200, 1000], p=[0.02, 0.03, 0.03, 0.05, 0.22, 0.3, 0.25, 0.1]))
        share = draw.choice([0.0, 0.02, 0.2, 0.5, 0.9, 1.0], p=[0.05, 0.15, 0.3, 0.3, 0.15, 0.05])
        labels = draw.random(size) < share

        def scores():
            values = 1 / (1 + np.exp(-draw.normal(labels * draw.choice([0.0, 1.0, 3.0]) - 1, 1)))
            match draw.integers(0, 5):
                case 0:
                    return np.full(size, round(float(draw.random()), 2))
                case 1:
                    return np.round(values, 1)
                case 2:
                    return np.round(values * 3) / 3
                case _:
                    return values

        classes = int(draw.integers(1, 7))
        actual = draw.integers(0, classes, size)
        right = draw.random(size) < draw.random()
        yield {
            "labels": labels,
            "scores": scores(),
            "rivals": scores(),
            "probabilities": scores(),
            "threshold": np.array([draw.choice([0.3, 0.5, 2.0, -1.0], p=[0.5, 0.4, 0.05, 0.05])]),
            "actual": actual,
            "predicted": np.where(right, actual, draw.integers(0, int(draw.integers(1, 7)), size)),
        }


def number(value):
    """A number, or none where it is undefined."""
    return None if value is None or not np.isfinite(value) else float(value)


def curves(labels, scores):
    found = {}
    both = labels.any() and not labels.all()
    found["roc_area"] = metrics.roc_auc_score(labels, scores) if both else None
    if both:
        x, y, _ = metrics.roc_curve(labels, scores, drop_intermediate=False)
    else:
        x, y = np.array([]), np.array([])
    found["roc_x"], found["roc_y"] = x, y
    for rate in RATES:
        name = "1" if rate == 1 else str(rate)
        partial = metrics.roc_auc_score(labels, scores, max_fpr=rate) if both else None
        found[f"partial_area_{name}"] = partial
        raw = None
        if both:
            stop = np.searchsorted(x, rate, "right")
            ends = np.append(x[:stop], rate), np.append(y[:stop], np.interp(rate, x, y))
            raw = metrics.auc(*ends)
        found[f"raw_area_{name}"] = raw
        found[f"recall_at_{name}"] = y[x <= rate].max() if both else None
    found["average_precision"] = metrics.average_precision_score(labels, scores) if labels.any() else None
    found["pr_x"] = found["pr_y"] = np.array([])
    if labels.any():
        precision, recall, _ = metrics.precision_recall_curve(labels, scores)
        found["pr_x"], found["pr_y"] = recall[::-1][1:], precision[::-1][1:]
    for k in [1, 5, 20]:
        found[f"precision_at_{k}"] = precision_at(labels, scores, k)
    for odds in [0.1, 0.5, 0.8]:
        found[f"cost_at_{odds}"] = np.min((1 - y) * odds + x * (1 - odds)) if both else None
    found["cost_mean"] = cost_mean(x, y) if both else None
    return found


def precision_at(labels, scores, k):
    if k > len(scores):
        return None
    least = np.sort(scores)[-k]
    above, tied = scores > least, scores == least
    return (labels[above].sum() + labels[tied].mean() * (k - above.sum())) / k


def cost_mean(x, y):
    """Area under the least of the lines (1 - y) p + x (1 - p), from where any two of the best cross."""
    points = np.unique(np.column_stack([x, y]), axis=0)
    slope, start = (1 - points[:, 1]) - points[:, 0], points[:, 0]
    with np.errstate(all="ignore"):
        crossings = (start[None, :] - start[:, None]) / (slope[:, None] - slope[None, :])
    crossings = crossings[np.isfinite(crossings) & (crossings > 0) & (crossings < 1)]
    corners = np.unique(np.concatenate([[0.0, 1.0], crossings]))
    if len(corners) > 20_000:
        return Ellipsis
    least = np.array([np.min(slope * corner + start) for corner in corners])
    return np.trapezoid(least, corners)


def placements(labels, scores):
    attacks, benign = scores[labels], scores[~labels]
    wins = (attacks[:, None] > benign[None, :]) + 0.5 * (attacks[:, None] == benign[None, :])
    return wins.mean(axis=1), wins.mean(axis=0)


def intervals(labels, scores, rivals):
    names = ["roc_area_low", "roc_area_high", "difference", "difference_z", "difference_p"]
    found = dict.fromkeys([*names, "difference_low", "difference_high"])
    if not labels.any() or labels.all():
        return found
    first, second = placements(labels, scores), placements(labels, rivals)
    difference = metrics.roc_auc_score(labels, scores) - metrics.roc_auc_score(labels, rivals)
    found["difference"] = difference
    if min(labels.sum(), (~labels).sum()) < 2:
        return found
    z = stats.norm.ppf(0.975)
    area = first[0].mean()
    error = np.sqrt(sum(part.var(ddof=1) / len(part) for part in first))
    if error > 0:
        found["roc_area_low"] = max(area - z * error, 0)
        found["roc_area_high"] = min(area + z * error, 1)
    parts = [a - b for a, b in zip(first, second, strict=True)]
    error = np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts))
    if error > 0:
        found["difference_z"] = difference / error
        found["difference_p"] = 2 * stats.norm.sf(abs(difference) / error)
        found["difference_low"] = max(difference - z * error, -1)
        found["difference_high"] = min(difference + z * error, 1)
    return found


def binary(labels, alerts, rivals):
    options = {"zero_division": np.nan}
    empty = len(labels) == 0
    undefined = dict.fromkeys(["precision", "recall", "f1", "accuracy", "mcc", "balanced_accuracy"])
    undefined |= dict.fromkeys(["false_alarm_rate", "base_rate_precision", "recall_low", "recall_high"])
    found = dict(undefined)
    if not empty:
        found["precision"] = metrics.precision_score(labels, alerts, **options)
        found["recall"] = metrics.recall_score(labels, alerts, **options)
        found["f1"] = metrics.f1_score(labels, alerts, **options)
        found["accuracy"] = metrics.accuracy_score(labels, alerts)
        found["mcc"] = mcc(labels, alerts)
        found["balanced_accuracy"] = metrics.balanced_accuracy_score(labels, alerts)
        found["false_alarm_rate"] = 1 - metrics.recall_score(labels, alerts, pos_label=False, **options)
        hits = found["recall"] * 0.001
        among = hits + found["false_alarm_rate"] * 0.999
        found["base_rate_precision"] = hits / among if among > 0 else None
        if labels.any():
            test = stats.binomtest(int((labels & alerts).sum()), int(labels.sum()))
            found["recall_low"], found["recall_high"] = test.proportion_ci(0.95, "wilson")
    b, c = int(((alerts == labels) & (rivals != labels)).sum()), int(((alerts != labels) & (rivals == labels)).sum())
    found["mcnemar_exact"] = stats.binomtest(b, b + c).pvalue if b + c else 1.0
    statistic = max(abs(b - c) - 1, 0) ** 2 / (b + c) if b + c else None
    found["mcnemar_statistic"] = statistic
    found["mcnemar_corrected"] = None if statistic is None else stats.chi2.sf(statistic, 1)
    return found


def mcc(actual, predicted):
    """scikit-learn says 0 where it is undefined."""
    constant = len(np.unique(actual)) < 2 or len(np.unique(predicted)) < 2
    return None if constant else metrics.matthews_corrcoef(actual, predicted)


def classes(actual, predicted):
    names = ["macro_precision", "macro_recall", "macro_f1", "weighted_precision", "weighted_recall", "weighted_f1"]
    found = dict.fromkeys([*names, "classes_mcc", "classes_balanced_accuracy"])
    found["classes_counts"] = np.array([])
    if len(actual) == 0:
        return found
    each = metrics.precision_recall_fscore_support(actual, predicted, zero_division=np.nan)
    found["classes_counts"] = metrics.confusion_matrix(actual, predicted).ravel()
    for name, values in zip(["precision", "recall", "f1"], each, strict=False):
        average = {"zero_division": np.nan, "average": "macro"}
        score = getattr(metrics, f"{name}_score")
        # Undefined as soon as one class is.
        found[f"macro_{name}"] = score(actual, predicted, **average) if np.isfinite(values).all() else None
        average["average"] = "weighted"
        weighted = np.isfinite(values[each[3] > 0]).all()
        found[f"weighted_{name}"] = score(actual, predicted, **average) if weighted else None
    found["classes_mcc"] = mcc(actual, predicted)
    found["classes_balanced_accuracy"] = metrics.balanced_accuracy_score(actual, predicted)
    return found


def calibration(labels, probabilities):
    found = {"brier": metrics.brier_score_loss(labels, probabilities, pos_label=True) if len(labels) else None}
    for name, strategy, bins in [("width", "uniform", 10), ("rows", "quantile", 5)]:
        observed, stated, rows = np.array([]), np.array([]), np.array([])
        if len(labels):
            options = {"n_bins": bins, "strategy": strategy, "pos_label": True}
            observed, stated = calibration_curve(labels, probabilities, **options)
            steps = np.linspace(0, 1, bins + 1)
            edges = steps if strategy == "uniform" else np.percentile(probabilities, steps * 100)
            rows = np.bincount(np.searchsorted(edges[1:-1], probabilities), minlength=bins)
            rows = rows[rows > 0]
        found[f"stated_{name}"], found[f"observed_{name}"] = stated, observed
        gaps = np.abs(np.asarray(stated) - observed)
        found[f"calibration_{name}"] = (gaps * rows).sum() / rows.sum() if len(rows) else None
        found[f"worst_calibration_{name}"] = gaps.max() if len(rows) else None
    return found


def expected(case):
    labels, scores, rivals = case["labels"], case["scores"], case["rivals"]
    alerts, others = scores >= case["threshold"][0], rivals >= case["threshold"][0]
    return (
        curves(labels, scores)
        | intervals(labels, scores, rivals)
        | binary(labels, alerts, others)
        | classes(case["actual"], case["predicted"])
        | calibration(labels, case["probabilities"])
    )


def written(case):
    def text(value):
        return str(value).lower() if isinstance(value, (bool, np.bool_)) else repr(value.item())

    return "".join(f"{name} {' '.join(map(text, values))}\n" for name, values in case.items()) + "\n"


def answers(text):
    for block in text.split("\n\n"):
        lines = [line.split(" ") for line in block.splitlines() if line]
        if lines:
            yield {name: None if values == ["none"] else [float(value) for value in values] for name, *values in lines}


def distance(ours, theirs):
    """Greatest difference, relative beyond 1; infinite where one is undefined or they differ in number."""
    values = [number(theirs)] if np.ndim(theirs) == 0 else [float(value) for value in theirs]
    if ours is None or values == [None]:
        return 0.0 if ours is None and values == [None] else np.inf
    if len(ours) != len(values):
        return np.inf
    return max((abs(a - b) / max(1, abs(b)) for a, b in zip(ours, values, strict=True)), default=0.0)


def main():
    program, *rest = sys.argv[1:]
    count = int(rest[0]) if rest else 1000
    seed = int(rest[1]) if len(rest) > 1 else 42
    warnings.simplefilter("ignore")
    made = list(cases(count, seed))
    run = subprocess.run([program], input="".join(map(written, made)), capture_output=True, text=True, check=True)
    greatest, compared, undefined, wrong = defaultdict(float), defaultdict(int), defaultdict(int), []
    found = list(answers(run.stdout))
    if len(found) != len(made):
        sys.exit(f"{len(found)} answers to {len(made)} cases")
    for index, (case, ours) in enumerate(zip(made, found, strict=True)):
        theirs = {name: value for name, value in expected(case).items() if value is not Ellipsis}
        for name, value in theirs.items():
            if name not in ours:
                sys.exit(f"no metric {name}")
            apart = distance(ours[name], value)
            greatest[name] = max(greatest[name], apart)
            compared[name] += 1
            undefined[name] += ours[name] is None
            if apart > LIMIT:
                wrong.append(f"case {index}, {len(case['labels'])} rows: {name} is {ours[name]}, not {value}")
    if unknown := set().union(*found) - set(compared):
        sys.exit(f"nothing to hold {sorted(unknown)} against")
    print(f"{len(made)} cases, seed {seed}, scikit-learn {sklearn.__version__}; greatest difference of each metric")
    for name in greatest:
        print(f"{name:28} {greatest[name]:9.2e}  in {compared[name]:5} cases, undefined in {undefined[name]}")
    print(f"greatest of all {max(greatest.values()):.2e}, limit {LIMIT:.0e}")
    if wrong:
        sys.exit("\n".join([*wrong[:20], f"{len(wrong)} differences"]))


if __name__ == "__main__":
    main()
