"""The generated rows as a peer may like them best: numbers for customers, no text it never reads."""

import os
import sys

import polars as pl
import rules

KINDS = ["profiles", "events"]


def name(field):
    """A column name without dots, which every engine takes as it is."""
    return field.replace(".", "_").lstrip("_")


def read(folder):
    """Profiles and events of a folder; `pid` is a customer's row among the profiles."""
    return tuple(pl.read_parquet(f"{folder}/peers-{kind}.parquet") for kind in KINDS)


def prepare(folder):
    """Writes the tables of a folder of CSV files beside them, once for all engines."""
    if not all(os.path.exists(f"{folder}/peers-{kind}.parquet") for kind in KINDS):
        for kind, frame in zip(KINDS, parse(folder)):
            frame.write_parquet(f"{folder}/peers-{kind}.parquet")


def parse(folder):
    profiles = pl.read_csv(
        f"{folder}/profiles*.csv",
        columns=["_id"] + rules.PROFILE_TEXTS + rules.PROFILE_NUMBERS + rules.PROFILE_TIMES,
        schema_overrides={field: pl.Float64 for field in rules.PROFILE_NUMBERS},
    )
    events = pl.read_csv(
        f"{folder}/events*.csv",
        columns=["profileID", "timestamp", "eventType"] + rules.EVENT_TEXTS + rules.EVENT_NUMBERS,
        schema_overrides={field: pl.Float64 for field in rules.EVENT_NUMBERS},
    )
    keys = profiles.select("_id", pid=pl.int_range(pl.len(), dtype=pl.Int32))
    instant = "%Y-%m-%dT%H:%M:%S%.3fZ"
    profiles = profiles.with_columns(
        pl.col("_repo.createDate").str.to_datetime(instant, time_unit="ms"),
        pl.col("loyalty.joinDate").str.to_date("%Y-%m-%d").cast(pl.Datetime("ms")),
    )
    profiles = profiles.with_columns(keys["pid"]).drop("_id")
    events = (
        events.with_columns(pl.col("timestamp").str.to_datetime(instant, time_unit="ms"))
        .join(keys, left_on="profileID", right_on="_id", maintain_order="left")
        .drop("profileID")
        .rename({"timestamp": "ts"})
    )
    return profiles.rename(name), events.rename(name)


if __name__ == "__main__":
    prepare(sys.argv[1])
