"""Rules as SQL that DuckDB and ClickHouse both take."""

import rules
import table


def instant(days):
    return f"CAST('{rules.start(days):%Y-%m-%d %H:%M:%S}' AS TIMESTAMP)"


def quoted(value):
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def condition(test):
    field, operator, operand = test
    column = table.name(field)
    if operator == "in":
        return f"{column} IN ({', '.join(map(quoted, operand))})"
    if operator == "between":
        return f"{column} BETWEEN {operand[0]} AND {operand[1]}"
    if operator == "within":
        return f"{column} >= {instant(operand)}"
    return f"{column} {operator} {quoted(operand)}"


def events(event, days, prefix=""):
    """The condition of a window's events."""
    parts = [f"eventType = {quoted(event[0])}"] + [condition(each) for each in event[1]]
    if days is not None:
        parts.append(f"ts >= {instant(days)}")
    return " AND ".join(parts)


def leaf(leaf):
    """A query for the customers of a leaf of events, maybe more than once each."""
    kind = leaf[0]
    where = events(*leaf[1])
    if kind == "exists":
        return f"SELECT pid FROM events WHERE {where}"
    if kind == "count":
        return f"SELECT pid FROM events WHERE {where} GROUP BY pid HAVING count(*) >= {leaf[2]}"
    if kind == "sum":
        return (
            f"SELECT pid FROM events WHERE {where} GROUP BY pid"
            f" HAVING sum({table.name(leaf[2])}) >= {leaf[3]}"
        )
    return sequence(leaf)


def sequence(leaf):
    """The second event is behind the first, so it is in the window too."""
    return (
        f"SELECT a.pid AS pid FROM (SELECT pid, ts FROM events WHERE {events(*leaf[1])}) a"
        f" JOIN (SELECT pid, ts FROM events WHERE {events(leaf[2], leaf[1][1])}) b"
        f" ON a.pid = b.pid WHERE a.ts < b.ts AND b.ts <= a.ts + INTERVAL {leaf[3]} DAY"
    )


def formula(part, texts):
    """The condition of a formula on a profile; `texts` has those of earlier rules."""
    if part[0] == "segment":
        return f"({texts[part[1]]})"
    if part[0] == "not":
        return f"NOT ({formula(part[1], texts)})"
    if part[0] in ("and", "or"):
        joined = f" {part[0].upper()} ".join(f"({formula(each, texts)})" for each in part[1])
        return joined
    if part[0] == "attribute":
        # A comparison with a missing value is false, also where it is negated.
        return f"coalesce({condition(part[1])}, false)"
    return f"pid IN ({leaf(part)})"
