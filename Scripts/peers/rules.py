"""A mix of rules, as `covey generate --definitions` describes them, as leaves and how to join them.

A leaf is a hashable value, so that equal ones of many rules are one:

    ("attribute", test)
    ("exists", window)   ("count", window, at_least)   ("sum", window, field, at_least)
    ("sequence", window, event, within_days)

A window is (event, days or None), an event (type, tests), a test (field, operator, operand). A
formula is a leaf, ("and" | "or", formulas), ("not", formula) or ("segment", id).
"""

import json
from datetime import UTC, datetime, timedelta

AS_OF = datetime(2026, 1, 1)

#: Columns of events and of profiles that rules ask about, and what is in them.
EVENT_TEXTS = [
    "product.SKU", "product.category", "web.webPageDetails.name", "search.keywords",
    "device.type", "marketing.trackingCode",
]
EVENT_NUMBERS = ["product.quantity", "product.priceTotal", "commerce.order.priceTotal"]
PROFILE_TEXTS = [
    "person.gender", "person.name.firstName", "person.name.lastName", "homeAddress.city",
    "homeAddress.stateProvince", "homeAddress.countryCode", "loyalty.tier",
    "consents.marketing.email.val", "consents.marketing.push.val",
]
PROFILE_NUMBERS = [
    "loyalty.points", "loyalty.pointsRedeemed", "_covey.lifetimeSpend", "_covey.householdSize",
    "_covey.satisfaction",
]
PROFILE_TIMES = ["_repo.createDate", "loyalty.joinDate"]


def start(days):
    """The first instant of so many days before the evaluation."""
    return AS_OF - timedelta(days=days)


def load(path, count):
    """The first `count` rules of a file: a list of (id, formula)."""
    with open(path) as file:
        return [(rule["id"], formula(rule)) for rule in json.load(file)[:count]]


def test(value):
    operator = value["op"]
    if operator == "in":
        return (value["field"], operator, tuple(value["values"]))
    if operator == "between":
        return (value["field"], operator, (value["low"], value["high"]))
    return (value["field"], operator, value["days" if operator == "within" else "value"])


def event(value):
    return (value["type"], tuple(sorted(test(each) for each in value["tests"])))


def window(value):
    return (event(value["event"]), value["days"])


def formula(rule):
    kind = rule["kind"]
    if kind == "attributes":
        return (rule["join"], [("attribute", test(each)) for each in rule["tests"]])
    if kind == "segments":
        base = (rule["join"], [("segment", each) for each in rule["segments"]])
        return base if rule["not"] is None else ("and", [base, ("not", ("segment", rule["not"]))])
    main = window(rule["window"])
    if kind == "event":
        return ("exists", main)
    if kind == "did-but-not":
        return ("and", [("exists", main), ("not", ("exists", window(rule["not"])))])
    if kind == "count":
        return ("count", main, rule["atLeast"])
    if kind == "sum":
        return ("sum", main, rule["field"], rule["atLeast"])
    if kind == "sequence":
        return ("sequence", main, event(rule["then"]), rule["withinDays"])
    raise ValueError(f"rules: unknown kind '{kind}'")


def leaves(rules):
    """All leaves of the rules, each once, in the order of first use."""
    found = {}

    def walk(part):
        if part[0] in ("and", "or"):
            for each in part[1]:
                walk(each)
        elif part[0] == "not":
            walk(part[1])
        elif part[0] != "segment":
            found[part] = None

    for _, part in rules:
        walk(part)
    return list(found)


def combine(rules, arrays, answers=None):
    """Members of every rule as packed bits, from those of the leaves and earlier answers."""
    answers = {} if answers is None else answers

    def value(part):
        if part[0] == "segment":
            return answers[part[1]]
        if part[0] == "not":
            return ~value(part[1])
        if part[0] not in ("and", "or"):
            return arrays[part]
        first, *others = part[1]
        result = value(first)
        for each in others:
            if part[0] == "or":
                result = result | value(each)
            else:
                result = result & value(each)
        return result

    for name, part in rules:
        answers[name] = value(part)
    return answers
