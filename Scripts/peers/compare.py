"""Holds Covey against other engines on the same generated files and prints how they compare.

Run it by `Scripts/bench peers`; `Scripts/bench peers --help` tells the options.
"""

import argparse
import datetime
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = {
    "polars": ["polars"], "duckdb": ["duckdb", "pyarrow"], "clickhouse": ["chdb"], "numpy": ["numpy"],
}
AS_OF = "2026-01-01T00:00:00Z"
STANDARD = (1_000_000, 10_000_000)


def arguments():
    parser = argparse.ArgumentParser(prog="Scripts/bench peers", description=__doc__.split("\n")[0])
    parser.add_argument("--profiles", type=int, default=STANDARD[0])
    parser.add_argument("--events", type=int, default=STANDARD[1])
    parser.add_argument("--definitions", default="10,100,1000", help="how many, with commas between")
    parser.add_argument("--engines", default="polars,duckdb,clickhouse,numpy")
    parser.add_argument("--only", help="in the names of the formulations that are measured")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2, help="turns that everyone has")
    parser.add_argument("--repeat", type=int, default=5, help="runs that count, at least")
    parser.add_argument(
        "--seconds", type=float, default=10, help="what the runs of a formulation take, at least"
    )
    parser.add_argument("--limit", type=float, default=150, help="seconds for one formulation")
    parser.add_argument("--json-events", type=int, default=600_000, help="events of JSON lines")
    parser.add_argument("--skip-imports", action="store_true")
    parser.add_argument("--covey", default=str(HERE.parent.parent / ".build" / "covey"))
    parser.add_argument("--python", help="one with the engines, instead of a scratch environment")
    parser.add_argument("--folder", help="keep files there, and take what is there")
    parser.add_argument("--output", help="where the table is kept; Scripts/bench.md at full size")
    return parser.parse_args()


def tell(text):
    print(text, file=sys.stderr, flush=True)


def run(words):
    """The JSON that a program prints, or nothing when it fails."""
    words = [str(word) for word in words]
    result = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        tell(f"bench: failed: {' '.join(words)}")
        return None
    return json.loads(result.stdout)


def environment(folder, engines):
    """A Python, and those of the engines that are to be had for it."""
    path = Path(folder) / "python"
    python = path / "bin" / "python"
    if not python.exists():
        venv.create(path, with_pip=True)

    def are_to_be_had(packages):
        words = ["install", "--quiet", "--disable-pip-version-check", *packages]
        return subprocess.run([python, "-m", "pip", *words], check=False).returncode == 0

    # The scripts themselves need these two.
    if not are_to_be_had(["numpy", "polars"]):
        sys.exit("bench: 'numpy' and 'polars' are not to be had here")
    found = [engine for engine in engines if are_to_be_had(PACKAGES[engine])]
    for engine in engines:
        if engine not in found:
            tell(f"bench: '{engine}' is not to be had here; its figures are left out")
    return python, found


def generate(options, folder, form, events, definitions):
    out = Path(folder) / form
    if not (out / "manifest.json").exists():
        shutil.rmtree(out, ignore_errors=True)
        words = [
            options.covey, "generate", "--profiles", max(1, options.profiles * events // max(1, options.events)),
            "--events", events, "--format", form, "--definitions", definitions, "--out", out,
        ]
        subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)
    return out


def covey(options, folder, data, count, repeat, extra=()):
    words = [
        options.covey, "bench", "evaluate", "--profiles", data / "profiles.csv", "--events",
        data / "events.csv", "--event-key", "profileID", "--segments", data / "mix.json", "--as-of",
        AS_OF, "--first", count, "--data", Path(folder) / "covey", "--repeat", repeat,
        "--json", *extra,
    ]
    return run(words)


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def evaluate_covey(options, folder, data, count):
    """A report of Covey's, with the processors' time of one run."""
    threads = ["--threads", options.threads]
    first = covey(options, folder, data, count, 1, threads)
    if first is None:
        sys.exit("bench: covey failed")
    # What was written before goes to the disk now, and not beside the runs that count.
    os.sync()
    runs = enough(options, first["totalSecondsMin"])
    started = processor_seconds()
    covey(options, folder, data, count, 1, threads)
    between = processor_seconds()
    report = covey(options, folder, data, count, 1 + runs, threads)
    if report is None:
        sys.exit("bench: covey failed")
    # What is the same for one run and for several is not of the runs.
    busy = (processor_seconds() - between) - (between - started)
    report["processorSeconds"] = busy / runs
    return report


def turns(options):
    return "1 round" if options.rounds == 1 else f"{options.rounds} rounds"


