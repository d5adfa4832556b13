"""The generated rows as a peer may like them best: numbers for customers, no text it never reads."""

import os
import sys

import polars as pl
import rules

KINDS = ["profiles", "events"]
INSTANT = "%Y-%m-%dT%H:%M:%S%.3fZ"


def name(field):
    """A column name without dots, which every engine takes as it is."""
    return field.replace(".", "_").lstrip("_")


def read(folder):
    """Profiles and events of a folder; `pid` is a customer's row among the profiles."""
    return tuple(pl.read_parquet(f"{folder}/peers-{kind}.parquet") for kind in KINDS)


def prepare(folder):
    """Writes the tables of a folder of CSV files beside them, once for all engines.

    Rows stream from file to file, since those of a large run are more than memory holds as text.
    """
    if all(os.path.exists(f"{folder}/peers-{kind}.parquet") for kind in KINDS):
        return
    for kind, frame in zip(KINDS, (profiles(folder), events(folder))):
        path = f"{folder}/peers-{kind}.parquet"
        frame.rename(name).sink_parquet(path + ".partial")
        os.replace(path + ".partial", path)


def profiles(folder):
    texts = rules.PROFILE_TEXTS
    frame = scan(folder, "profiles", texts, rules.PROFILE_NUMBERS, rules.PROFILE_TIMES)
    return frame.with_columns(
        pl.col("_repo.createDate").str.to_datetime(INSTANT, time_unit="ms"),
        pl.col("loyalty.joinDate").str.to_date("%Y-%m-%d").cast(pl.Datetime("ms")),
        pid=pl.int_range(pl.len(), dtype=pl.Int32),
    )


def events(folder):
    texts = ["eventType"] + rules.EVENT_TEXTS
    frame = scan(folder, "events", texts, rules.EVENT_NUMBERS, ["profileID", "timestamp"])
    keys = pl.scan_csv(f"{folder}/profiles*.csv").select(
        "_id", pid=pl.int_range(pl.len(), dtype=pl.Int32)
    )
    return (
        frame.with_columns(pl.col("timestamp").str.to_datetime(INSTANT, time_unit="ms"))
        .join(keys, left_on="profileID", right_on="_id", how="left", maintain_order="left")
        .drop("profileID")
        .rename({"timestamp": "ts"})
    )


def scan(folder, kind, texts, numbers, others):
    """The wanted columns of a kind's files, texts as numbers of the values that there are."""
    rows = pl.scan_csv(
        f"{folder}/{kind}*.csv", schema_overrides={field: pl.Float64 for field in numbers}
    )
    values = pl.collect_all(
        [rows.select(pl.col(text).drop_nulls().unique().sort()) for text in texts],
        engine="streaming",
    )
    codes = {text: pl.Enum(frame[text]) for text, frame in zip(texts, values)}
    return rows.select(texts + numbers + others).cast(codes)


if __name__ == "__main__":
    prepare(sys.argv[1])
