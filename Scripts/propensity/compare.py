"""Holds Covey's models against LightGBM's and XGBoost's and prints how they compare.

Run it by `Scripts/bench propensity`; `Scripts/bench propensity --help` tells the options.
"""

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = ["lightgbm", "xgboost"]
# How far two libraries' margins of one model may be from each other.
TOLERANCE = 1e-9
# Fewer runs say little about what a cluster costs: half a second is a tenth of them.
CLUSTER_RUNS_MIN = 5
FIGURES = [
    ("binSeconds", "bins found, s"),
    ("trainSeconds", "trees grown, s"),
    ("bothSeconds", "bins and trees, s"),
    ("scoreRowsPerSecond", "rows scored a second"),
    ("explainRowsPerSecond", "rows explained a second (exact SHAP)"),
    ("oneRowMicroseconds", "one row scored and explained, µs"),
    ("peakMemoryMB", "most memory, MB"),
]


def arguments():
    parser = argparse.ArgumentParser(
        prog="Scripts/bench propensity", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--features", type=int, default=40)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--leaves", type=int, default=31)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=2, help="runs that count")
    parser.add_argument("--rounds", type=int, default=2, help="turns that everyone has")
    parser.add_argument("--seeds", type=int, default=5, help="divisions of each public data set")
    parser.add_argument("--skip-speed", action="store_true")
    parser.add_argument("--skip-cluster", action="store_true")
    parser.add_argument("--skip-quality", action="store_true")
    parser.add_argument("--covey", default=str(HERE.parent.parent / ".build" / "covey"))
    parser.add_argument("--python", help="one with the libraries, instead of a scratch environment")
    return parser.parse_args()


def tell(text):
    print(text, file=sys.stderr, flush=True)


def environment(folder):
    """A Python with the libraries that are to be had."""
    path = Path(folder) / "python"
    venv.create(path, with_pip=True)
    python = path / "bin" / "python"
    for package in ["numpy", "scipy", *PACKAGES]:
        install = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package],
            check=False,
        )
        if install.returncode != 0:
            tell(f"bench: '{package}' is not to be had here; its figures are left out")
    return python


def run(words):
    """The JSON that a program prints, or nothing when it fails."""
    words = [str(word) for word in words]
    result = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        tell(f"bench: failed: {' '.join(words)}")
        return None
    return json.loads(result.stdout)


def keep(table, name, report):
    """Notes a turn's figures where they are better than what is known."""
    known = table.setdefault(name, {})
    report["bothSeconds"] = report["binSeconds"] + report["trainSeconds"]
    for figure, _ in FIGURES:
        if figure not in report:
            continue
        best = max if figure.endswith("PerSecond") or figure == "peakMemoryMB" else min
        known[figure] = best(report[figure], known.get(figure, report[figure]))


def turn(options, python, file, table):
    shape = [
        "--rows", options.rows, "--features", options.features, "--trees", options.trees,
        "--leaves", options.leaves, "--threads", options.threads, "--repeat", options.repeat,
    ]
    model = file.with_suffix(".txt")
    report = run(
        [
            options.covey, "bench", "propensity", *shape, "--write", file, "--export", model,
            "--json",
        ]
    )
    if report is None:
        sys.exit("bench: covey failed")
    report |= {"binSeconds": report["binSecondsMin"], "trainSeconds": report["trainSecondsMin"]}
    keep(table, "Covey", report)
    for library in PACKAGES:
        words = ["--model", model] if library == "lightgbm" else []
        report = run([python, HERE / "measure.py", library, file, *shape, *words])
        if report:
            check(report)
            keep(table, report["name"], report)


def check(report):
    """Ends the run when a model of Covey's means something else to another library."""
    for figure in ("marginDifference", "contributionDifference"):
        if report.get(figure, 0) > TOLERANCE:
            sys.exit(f"bench: {figure} of an exported model in {report['name']}: {report[figure]}")


def rows_of(table):
    """The figures as Markdown, with how often they are Covey's."""
    ours = table["Covey"]
    lines = ["| | " + " | ".join(table) + " |", "| --- |" + " ---: |" * len(table)]
    for figure, label in FIGURES:
        cells = []
        for name, known in table.items():
            value = known.get(figure)
            if value is None:
                cells.append("–")
                continue
            text = f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
            if name != "Covey":
                text += f" ({value / ours[figure]:.2g} ×)"
            cells.append(text)
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return lines


def main():
    options = arguments()
    if not os.access(options.covey, os.X_OK):
        sys.exit(f"bench: '{options.covey}' is no program; make it by Scripts/build")
    with tempfile.TemporaryDirectory(prefix="covey-propensity.") as folder:
        python = options.python or environment(folder)
        if not options.skip_speed:
            print_speed(options, python, Path(folder))
        if not options.skip_cluster:
            print_cluster(options)
        if not options.skip_quality:
            print_quality(options, python)


def print_speed(options, python, folder):
    table = {}
    for number in range(options.rounds):
        tell(f"bench: round {number + 1} of {options.rounds}")
        turn(options, python, folder / "rows.bin", table)
    print(
        f"By `Scripts/bench propensity` on {datetime.date.today()}: {options.rows:,} rows of"
        f" {options.features} features, {options.trees} trees of {options.leaves} leaves at most,"
        f" {options.threads} threads, rounds: {options.rounds}, the best counts; behind the others is how"
        " often their figure is Covey's.\n"
    )
    print("\n".join(rows_of(table)), flush=True)


def print_cluster(options):
    """What it costs that rows lie with workers: the same trees grown here and by clusters."""
    runs = max(options.repeat, CLUSTER_RUNS_MIN)
    print(
        f"\nTrees on {options.rows:,} rows of {options.features} features, in one process of"
        f" {options.threads} threads and by clusters on the same processors, by turns: the best of"
        f" {runs}, and the overhead in the middle of the runs one after the other.\n"
    )
    print("| workers | here, s | cluster, s | overhead | whole job, s |")
    print("| ---: | ---: | ---: | ---: | ---: |", flush=True)
    for workers in (1, 2, 4):
        report = run(
            [
                options.covey, "bench", "propensity", "--through-cluster", "--workers", workers,
                "--rows", options.rows, "--features", options.features, "--trees", options.trees,
                "--leaves", options.leaves, "--threads", options.threads, "--repeat",
                runs, "--json",
            ]
        )
        if report is None:
            sys.exit("bench: covey failed")
        print(
            f"| {workers} | {report['trainSecondsMin']:.2f} | {report['clusterTrainSecondsMin']:.2f}"
            f" | {100 * report['overhead']:.0f} % | {report['clusterJobSecondsMin']:.2f} |",
            flush=True,
        )


def print_quality(options, python):
    """Models of public data sets, each trained by a cluster of its own."""
    print(
        f"\nMeans over {options.seeds} divisions, a fifth of the rows held out; both with their"
        " usual settings, LightGBM with 100 trees of 31 leaves and a learning rate of 0.1.\n",
        flush=True,
    )
    words = [
        python, HERE / "quality.py", "--covey", options.covey, "--data",
        HERE.parent.parent / "cluster" / "samples", "--seeds", options.seeds,
    ]
    if subprocess.run([str(word) for word in words], check=False).returncode != 0:
        sys.exit("bench: the quality of models could not be measured")
    print(flush=True)
    words = [
        python, HERE / "cdnow.py", "--covey", options.covey, "--data",
        HERE.parent.parent / "cluster" / "samples",
    ]
    if subprocess.run([str(word) for word in words], check=False).returncode != 0:
        sys.exit("bench: the out-of-time test could not be measured")


if __name__ == "__main__":
    main()
