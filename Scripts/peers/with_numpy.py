"""Rules by hand in numpy: no engine, but what a patient engineer would write for one mix of rules."""

from concurrent.futures import ThreadPoolExecutor

import members
import numpy
import polars as pl
import rules
import table

NAME = "numpy by hand"
VERSION = numpy.__version__


class Column:
    """Numbers, or texts as codes with their dictionary; -1 is missing."""

    def __init__(self, series, is_text):
        self.codes = None
        if is_text:
            values = series.dtype.categories
            self.codes = {value: code for code, value in enumerate(values)}
            series = series.to_physical().cast(pl.Int16).fill_null(-1)
        elif series.dtype == pl.Datetime:
            series = series.cast(pl.Int64)
        self.values = series.cast(pl.Float64).to_numpy() if series.null_count() else series.to_numpy()

    def test(self, operator, operand, rows):
        values = self.values[rows]
        if operator == "=":
            return values == self.codes.get(operand, -2)
        if operator == "in":
            lookup = numpy.zeros(len(self.codes) + 1, dtype=bool)
            lookup[[self.codes[value] for value in operand if value in self.codes]] = True
            return lookup[values]
        if operator == ">=":
            return values >= operand
        if operator == "<=":
            return values <= operand
        if operator == "between":
            return (values >= operand[0]) & (values <= operand[1])
        return values >= milliseconds(operand)


def milliseconds(days):
    return round(rules.start(days).replace(tzinfo=rules.UTC).timestamp() * 1000)


class Events:
    """Those of a type, in the order of time."""

    def __init__(self, frame):
        frame = frame.sort("ts", maintain_order=True)
        self.ts = frame["ts"].cast(pl.Int64).to_numpy()
        self.pid = frame["pid"].to_numpy()
        texts = {table.name(field) for field in rules.EVENT_TEXTS}
        self.columns = {
            name: Column(frame[name], name in texts)
            for name in frame.columns
            if name not in ("ts", "pid", "eventType") and frame[name].null_count() < frame.height
        }

    def rows(self, tests, days):
        """The first row of the window and a mask of its rows; no mask when all of them match."""
        first = 0 if days is None else numpy.searchsorted(self.ts, milliseconds(days))
        mask = None
        for field, operator, operand in tests:
            one = self.columns[table.name(field)].test(operator, operand, slice(first, None))
            mask = one if mask is None else mask & one
        return first, mask

    def values(self, array, rows):
        first, mask = rows
        part = array[first:]
        return part if mask is None else part[mask]


class Engine:
    def __init__(self, profiles, events, threads):
        self.count = profiles.height
        self.members = members.Members(profiles.height)
        self.threads = threads
        texts = {table.name(field) for field in rules.PROFILE_TEXTS}
        self.profiles = {
            name: Column(profiles[name], name in texts) for name in profiles.columns if name != "pid"
        }
        self.types = {
            kind: Events(frame)
            for (kind,), frame in events.partition_by("eventType", as_dict=True).items()
        }
        self.formulations = {"shared leaves, types and windows cut": self.shared_leaves}

    def shared_leaves(self, wanted):
        found = rules.leaves(wanted)
        with ThreadPoolExecutor(self.threads) as pool:
            arrays = dict(zip(found, pool.map(self.leaf, found)))
        return rules.combine(wanted, arrays)

    def leaf(self, leaf):
        kind = leaf[0]
        if kind == "attribute":
            field, operator, operand = leaf[1]
            flags = self.profiles[table.name(field)].test(operator, operand, slice(None))
            return self.members.of_flags(flags)
        (name, tests), days = leaf[1]
        events = self.types[name]
        rows = events.rows(tests, days)
        pids = events.values(events.pid, rows)
        if kind == "exists":
            return self.members.of_pids(pids)
        if kind == "count":
            return self.members.of_flags(numpy.bincount(pids, minlength=self.count) >= leaf[2])
        if kind == "sum":
            values = numpy.nan_to_num(events.values(events.columns[table.name(leaf[2])].values, rows))
            sums = numpy.bincount(pids, weights=values, minlength=self.count)
            return self.members.of_flags(sums >= leaf[3])
        return self.sequence(leaf, pids, events.values(events.ts, rows))

    def sequence(self, leaf, pids, times):
        """Looks for the next second event of the same customer by one sorted key of both."""
        (name, tests), within = leaf[2], leaf[3]
        events = self.types[name]
        # The second event is behind the first, so it is in the window too.
        rows = events.rows(tests, leaf[1][1])
        then = numpy.sort(key(events.values(events.pid, rows), events.values(events.ts, rows)))
        if len(then) == 0:
            return self.members.of_pids(pids[:0])
        first = key(pids, times)
        place = numpy.searchsorted(then, first, side="right")
        isThere = place < len(then)
        next = then[numpy.minimum(place, len(then) - 1)]
        return self.members.of_pids(pids[isThere & (next - first <= within * 86_400_000)])


def key(pids, times):
    """Customer and instant as one number; a year's milliseconds fit into 36 bits."""
    return (pids.astype(numpy.int64) << 36) | (times - numpy.int64(EPOCH))


EPOCH = 1_735_689_600_000 - 400 * 86_400_000
