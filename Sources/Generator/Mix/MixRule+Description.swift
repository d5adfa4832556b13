import Bytes

/// A rule as JSON that a program for another engine can translate.
///
/// ```
/// {"id", "kind": "attributes",  "join": "and" | "or", "tests": [TEST…]}
/// {"id", "kind": "event",       "window": WINDOW}
/// {"id", "kind": "did-but-not", "window": WINDOW, "not": WINDOW}
/// {"id", "kind": "count",       "window": WINDOW, "atLeast": number}
/// {"id", "kind": "sum",         "window": WINDOW, "field", "atLeast": number}
/// {"id", "kind": "sequence",    "window": WINDOW, "then": EVENT, "withinDays": number}
/// {"id", "kind": "segments",    "join": "and" | "or", "segments": [id…], "not": id | null}
/// WINDOW  {"event": EVENT, "days": number | null}    so many days before the evaluation, or ever
/// EVENT   {"type", "tests": [TEST…]}                 all of them hold
/// TEST    {"field", "op": "=" | ">=" | "<=", "value"}, {"field", "op": "in", "values"},
///         {"field", "op": "between", "low", "high"}, {"field", "op": "within", "days"}
/// ```
extension MixRule {
  func describe(id: Text, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("id", id)
    writer.member("kind", kind)
    switch self {
    case .attributes(let join, let tests):
      writer.member("join", Text(join.rawValue))
      tests.describe(to: &writer)
    case .event(let window): window.describe("window", to: &writer)
    case .didButNot(let did, let not):
      did.describe("window", to: &writer)
      not.describe("not", to: &writer)
    case .count(let window, let atLeast):
      window.describe("window", to: &writer)
      writer.member("atLeast", atLeast)
    case .sum(let window, let field, let atLeast):
      window.describe("window", to: &writer)
      writer.member("field", field)
      writer.name("atLeast")
      writer.write(rawJSON: atLeast.utf8)
    case .sequence(let first, let then, let days):
      first.describe("window", to: &writer)
      writer.name("then")
      then.describe(to: &writer)
      writer.member("withinDays", days)
    case .segments(let join, let ids, let butNot):
      writer.member("join", Text(join.rawValue))
      writer.name("segments")
      writer.texts(ids)
      writer.name("not")
      if let butNot { writer.write(butNot) } else { writer.writeNull() }
    }
    writer.endObject()
  }
}

extension MixRule.Window {
  fileprivate func describe(_ name: Text, to writer: inout JSONWriter) {
    writer.name(name)
    writer.beginObject()
    writer.name("event")
    event.describe(to: &writer)
    writer.name("days")
    if let days { writer.write(days) } else { writer.writeNull() }
    writer.endObject()
  }
}

extension EventTest {
  fileprivate func describe(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("type", type)
    tests.describe(to: &writer)
    writer.endObject()
  }
}

extension [FieldTest] {
  fileprivate func describe(to writer: inout JSONWriter) {
    writer.name("tests")
    writer.beginArray()
    for test in self { test.describe(to: &writer) }
    writer.endArray()
  }
}

extension FieldTest {
  fileprivate func describe(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("field", field)
    switch condition {
    case .equals(let value):
      writer.member("op", "=")
      writer.member("value", value)
    case .isIn(let values):
      writer.member("op", "in")
      writer.name("values")
      writer.texts(values)
    case .atLeast(let bound):
      writer.member("op", ">=")
      writer.member("value", bound)
    case .atMost(let bound):
      writer.member("op", "<=")
      writer.member("value", bound)
    case .between(let low, let high):
      writer.member("op", "between")
      writer.member("low", low)
      writer.member("high", high)
    case .within(let days):
      writer.member("op", "within")
      writer.member("days", days)
    }
    writer.endObject()
  }
}

extension JSONWriter {
  fileprivate mutating func member(_ name: Text, _ value: Text) {
    self.name(name)
    write(value)
  }

  fileprivate mutating func member(_ name: Text, _ value: Int) {
    self.name(name)
    write(value)
  }

  fileprivate mutating func texts(_ texts: [Text]) {
    beginArray()
    for text in texts { write(text) }
    endArray()
  }
}
