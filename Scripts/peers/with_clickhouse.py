"""Rules in ClickHouse, as chdb embeds it."""

import os
import tempfile

import chdb
import members
import numpy
import rules
import sql
import table
from chdb import session

NAME = "ClickHouse"
VERSION = chdb.__version__


class Engine:
    """Holds MergeTree tables: profiles in the order of `pid`, events by type and time."""

    def __init__(self, profiles, events, threads):
        self.count = profiles.height
        self.members = members.Members(profiles.height)
        self.settings = f" SETTINGS max_threads = {threads}"
        self.folder = tempfile.TemporaryDirectory()
        self.session = session.Session(os.path.join(self.folder.name, "data"))
        self.session.query("CREATE DATABASE IF NOT EXISTS b ENGINE = Atomic")
        self.session.query("USE b")
        self.load("profiles", profiles, rules.PROFILE_TEXTS, "pid")
        self.load("events", events, rules.EVENT_TEXTS + ["eventType"], "(eventType, ts)")
        self.formulations = {
            "semi-joins": self.semi_joins,
            "shared leaves": self.shared_leaves,
            "shared leaves, a pass a type": self.passes,
        }

    def load(self, name, frame, texts, order):
        texts = {table.name(field) for field in texts}
        path = os.path.join(self.folder.name, f"{name}.parquet")
        frame.write_parquet(path)
        columns = ", ".join(
            f"{column} {self.kind(column, column in texts)}" for column in frame.columns
        )
        self.session.query(
            f"CREATE TABLE {name} ({columns}) ENGINE = MergeTree ORDER BY {order}"
        )
        self.session.query(
            f"INSERT INTO {name} SELECT {', '.join(frame.columns)} FROM file('{path}', Parquet)"
        )
        self.session.query(f"OPTIMIZE TABLE {name} FINAL")
        os.remove(path)

    @staticmethod
    def kind(column, is_text):
        if column == "pid":
            return "Int32"
        if column == "eventType":
            return "LowCardinality(String)"
        if is_text:
            return "LowCardinality(Nullable(String))"
        if column == "ts":
            return "DateTime64(3, 'UTC')"
        return "Nullable(DateTime64(3, 'UTC'))" if column.endswith("Date") else "Nullable(Float64)"

    def bytes(self, query):
        return self.session.query(query + self.settings, "RowBinary").bytes()

    def array(self, query):
        return self.members.of_pids(numpy.frombuffer(self.bytes(query), dtype=numpy.int32))

    def semi_joins(self, wanted):
        texts, answers = {}, {}
        for name, part in wanted:
            texts[name] = sql.formula(part, texts)
            answers[name] = self.array(f"SELECT pid FROM profiles WHERE {texts[name]}")
        return answers

    def attributes(self, found, arrays):
        """Conditions on attributes, in one pass over the profiles."""
        attributes = [leaf for leaf in found if leaf[0] == "attribute"]
        if attributes:
            columns = ", ".join(
                f"coalesce({sql.condition(leaf[1])}, false)" for leaf in attributes
            )
            rows = numpy.frombuffer(
                self.bytes(f"SELECT {columns} FROM profiles ORDER BY pid"), dtype=bool
            ).reshape(self.count, len(attributes))
            for index, leaf in enumerate(attributes):
                arrays[leaf] = self.members.of_flags(rows[:, index])

    def shared_leaves(self, wanted):
        found = rules.leaves(wanted)
        arrays = {}
        self.attributes(found, arrays)
        for leaf in found:
            if leaf[0] != "attribute":
                arrays[leaf] = self.array(sql.leaf(leaf))
        return rules.combine(wanted, arrays)

    def passes(self, wanted):
        """All events that are asked for in one pass over their type; the rest leaf by leaf."""
        found = rules.leaves(wanted)
        arrays = {}
        self.attributes(found, arrays)
        types = {}
        for leaf in found:
            if leaf[0] == "exists":
                types.setdefault(leaf[1][0][0], []).append(leaf)
            elif leaf[0] != "attribute":
                arrays[leaf] = self.array(sql.leaf(leaf))
        for kind, leaves in types.items():
            columns = ", ".join(
                f"groupArrayIf(pid, coalesce({self.within(leaf[1])}, false))" for leaf in leaves
            )
            query = f"SELECT {columns} FROM events WHERE eventType = {sql.quoted(kind)}"
            data, place = self.bytes(query), 0
            for leaf in leaves:
                length, shift = 0, 0
                while True:
                    byte = data[place]
                    place += 1
                    length |= (byte & 127) << shift
                    shift += 7
                    if byte < 128:
                        break
                arrays[leaf] = self.members.of_pids(
                    numpy.frombuffer(data, numpy.int32, length, place)
                )
                place += 4 * length
        return rules.combine(wanted, arrays)

    @staticmethod
    def within(window):
        event, days = window
        parts = [sql.condition(each) for each in event[1]]
        if days is not None:
            parts.append(f"ts >= {sql.instant(days)}")
        return " AND ".join(parts) if parts else "true"
