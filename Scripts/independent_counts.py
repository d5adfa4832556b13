#!/usr/bin/env python3
"""Counts the sample audiences straight from the sample files, without Covey and without PQL.

Each audience's rule is written here a second time, as plain Python over the rows. Prints one JSON
object: profile set -> {"asOf", "profiles", "events", "rejected", "audiences": {id: count}}.
"""

import csv
import gzip
import json
import math
import sys
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent.parent / "cluster" / "samples"


def instant(text):
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def months_before(moment, months):
    index = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(index, 12)
    month += 1
    next_month = datetime(year + month // 12, month % 12 + 1, 1)
    last_day = (next_month - timedelta(days=1)).day
    return moment.replace(year=year, month=month, day=min(moment.day, last_day))


def ordered(rows):
    """Rows of a customer by time; equal times stay in the order of the file."""
    return sorted(rows, key=lambda row: row["time"])


def cdnow():
    as_of = instant("1998-07-01T00:00:00Z")
    customers = defaultdict(list)
    with open(SAMPLES / "cdnow" / "transactions.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            customers[row["customer_id"]].append(
                {
                    "time": instant(row["date"]),
                    "quantity": int(row["quantity"]),
                    "amount": float(row["amount"]),
                }
            )

    def within(row, days):
        return as_of - timedelta(days=days) <= row["time"] < as_of

    def spent(rows):
        return math.fsum(row["amount"] for row in rows)

    def active(rows):
        return any(within(row, 30) for row in rows)

    def lapsed_big_spender(rows):
        return spent(rows) >= 500 and not any(within(row, 182) for row in rows)

    def quick_repeat(rows):
        paid = [row["time"] for row in rows if row["amount"] > 0]
        month = timedelta(days=30)
        return any(
            a < b <= a + month and b < c <= b + month
            for a in paid
            for b in paid
            if a < b <= a + month
            for c in paid
        )

    def spending_more(rows):
        recent = [row for row in rows if within(row, 182)]
        before = [row for row in rows if within(row, 364) and not within(row, 182)]
        return spent(recent) > spent(before)

    rules = {
        "cdnow-active": active,
        "cdnow-lapsed-big-spenders": lapsed_big_spender,
        "cdnow-one-time-buyers": lambda rows: len(rows) == 1,
        "cdnow-quick-repeat": quick_repeat,
        "cdnow-spending-more": spending_more,
        "cdnow-win-back": lambda rows: lapsed_big_spender(rows) and quick_repeat(rows),
        "cdnow-bulk": lambda rows: any(row["quantity"] >= 10 for row in rows),
    }
    return report(as_of, customers, 0, rules)


def at(value, *path):
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def luma():
    as_of = instant("2018-12-18T00:00:00Z")
    visitors = defaultdict(list)
    rejected = 0
    with gzip.open(SAMPLES / "luma" / "events.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            event = json.loads(line)
            key = at(event, "endUserIDs", "_experience", "mcid", "id")
            if key is None:
                rejected += 1
                continue
            event["time"] = instant(event["timestamp"])
            visitors[key].append(event)

    def has(event, metric):
        value = at(event, "commerce", metric, "value")
        return value is not None and value > 0

    def recent(event):
        return as_of - timedelta(days=30) <= event["time"] < as_of

    def interested(events):
        return any(has(e, "productViews") and recent(e) for e in events) and not any(
            has(e, "purchases") and recent(e) for e in events
        )

    def abandoned(events):
        adds = [e["time"] for e in events if has(e, "productListAdds")]
        buys = [e["time"] for e in events if has(e, "purchases")]
        return any(not any(buy > add for buy in buys) for add in adds)

    def view_add_buy(events):
        views = [e["time"] for e in events if has(e, "productViews")]
        adds = [e["time"] for e in events if has(e, "productListAdds")]
        buys = [e["time"] for e in events if has(e, "purchases")]
        return any(
            view < add < buy <= view + timedelta(days=1)
            for view in views
            for buy in buys
            if view < buy <= view + timedelta(days=1)
            for add in adds
        )

    def by_email(events):
        codes = (at(e, "marketing", "trackingCode") for e in events)
        return any(code is not None and code.lower() == "emaillaunch" for code in codes)

    def reloaded(events):
        pages = (
            (at(e, "web", "webPageDetails", "URL"), at(e, "web", "webReferrer", "URL"))
            for e in events
        )
        return any(page is not None and page == referrer for page, referrer in pages)

    rules = {
        "luma-interested-not-bought": interested,
        "luma-cart-abandoners": abandoned,
        "luma-view-add-buy": view_add_buy,
        "luma-email-visitors": by_email,
        "luma-app-users": lambda events: any(
            at(e, "application", "name") is not None for e in events
        ),
        "luma-reloaders": reloaded,
        "luma-email-not-bought": lambda events: by_email(events) and interested(events),
    }
    return report(as_of, visitors, rejected, rules)


def retail():
    as_of = instant("2011-12-10T00:00:00Z")
    customers = defaultdict(list)
    rejected = 0
    for path in sorted((SAMPLES / "retail").glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if not row["CustomerID"]:
                    rejected += 1
                    continue
                row["time"] = instant(row["InvoiceDate"])
                row["quantity"] = int(row["Quantity"])
                row["price"] = float(row["UnitPrice"])
                customers[row["CustomerID"]].append(row)

    def days(row, count):
        return as_of - timedelta(days=count) <= row["time"] < as_of

    def big_spender(rows):
        return math.fsum(row["quantity"] * row["price"] for row in rows) >= 5000

    def returned_product(rows):
        first_bought = {}
        for row in ordered(rows):
            if row["quantity"] > 0:
                first_bought.setdefault(row["StockCode"], row["time"])
        return any(
            row["quantity"] < 0
            and row["StockCode"] in first_bought
            and first_bought[row["StockCode"]] < row["time"]
            for row in rows
        )

    half_year_ago = months_before(as_of, 6)

    def tea(row):
        in_window = half_year_ago <= row["time"] < as_of
        return "TEA " in row["Description"] and row["quantity"] > 0 and in_window

    rules = {
        "retail-christmas": lambda rows: any(
            "CHRISTMAS" in row["Description"] and row["quantity"] > 0 and days(row, 60)
            for row in rows
        ),
        "retail-big-spenders": big_spender,
        "retail-lapsed-big-spenders": lambda rows: big_spender(rows)
        and not any(row["quantity"] > 0 and days(row, 90) for row in rows),
        # An empty cell is a missing country, which is neither at home nor abroad.
        "retail-abroad": lambda rows: any(
            row["Country"] not in ("", "United Kingdom") for row in rows
        ),
        "retail-wide-range": lambda rows: len({row["StockCode"] for row in rows}) >= 200,
        "retail-returned-product": returned_product,
        "retail-tea-lovers": lambda rows: sum(map(tea, rows)) >= 5,
    }
    return report(as_of, customers, rejected, rules)


def report(as_of, profiles, rejected, rules):
    return {
        "asOf": as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "profiles": len(profiles),
        "events": sum(map(len, profiles.values())),
        "rejected": rejected,
        "audiences": {
            name: sum(1 for rows in profiles.values() if rule(rows)) for name, rule in rules.items()
        },
    }


if __name__ == "__main__":
    json.dump({"cdnow": cdnow(), "luma": luma(), "retail": retail()}, sys.stdout, indent=2)
    print()
