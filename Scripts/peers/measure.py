"""Measures one engine on generated files and prints what it found as JSON.

usage: measure.py ENGINE FOLDER --counts N,N --threads N --repeat N --seconds S
"""

import argparse
import importlib
import json
import resource
import sys
import time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("engine")
    parser.add_argument("folder")
    parser.add_argument("--counts", default="10,100,1000")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0, help="that all runs take, at least")
    parser.add_argument("--limit", type=float, default=150, help="seconds that one run may take")
    parser.add_argument("--only", help="in the names of formulations to measure")
    options = parser.parse_args()

    import members
    import rules
    import table

    module = importlib.import_module(f"with_{options.engine}")
    started = time.perf_counter()
    engine = module.Engine(*table.read(options.folder), options.threads)
    loaded = time.perf_counter() - started
    report = {
        "engine": module.NAME,
        "version": module.VERSION,
        "loadSeconds": loaded,
        "runs": [],
    }
    for name, run in engine.formulations.items():
        if options.only and options.only not in name:
            continue
        last = None
        for count in map(int, options.counts.split(",")):
            wanted = rules.load(f"{options.folder}/mix-rules.json", count)
            # A formulation that would take too long for more rules is left out.
            if last and last[1] * count / last[0] > options.limit:
                break
            seconds, busy = [], []
            for number in range(101):
                started, used = time.perf_counter(), time.process_time()
                answers = run(wanted)
                seconds.append(time.perf_counter() - started)
                busy.append(time.process_time() - used)
                if sum(seconds) > options.limit:
                    break
                if number >= options.repeat and sum(seconds[1:]) >= options.seconds:
                    break
            # The first run warms up, where there is more than one.
            best = min(seconds[1:] or seconds)
            last = (count, best)
            report["runs"].append(
                {
                    "formulation": name,
                    "definitions": count,
                    "leaves": len(rules.leaves(wanted)),
                    "seconds": seconds,
                    "best": best,
                    "processorSeconds": min(busy),
                    "counts": {each: members.count(answer) for each, answer in answers.items()},
                }
            )
            print(
                f"  {module.NAME}, {name}, {count}: {best:.3f} s,"
                f" {min(busy):.3f} s of processors",
                file=sys.stderr,
                flush=True,
            )
    report["peakMemoryMB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
