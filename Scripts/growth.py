"""Shows how the time of an evaluation grows with rows, with definitions and with threads.

Run it by `Scripts/bench growth`. Half and the whole of everything are measured in turn, round after
round, and of each the best run counts; it fails when a ratio is over its goal and `--strict` is given.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AS_OF = "2026-01-01T00:00:00Z"
EVENTS_OF_PROFILE = 10


def arguments():
    parser = argparse.ArgumentParser(prog="Scripts/bench growth", description=__doc__.split("\n")[0])
    parser.add_argument("--profiles", type=int, default=1_000_000, help="twice what half the rows are")
    parser.add_argument("--definitions", type=int, default=1_000, help="twice what half of them are")
    parser.add_argument("--threads", type=int, default=2, help="for rows and definitions")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=5, help="runs of a round")
    parser.add_argument("--covey", default=str(ROOT / ".build" / "covey"))
    parser.add_argument("--folder", help="keep files there, and take what is there")
    parser.add_argument("--strict", action="store_true", help="fail when a goal is missed")
    return parser.parse_args()


def generate(options, folder, profiles):
    """A folder of files with so many profiles, made once."""
    out = folder / f"rows-{profiles}"
    if not (out / "manifest.json").exists():
        print(f"growth: generating {profiles:,} profiles", file=sys.stderr, flush=True)
        words = [
            options.covey, "generate", "--profiles", profiles, "--events",
            profiles * EVENTS_OF_PROFILE, "--format", "csv", "--definitions", options.definitions,
            "--out", out,
        ]
        subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)
    return out


def evaluate(options, data, definitions, segments, threads):
    """The seconds of each run, compilation included."""
    words = [
        options.covey, "bench", "evaluate", "--profiles", data / "profiles.csv", "--events",
        data / "events.csv", "--event-key", "profileID", "--segments", segments / "mix.json",
        "--as-of", AS_OF, "--first", definitions, "--data", data / "loaded", "--threads", threads,
        "--repeat", options.repeat, "--json",
    ]
    result = subprocess.run(
        [str(word) for word in words], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(result.stdout)["totalSeconds"]


def main():
    options = arguments()
    temporary = tempfile.TemporaryDirectory(prefix="covey-growth.")
    folder = Path(options.folder or temporary.name)
    folder.mkdir(parents=True, exist_ok=True)
    whole = generate(options, folder, options.profiles)
    half = generate(options, folder, options.profiles // 2)
    all_of_them, some = options.definitions, options.definitions // 2
    # The same definitions for both sizes: those of the larger one's mix.
    cases = {
        "whole": (whole, all_of_them, whole, options.threads),
        "half the rows": (half, all_of_them, whole, options.threads),
        "half the definitions": (whole, some, whole, options.threads),
        "one thread": (whole, all_of_them, whole, 1),
        "two threads": (whole, all_of_them, whole, 2),
    }
    best = {}
    for _ in range(options.rounds):
        for name, case in cases.items():
            best[name] = min([*evaluate(options, *case), best.get(name, float("inf"))])
    goals = [
        ("twice the rows", best["whole"] / best["half the rows"], 2.1),
        ("twice the definitions", best["whole"] / best["half the definitions"], 2.1),
        ("two threads for one", best["two threads"] / best["one thread"], 0.6),
    ]
    print(f"{options.profiles:,} profiles, {options.definitions:,} definitions:")
    for name, seconds in best.items():
        print(f"  {name:<24}{seconds:8.3f} s")
    for name, ratio, goal in goals:
        print(f"  {name:<24}{ratio:8.2f} ×  (goal: at most {goal} ×)")
    if options.strict and any(ratio > goal for _, ratio, goal in goals):
        sys.exit("growth: a goal is missed")


if __name__ == "__main__":
    main()
