"""Holds churn models of CDNOW's customers against their recency and frequency alone, out of time.

usage: cdnow.py --covey PROGRAM --data FOLDER

The first model is that of the instance in the samples: what it learns from lies an outcome window
before the cut-off that it is tested at. The second one has the same settings and another question,
tested a quarter earlier, by which no setting was chosen. The baseline is the same learner with two
columns, counted here from the same purchases at the same cut-offs, and tested on the same customers.
"""

import argparse
import csv
import json
import tempfile
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

from quality import area, log_loss, run

# Weeks without a purchase, and what `now` is.
QUESTIONS = [(26, "1998-07-01T00:00:00Z"), (13, "1998-01-01T00:00:00Z")]


def purchases(path):
    """Times of each customer's purchases, ascending."""
    found = defaultdict(list)
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            time = datetime.fromisoformat(row["date"]).replace(tzinfo=timezone.utc)
            found[row["customer_id"]].append((time, float(row["quantity"])))
    return {customer: sorted(times) for customer, times in found.items()}


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def rows(customers, cut_off, window):
    """Key, recency in days, frequency, and whether nothing is bought in the window."""
    for customer, events in customers.items():
        before = [time for time, _ in events if time < cut_off]
        if not before or before[-1] < cut_off - timedelta(weeks=26):
            continue
        buys = any(cut_off <= time < cut_off + window and quantity > 0 for time, quantity in events)
        yield f"{customer}@{cut_off:%Y-%m-%d}", (cut_off - before[-1]).days, len(before), not buys


def write(path, table):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["_id", "recency", "frequency", "churns"])
        for key, recency, frequency, churns in table:
            writer.writerow([key, recency, frequency, "yes" if churns else "no"])


def calibration_error(probabilities, labels, groups=10):
    """Mean distance of predicted and actual rates over groups of equally many rows."""
    order = sorted(range(len(labels)), key=probabilities.__getitem__)
    error = 0.0
    for group in range(groups):
        part = order[group * len(order) // groups:(group + 1) * len(order) // groups]
        predicted = sum(probabilities[row] for row in part)
        error += abs(predicted - sum(labels[row] for row in part))
    return error / len(order)


def baseline(covey, folder, learned, tested, as_of):
    """What the learner says of the tested rows by recency and frequency."""
    write(folder / "learned.csv", learned)
    write(folder / "tested.csv", tested)
    goal = {"name": "baseline", "type": "churn", "goal": 'churns = "yes"'}
    (folder / "baseline.json").write_text(json.dumps(goal))
    run(
        covey, "propensity", "train", "--profiles", folder / "learned.csv", "--instance",
        folder / "baseline.json", "--as-of", as_of, "--output", folder / "baseline",
    )
    scores = run(
        covey, "propensity", "score", "--model", folder / "baseline/model", "--profiles",
        folder / "tested.csv", "--as-of", as_of,
    )
    found = {row["profile"]: float(row["probability"]) for row in csv.DictReader(scores.splitlines())}
    return [found[key] for key, *_ in tested]


def ask(covey, source, instance, weeks, as_of, folder):
    """Trains and tests both, and prints how they compare."""
    window = timedelta(weeks=weeks)
    (folder / "churn.json").write_text(json.dumps(instance | {"outcomeWindowDays": window.days}))
    run(
        covey, "propensity", "train", "--events", source, "--event-key", "customer_id",
        "--event-time", "date", "--instance", folder / "churn.json", "--as-of", as_of, "--output",
        folder / "model",
    )
    report = json.loads((folder / "model/report.json").read_text())
    test = report["outOfTime"]
    customers = purchases(source)
    learned = [
        row for cut_off in report["cutOffs"] for row in rows(customers, instant(cut_off), window)
    ]
    tested = list(rows(customers, instant(test["cutOff"]), window))
    # Both are about the same customers.
    assert len(learned) == report["rows"], (len(learned), report["rows"])
    assert len(tested) == test["quality"]["rows"], (len(tested), test["quality"]["rows"])
    probabilities = baseline(covey, folder, learned, tested, as_of)
    labels = [churns for *_, churns in tested]
    ours, held = test["quality"], report["quality"]
    print(
        f"No purchase in the next {weeks} weeks, {len(tested):,} customers of CDNOW at"
        f" {test['cutOff'][:10]}, learned from {len(learned):,} rows of"
        f" {', '.join(cut_off[:10] for cut_off in report['cutOffs'])}:\n"
    )
    print("| out of time | AUC | log loss | calibration error |\n| --- | ---: | ---: | ---: |")
    print(f"| {len(report['features'])} features | {ours['areaUnderCurve']:.4f} ±"
          f" {ours['areaStandardError']:.4f} | {ours['logLoss']:.4f} |"
          f" {ours['calibrationError']:.4f} |")
    print(f"| recency and frequency alone | {area(probabilities, labels):.4f} |"
          f" {log_loss(probabilities, labels):.4f} |"
          f" {calibration_error(probabilities, labels):.4f} |")
    print(f"\nOn hold-out rows of its own time the model has an area of"
          f" {held['areaUnderCurve']:.4f} and a calibration error of"
          f" {held['calibrationError']:.4f}.\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--covey", required=True)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    source = options.data / "cdnow/transactions.csv"
    instance = json.loads((options.data / "cdnow/churn.json").read_text())
    for weeks, as_of in QUESTIONS:
        with tempfile.TemporaryDirectory(prefix="covey-cdnow.") as folder:
            ask(options.covey, source, instance, weeks, as_of, Path(folder))


if __name__ == "__main__":
    main()
