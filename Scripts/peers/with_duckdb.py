"""Rules in DuckDB."""

import functools
from concurrent.futures import ThreadPoolExecutor

import duckdb
import members
import numpy
import rules
import sql
import table

NAME = "DuckDB"
VERSION = duckdb.__version__


class Engine:
    """Holds native tables: profiles in the order of `pid`, events by type and time; texts as enums."""

    def __init__(self, profiles, events, threads):
        self.members = members.Members(profiles.height)
        self.threads = threads
        self.connection = duckdb.connect(config={"threads": threads})
        self.load("profiles", profiles, rules.PROFILE_TEXTS, "pid")
        self.load("events", events, rules.EVENT_TEXTS + ["eventType"], "eventType, ts")
        self.formulations = {
            "semi-joins": self.semi_joins,
            "shared leaves": functools.partial(self.shared_leaves, 1),
            "shared leaves, a query a thread": functools.partial(self.shared_leaves, threads),
        }

    def load(self, name, frame, texts, order):
        columns = {table.name(field) for field in texts}
        rows = frame.to_arrow()
        run = self.connection.execute
        self.connection.register("rows", rows)
        for column in columns:
            run(
                f'CREATE TYPE "{name}_{column}" AS ENUM (SELECT DISTINCT {column} FROM rows'
                f" WHERE {column} IS NOT NULL ORDER BY 1)"
            )
        casts = ", ".join(
            f'CAST({column} AS "{name}_{column}") AS {column}' if column in columns else column
            for column in frame.columns
        )
        run(f"CREATE TABLE {name} AS SELECT {casts} FROM rows ORDER BY {order}")
        self.connection.unregister("rows")

    def pids(self, query, connection=None):
        return (connection or self.connection).execute(query).fetchnumpy()["pid"]

    def array(self, query, connection=None):
        return self.members.of_pids(self.pids(query, connection))

    def semi_joins(self, wanted):
        texts, answers = {}, {}
        for name, part in wanted:
            texts[name] = sql.formula(part, texts)
            answers[name] = self.array(f"SELECT pid FROM profiles WHERE {texts[name]}")
        return answers

    def shared_leaves(self, threads, wanted):
        """Attributes in one pass over the profiles, a query for each of the other leaves."""
        found = rules.leaves(wanted)
        attributes = [leaf for leaf in found if leaf[0] == "attribute"]
        others = [leaf for leaf in found if leaf[0] != "attribute"]
        arrays = {}
        if attributes:
            columns = ", ".join(
                f"coalesce({sql.condition(leaf[1])}, false) AS c{index}"
                for index, leaf in enumerate(attributes)
            )
            rows = self.connection.execute(f"SELECT pid, {columns} FROM profiles").fetchnumpy()
            pids = numpy.asarray(rows["pid"])
            for index, leaf in enumerate(attributes):
                # Rows come in any order.
                arrays[leaf] = self.members.of_pids(pids[numpy.asarray(rows[f"c{index}"])])
        if threads == 1:
            for leaf in others:
                arrays[leaf] = self.array(sql.leaf(leaf))
        else:
            self.connection.execute("SET threads = 1")
            connections = [self.connection.cursor() for _ in range(threads)]

            def work(number):
                for leaf in others[number::threads]:
                    arrays[leaf] = self.array(sql.leaf(leaf), connections[number])

            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(work, range(threads)))
            self.connection.execute(f"SET threads = {threads}")
        return rules.combine(wanted, arrays)
