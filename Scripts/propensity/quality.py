"""Holds models of public data sets against LightGBM's on the same hold-out rows, and prints a table.

usage: quality.py --covey PROGRAM --data FOLDER [--seeds N] [--only NAME]
"""

import argparse
import csv
import gzip
import hashlib
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

#: One row in so many is held out.
PARTS = 5


class DataSet:
    """Rows as text cells, with what is learned from them."""

    def __init__(self, name, path, delimiter=","):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter=delimiter))
        self.name = name
        self.rows = [{field: value.strip() for field, value in row.items()} for row in rows]
        self.keys = [f"row-{number}" for number in range(len(rows))]
        self.labels = []

    def learn(self, field, positive, without=(), codes=()):
        """Takes the label from a field; leaves some out, and marks numbers that are codes as text."""
        self.labels = [row[field] == positive for row in self.rows]
        dropped = {field, *without}
        self.rows = [
            {
                name: f"code {value}" if name in codes else value
                for name, value in row.items() if name not in dropped
            }
            for row in self.rows
        ]
        return self

    @property
    def fields(self):
        return list(self.rows[0])

    def is_held_out(self, index, seed):
        digest = hashlib.sha256(f"{seed}:{self.keys[index]}".encode()).digest()
        return int.from_bytes(digest[:8], "little") % PARTS == 0

    def write(self, path, indices):
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["_id", *self.fields, "reached"])
            for index in indices:
                label = "yes" if self.labels[index] else "no"
                writer.writerow([self.keys[index], *self.rows[index].values(), label])


def data_sets(folder):
    yield DataSet("telco-churn", folder / "telco-churn/telco-customer-churn.csv.gz").learn(
        "Churn", "Yes", without=["customerID"]
    )
    yield DataSet("bank-churn-10k", folder / "bank-churn-10k/churn-modelling.csv.gz").learn(
        "Exited", "1", without=["RowNumber", "CustomerId", "Surname"]
    )
    yield DataSet(
        "bank-churn-10k, surnames too", folder / "bank-churn-10k/churn-modelling.csv.gz"
    ).learn("Exited", "1", without=["RowNumber", "CustomerId"])
    yield DataSet("online-shoppers", folder / "online-shoppers/online-shoppers.csv.gz").learn(
        "Revenue", "TRUE", codes=["OperatingSystems", "Browser", "Region", "TrafficType"]
    )
    yield DataSet("bank-marketing", folder / "bank-marketing/bank-full.csv.gz", ";").learn(
        "y", "yes", without=["duration"]
    )


def of_covey(options, data, train, test, folder):
    """Margins and probabilities of the rows that were held out."""
    data.write(folder / "train.csv", train)
    data.write(folder / "test.csv", test)
    goal = {"name": "reached", "type": "conversion", "goal": 'reached = "yes"'}
    (folder / "instance.json").write_text(json.dumps(goal))
    run(
        options.covey, "propensity", "train", "--profiles", folder / "train.csv", "--instance",
        folder / "instance.json", "--output", folder / "out", "--as-of", "2026-01-01",
    )
    scores = run(
        options.covey, "propensity", "score", "--model", folder / "out/model", "--profiles",
        folder / "test.csv", "--raw", "--as-of", "2026-01-01",
    )
    found = {row["profile"]: row for row in csv.DictReader(scores.splitlines())}
    rows = [found[data.keys[index]] for index in test]
    return [float(row["margin"]) for row in rows], [float(row["probability"]) for row in rows]


def run(*words):
    words = [str(word) for word in words]
    result = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"bench: failed: {' '.join(words)}")
    return result.stdout


def of_lightgbm(data, train, test):
    """Probabilities of the rows that were held out, by its usual settings; texts are categories."""
    import lightgbm
    import numpy

    columns, categories = [], []
    for number, field in enumerate(data.fields):
        cells = [row[field] for row in data.rows]
        try:
            columns.append([float(cell) if cell else math.nan for cell in cells])
        except ValueError:
            codes = {value: code for code, value in enumerate(sorted(set(cells)))}
            columns.append([codes[cell] for cell in cells])
            categories.append(number)
    rows = numpy.array(columns, dtype=float).T
    labels = numpy.array(data.labels, dtype=float)
    settings = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.1, "verbose": -1}
    training = lightgbm.Dataset(rows[train], labels[train], categorical_feature=categories)
    return lightgbm.train(settings, training, 100).predict(rows[test]).tolist()


def area(scores, labels):
    """The chance that a positive row's score is above a negative one's, ties counted half."""
    order = sorted(range(len(scores)), key=scores.__getitem__)
    ranks, start = 0.0, 0
    while start < len(order):
        end = start
        while end < len(order) and scores[order[end]] == scores[order[start]]:
            end += 1
        ranks += (start + end + 1) / 2 * sum(labels[row] for row in order[start:end])
        start = end
    positives = sum(labels)
    return (ranks - positives * (positives + 1) / 2) / (positives * (len(labels) - positives))


def log_loss(probabilities, labels):
    def loss(probability, label):
        return -math.log(min(max(probability if label else 1 - probability, 1e-15), 1 - 1e-15))

    return sum(map(loss, probabilities, labels)) / len(labels)


def measure(options, data):
    """Means over the seeds: areas under the curve and log losses, Covey's before LightGBM's."""
    sums = [0.0] * 4
    for seed in range(options.seeds):
        train = [row for row in range(len(data.rows)) if not data.is_held_out(row, seed)]
        test = [row for row in range(len(data.rows)) if data.is_held_out(row, seed)]
        labels = [data.labels[row] for row in test]
        with tempfile.TemporaryDirectory(prefix="covey-quality.") as folder:
            margins, ours = of_covey(options, data, train, test, Path(folder))
        theirs = of_lightgbm(data, train, test)
        figures = area(margins, labels), area(theirs, labels)
        figures += log_loss(ours, labels), log_loss(theirs, labels)
        sums = [total + figure for total, figure in zip(sums, figures)]
        print(f"  {data.name}, seed {seed}: " + ", ".join(map("{:.4f}".format, figures)),
              file=sys.stderr, flush=True)
    return [total / options.seeds for total in sums]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--covey", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only")
    options = parser.parse_args()
    print("| hold-out rows of | AUC, Covey | LightGBM | difference | log loss, Covey | LightGBM |"
          " ratio |\n| --- |" + " ---: |" * 6)
    for data in data_sets(options.data):
        if options.only and options.only != data.name:
            continue
        ours, theirs, loss, other = measure(options, data)
        print(f"| {data.name} | {ours:.4f} | {theirs:.4f} | {ours - theirs:+.4f} | {loss:.4f} |"
              f" {other:.4f} | {loss / other:.3f} |", flush=True)


if __name__ == "__main__":
    main()