def share(options, number):
    """A part for each round, none of them nothing."""
    return max(1, -(-number // options.rounds))


def enough(options, seconds):
    """How many runs of so many seconds give everyone the same time to find a quiet moment."""
    wanted = share(options, options.repeat)
    return min(100, max(wanted, round(options.seconds / options.rounds / seconds)))


def evaluate(options, folder, data, counts, engines, python):
    """Seconds by engine and number of definitions, and whether all answers agree.

    Seconds are a pair: of the best run, and of all processors together. Everyone has several turns,
    so that a slow quarter of an hour of the machine is nobody's alone.
    """
    table, facts, wanted = {}, {}, {}
    is_same = True
    for turn in range(options.rounds):
        tell(f"bench: round {turn + 1} of {options.rounds}")
        is_same &= measure_covey(options, folder, data, counts, table, facts, wanted)
        if turn == 0:
            subprocess.run([python, HERE / "table.py", data], check=True)
        for engine in engines:
            is_same &= measure_peer(options, data, counts, engine, python, table, facts, wanted)
    return table, facts, is_same


def keep(table, key, count, best, busy):
    """Notes what a turn measured, where it is better than what is known."""
    known = table.setdefault(key, {}).get(count, (best, busy))
    table[key][count] = (
        min(best, known[0]),
        None if busy is None or known[1] is None else min(busy, known[1]),
    )


def keep_facts(facts, name, version, memory):
    known = facts.get(name, {"peakMemoryMB": 0})
    facts[name] = {"version": version, "peakMemoryMB": max(memory, known["peakMemoryMB"])}


def measure_covey(options, folder, data, counts, table, facts, wanted):
    """Whether the cluster's answers are those of the evaluator alone."""
    alone, cluster = ("Covey", "one program, compiled each time"), ("Covey", "whole cluster, 2 workers")
    for count in counts:
        report = evaluate_covey(options, folder, data, count)
        wanted[count] = report["counts"]
        best, busy = report["totalSecondsMin"], report["processorSeconds"]
        keep(table, alone, count, best, busy)
        keep_facts(facts, "Covey", "this tree", report["peakMemoryMB"])
        tell(f"  Covey, {count}: {best:.4f} s, {busy:.4f} s of processors")
    count = max(counts)
    runs = enough(options, table[alone][count][0])
    report = covey(options, folder, data, count, runs, ["--through-cluster", "--workers", 2])
    if report is None:
        sys.exit("bench: covey's cluster failed")
    keep(table, cluster, count, report["evaluateSecondsMin"], None)
    keep_facts(facts, "Covey's cluster", "this tree", report["peakMemoryMB"])
    tell(f"  Covey's cluster, {count}: {report['evaluateSecondsMin']:.4f} s")
    return agrees("Covey's cluster", report["counts"], wanted[count])


def measure_peer(options, data, counts, engine, python, table, facts, wanted):
    """Whether all its answers are Covey's."""
    report = run(
        [
            python, HERE / "measure.py", engine, data, "--counts", ",".join(map(str, counts)),
            "--threads", options.threads, "--repeat", share(options, options.repeat),
            "--limit", options.limit, "--seconds", options.seconds / options.rounds,
            *(["--only", options.only] if options.only else []),
        ]
    )
    if report is None:
        sys.exit(f"bench: '{engine}' failed")
    name, same = report["engine"], True
    for each in report["runs"]:
        count = each["definitions"]
        keep(table, (name, each["formulation"]), count, each["best"], each["processorSeconds"])
        same &= agrees(f"{name}, {each['formulation']}, {count}", each["counts"], wanted[count])
    keep_facts(facts, name, report["version"], report["peakMemoryMB"])
    return same


def agrees(name, counts, wanted):
    different = [id for id in wanted if counts.get(id) != wanted[id]]
    for id in different[:5]:
        tell(f"bench: {name}: '{id}' has {counts.get(id)} members, Covey found {wanted[id]}")
    return not different


def imports(options, folder, engines, python, data, lines):
    """Best seconds of taking files in, by engine and kind of file."""
    rows = []
    for form, path in (("csv", data), ("jsonl", lines)):
        files = [path / f"profiles.{form}", path / f"events.{form}"]
        size = sum(file.stat().st_size for file in files) / 1e6
        report = run(
            [
                options.covey, "bench", "import", "--profiles", files[0], "--events", files[1],
                "--event-key", "profileID", "--repeat", 2, "--json",
            ]
        )
        if report:
            rows.append((form, size, "Covey, durable, 2 workers", report["importSecondsMin"], report))
        report = run(
            [
                options.covey, "bench", "scan", "--profiles", files[0], "--events", files[1],
                "--event-key", "profileID", "--repeat", 2, "--json",
            ]
        )
        if report:
            rows.append((form, size, "Covey, scanned and typed", report["scanSecondsMin"], report))
        for engine in engines:
            if engine == "numpy":
                continue
            report = run(
                [python, HERE / "load.py", engine, *files, "--threads", options.threads, "--repeat", 2]
            )
            if report:
                name = {"duckdb": "DuckDB, on disk", "clickhouse": "ClickHouse, MergeTree"}
                rows.append((form, size, name.get(engine, "Polars, in memory"), report["best"], report))
    return rows


def machine():
    name = platform.processor()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{name}, {os.cpu_count()} processors, {memory:.0f} GB of memory, load averages {load}"


def report(options, counts, loads, table, facts, rows):
    lines = [
        "# Covey beside other engines",
        "",
        f"By `Scripts/bench peers` on {datetime.date.today()}: {options.profiles:,} profiles,"
        f" {options.events:,} events, {options.threads} threads, data loaded, best of all runs"
        f" after a warm-up, of which there were at least {options.repeat} and for at least"
        f" {options.seconds:g} seconds, in {turns(options)}; the result is the set of all members of every definition."
        " Machine:",
        "",
        f"- at the start: {loads[0]}",
        f"- at the end: {loads[1]}",
        "",
        "Seconds of the best run; Covey's include compiling, and behind the others is how often they"
        " are Covey's:",
        "",
        *rows_of(table, counts, 0),
        "",
        "Seconds that all processors worked, which other processes on the machine disturb less:",
        "",
        *rows_of(table, counts, 1),
        "",
    ]
    for count in counts:
        engine, ratio, busy = best_peer(table, count)
        if engine:
            lines.append(
                f"- The best engine for {count:,} definitions, {engine}, takes {ratio:.1f} times"
                f" Covey's time, and {busy:.1f} times the processors'."
            )
    lines += ["", "Most memory while it ran:", ""]
    for engine, each in facts.items():
        lines.append(f"- {engine} {each['version']}: {each['peakMemoryMB']:,.0f} MB")
    if rows:
        lines += [
            "",
            "Taking files in, each with its profiles and events:",
            "",
            "| files | | seconds | MB/s | most memory, MB |",
            "| --- | --- | ---: | ---: | ---: |",
        ]
        for form, size, name, best, each in rows:
            lines.append(
                f"| {form}, {size:,.0f} MB | {name} | {best:.2f} | {size / best:,.0f} |"
                f" {each['peakMemoryMB']:,.0f} |"
            )
    return "\n".join(lines) + "\n"


def rows_of(table, counts, part):
    """A table of one part of the pairs, as Markdown."""
    ours = next(iter(table.values()))
    lines = [
        "| engine | formulation | " + " | ".join(f"N = {count:,}" for count in counts) + " |",
        "| --- | --- |" + " ---: |" * len(counts),
    ]
    for (engine, formulation), best in table.items():
        cells = []
        for count in counts:
            value = best.get(count, (None, None))[part]
            if value is None:
                cells.append("–")
            elif best is ours:
                cells.append(f"{value:.4f}")
            else:
                cells.append(f"{value:.3f} ({value / ours[count][part]:.1f} ×)")
        if any(cell != "–" for cell in cells):
            lines.append(f"| {engine} | {formulation} | " + " | ".join(cells) + " |")
    return lines


def best_peer(table, count):
    """The engine that is best beside Covey; what is written by hand is no engine."""
    ours = next(iter(table.values()))[count]
    peers = [
        (best[count], f"{key[0]} ({key[1]})")
        for key, best in table.items()
        if count in best and not key[0].startswith(("Covey", "numpy"))
    ]
    if not peers:
        return None, 0, 0
    wall = min(peers, key=lambda peer: peer[0][0])
    busy = min(peer[0][1] for peer in peers)
    return wall[1], wall[0][0] / ours[0], busy / ours[1]


def main():
    options = arguments()
    counts = sorted(int(word) for word in options.definitions.split(","))
    engines = [word for word in options.engines.split(",") if word]
    unknown = [engine for engine in engines if engine not in PACKAGES]
    if unknown:
        sys.exit(f"bench: unknown engine '{unknown[0]}'; known are {', '.join(PACKAGES)}")
    if not os.access(options.covey, os.X_OK):
        sys.exit(f"bench: '{options.covey}' is no program; make it by Scripts/build")
    folder = options.folder or tempfile.mkdtemp(prefix="covey-peers.")
    os.makedirs(folder, exist_ok=True)
    try:
        python = options.python
        if not python:
            python, engines = environment(folder, engines)
        data = generate(options, folder, "csv", options.events, max(counts))
        start = machine()
        table, facts, is_same = evaluate(options, folder, data, counts, engines, python)
        rows = []
        if not options.skip_imports:
            lines = generate(options, folder, "jsonl", options.json_events, max(counts))
            rows = imports(options, folder, engines, python, data, lines)
        text = report(options, counts, (start, machine()), table, facts, rows)
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)
    print(text, end="")
    is_standard = (options.profiles, options.events) == STANDARD
    output = options.output or (HERE.parent / "bench.md" if is_standard else None)
    if output:
        Path(output).write_text(text)
    if not is_same:
        sys.exit("bench: the answers are not the same")
    tell("bench: all answers are the same")


if __name__ == "__main__":
    main()
