"""Measures how fast one engine takes files in, and prints it as JSON.

usage: load.py ENGINE PROFILES EVENTS --threads N --repeat N

Files are CSV or JSON lines, as their names end. Rows are typed and end in the engine's own tables:
DuckDB's and ClickHouse's on disk, Polars' in memory. Instants stay as the engine's reader finds them.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time


def with_duckdb(files, threads, folder):
    import duckdb

    path = os.path.join(folder, "duck.db")
    if os.path.exists(path):
        os.remove(path)
    connection = duckdb.connect(path, config={"threads": threads})
    for name, file in files.items():
        reader = "read_csv" if file.endswith(".csv") else "read_json"
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {reader}('{file}')")
    connection.execute("CHECKPOINT")
    rows = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in files]
    connection.close()
    return sum(rows), duckdb.__version__


def with_polars(files, threads, folder):
    import polars as pl

    rows = 0
    for file in files.values():
        scan = pl.scan_csv if file.endswith(".csv") else pl.scan_ndjson
        options = {"try_parse_dates": True} if file.endswith(".csv") else {}
        options["infer_schema_length"] = 10_000
        rows += scan(file, **options).collect(engine="streaming").height
    return rows, pl.__version__


def with_clickhouse(files, threads, folder):
    import chdb
    from chdb import session

    with tempfile.TemporaryDirectory(dir=folder) as data:
        client = session.Session(data)
        rows = 0
        for name, file in files.items():
            form = "CSVWithNames" if file.endswith(".csv") else "JSONEachRow"
            client.query(
                f"CREATE TABLE default.{name} ENGINE = MergeTree ORDER BY tuple()"
                f" SETTINGS allow_nullable_key = 1 AS SELECT * FROM file('{file}', {form})"
                f" SETTINGS max_threads = {threads}, max_insert_threads = {threads}"
            )
            count = client.query(f"SELECT count() FROM default.{name}", "TabSeparated").bytes()
            rows += int(count)
        client.close()
        return rows, chdb.__version__


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=["duckdb", "polars", "clickhouse"])
    parser.add_argument("profiles")
    parser.add_argument("events")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    files = {"profiles": options.profiles, "events": options.events}
    run = globals()[f"with_{options.engine}"]
    seconds, busy = [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.repeat):
            started, used = time.perf_counter(), time.process_time()
            rows, version = run(files, options.threads, folder)
            seconds.append(time.perf_counter() - started)
            busy.append(time.process_time() - used)
    json.dump(
        {
            "version": version,
            "rows": rows,
            "seconds": seconds,
            "best": min(seconds),
            "processorSeconds": min(busy),
            "peakMemoryMB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
