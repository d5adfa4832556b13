"""Rules in Polars."""

import functools
import operator

import members
import polars as pl
import rules
import table

NAME = "Polars"
VERSION = pl.__version__


class Engine:
    """Holds profiles in the order of `pid`, and for each event type a frame in the order of time."""

    def __init__(self, profiles, events, threads):
        self.members = members.Members(profiles.height)
        self.profiles = profiles.rechunk()
        self.types = {}
        for (kind,), frame in events.partition_by("eventType", as_dict=True).items():
            frame = frame.drop("eventType").sort("ts", maintain_order=True)
            frame = frame.drop(name for name in frame.columns if frame[name].null_count() == frame.height)
            self.types[kind] = frame.rechunk()
        self.unordered = events
        self.formulations = {
            "semi-joins": self.semi_joins,
            "shared leaves": functools.partial(self.shared_leaves, self.of_whole),
            "shared leaves, types and windows cut": functools.partial(self.shared_leaves, self.of_type),
        }

    @functools.cached_property
    def events(self):
        """One frame of all types, in the order of time."""
        return self.unordered.sort("ts", maintain_order=True).rechunk()

    def of_whole(self, event, days):
        """Events of a window, from one frame."""
        parts = [pl.col("eventType") == event[0]] + [condition(each) for each in event[1]]
        if days is not None:
            parts.append(pl.col("ts") >= rules.start(days))
        return self.events.lazy().filter(both(parts))

    def of_type(self, event, days):
        """Events of a window, from the frame of their type and from the window's first row on."""
        frame = self.types[event[0]]
        if days is not None:
            frame = frame.slice(frame["ts"].search_sorted(rules.start(days)))
        parts = [condition(each) for each in event[1]]
        return frame.lazy().filter(both(parts)) if parts else frame.lazy()

    def leaf(self, leaf, events):
        """The customers of a leaf, maybe more than once each."""
        kind = leaf[0]
        found = events(*leaf[1])
        if kind == "exists":
            return found.select("pid")
        if kind == "count":
            return found.group_by("pid").len().filter(pl.col("len") >= leaf[2]).select("pid")
        if kind == "sum":
            total = pl.col(table.name(leaf[2])).sum()
            return found.group_by("pid").agg(total=total).filter(
                pl.col("total") >= leaf[3]
            ).select("pid")
        # The second event is behind the first, so it is in the window too, and of the same customer.
        then = events(leaf[2], leaf[1][1]).select("pid", "ts", after="ts")
        then = then.join(found.select("pid"), on="pid", how="semi", maintain_order="left")
        return found.select("pid", "ts").join_asof(
            then, on="ts", by="pid", strategy="forward", allow_exact_matches=False,
            tolerance=f"{leaf[3]}d", check_sortedness=False,
        ).filter(pl.col("after").is_not_null()).select("pid")

    def shared_leaves(self, events, wanted):
        found = rules.leaves(wanted)
        arrays = {}
        attributes = [leaf for leaf in found if leaf[0] == "attribute"]
        others = [leaf for leaf in found if leaf[0] != "attribute"]
        columns = self.profiles.lazy().select(
            # Numbers, since the bits of booleans would be unpacked one by one.
            condition(leaf[1]).fill_null(False).cast(pl.UInt8).alias(str(index))
            for index, leaf in enumerate(attributes)
        )
        frames = pl.collect_all([columns] + [self.leaf(leaf, events) for leaf in others])
        for index, leaf in enumerate(attributes):
            arrays[leaf] = self.members.of_flags(frames[0][str(index)].to_numpy())
        for leaf, frame in zip(others, frames[1:]):
            arrays[leaf] = self.members.of_pids(frame["pid"].to_numpy())
        return rules.combine(wanted, arrays)

    def semi_joins(self, wanted):
        """One plan a rule, all of them at once; a rule of rules joins the answers."""
        plans, parts = {}, []
        for name, part in wanted:
            if not mentions_segment(part):
                plans[name] = self.plan(part)
        frames = dict(zip(plans, pl.collect_all(list(plans.values()))))
        answers = {}
        for name, part in wanted:
            if name not in frames:
                rules.combine([(name, part)], {}, answers)
                continue
            answers[name] = self.members.of_pids(frames[name]["pid"].to_numpy())
        return answers

    def plan(self, part):
        profiles = self.profiles.lazy()
        if part[0] in ("and", "or") and part[1][0][0] == "attribute":
            join = both if part[0] == "and" else either
            return profiles.filter(join([condition(each[1]) for each in part[1]])).select("pid")
        if part[0] != "and":
            return self.leaf(part, self.of_whole).unique()
        did, (_, other) = part[1]
        return self.leaf(did, self.of_whole).unique().join(
            self.leaf(other, self.of_whole), on="pid", how="anti"
        )


def mentions_segment(part):
    if part[0] == "segment":
        return True
    if part[0] == "not":
        return mentions_segment(part[1])
    return part[0] in ("and", "or") and any(mentions_segment(each) for each in part[1])


def both(parts):
    return functools.reduce(operator.and_, parts)


def either(parts):
    return functools.reduce(operator.or_, parts)


def condition(test):
    field, op, operand = test
    column = pl.col(table.name(field))
    if op == "=":
        return column == operand
    if op == "in":
        return column.is_in(list(operand))
    if op == ">=":
        return column >= operand
    if op == "<=":
        return column <= operand
    if op == "between":
        return column.is_between(*operand)
    return column >= rules.start(operand)
