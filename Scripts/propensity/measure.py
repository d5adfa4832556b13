"""Trains and uses one library's trees on the rows that `covey bench propensity --write` kept.

usage: measure.py LIBRARY FILE --rows N --features N --trees N --leaves N --threads N --repeat N
       [--model FILE]   a model of Covey's to hold against the margins beside it
"""

import argparse
import json
import resource
import sys
import time


def timed(repeat, body):
    """The best of some runs, after one that warms up where there are several."""
    seconds = []
    for _ in range(repeat + (1 if repeat > 1 else 0)):
        started = time.perf_counter()
        result = body()
        seconds.append(time.perf_counter() - started)
    return min(seconds[1:] or seconds), result


def lightgbm(rows, labels, options):
    import lightgbm

    quiet = {"verbose": -1, "num_threads": options.threads}
    settings = quiet | {
        "objective": "binary", "num_leaves": options.leaves, "learning_rate": 0.1,
    }
    binned, data = timed(
        options.repeat, lambda: lightgbm.Dataset(rows, labels, params=quiet).construct()
    )
    trained, model = timed(options.repeat, lambda: lightgbm.train(settings, data, options.trees))
    some, few = rows[: 200_000], rows[: 5_000]
    scored, _ = timed(options.repeat, lambda: model.predict(some, raw_score=True))
    explained, _ = timed(1, lambda: model.predict(few, pred_contrib=True))
    report = {
        "name": f"LightGBM {lightgbm.__version__}", "binSeconds": binned, "trainSeconds": trained,
        "scoreRowsPerSecond": len(some) / scored, "explainRowsPerSecond": len(few) / explained,
    }
    if options.model:
        report |= differences(lightgbm.Booster(model_file=options.model), rows, options)
    return report


def differences(model, rows, options):
    """How far its margins and contributions are from Covey's, for a model that Covey has exported."""
    import numpy

    kept = numpy.fromfile(f"{options.model}.margins", dtype="<f8")
    kept = kept.reshape(-1, options.features + 1)
    rows = rows[: len(kept)]
    margins = model.predict(rows, raw_score=True) - kept[:, 0]
    contributions = model.predict(rows, pred_contrib=True)[:, :-1] - kept[:, 1:]
    return {
        "marginDifference": float(abs(margins).max()),
        "contributionDifference": float(abs(contributions).max()),
    }


def xgboost(rows, labels, options):
    import xgboost

    settings = {
        "objective": "binary:logistic", "max_leaves": options.leaves, "max_depth": 0, "eta": 0.1,
        "grow_policy": "lossguide", "tree_method": "hist", "nthread": options.threads,
    }
    binned, data = timed(
        options.repeat, lambda: xgboost.QuantileDMatrix(rows, labels, nthread=options.threads)
    )
    trained, model = timed(
        options.repeat, lambda: xgboost.train(settings, data, options.trees)
    )
    some, few = rows[: 500_000], xgboost.DMatrix(rows[: 5_000], nthread=options.threads)
    scored, _ = timed(
        options.repeat, lambda: model.inplace_predict(some, predict_type="margin")
    )
    explained, _ = timed(1, lambda: model.predict(few, pred_contribs=True))
    return {
        "name": f"XGBoost {xgboost.__version__}", "binSeconds": binned, "trainSeconds": trained,
        "scoreRowsPerSecond": len(some) / scored, "explainRowsPerSecond": 5_000 / explained,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library", choices=["lightgbm", "xgboost"])
    parser.add_argument("file")
    for name in ("rows", "features", "trees", "leaves", "threads", "repeat"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--model")
    options = parser.parse_args()

    import numpy

    values = numpy.fromfile(options.file, dtype="<f8").reshape(options.features + 1, options.rows)
    rows, labels = values[:-1].T.copy(), values[-1].copy()
    del values
    report = {"lightgbm": lightgbm, "xgboost": xgboost}[options.library](rows, labels, options)
    report["peakMemoryMB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
