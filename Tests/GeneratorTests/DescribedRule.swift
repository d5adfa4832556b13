import Bytes
import Domain
import PQL

/// A rule of a mix as another program reads it, evaluated in the plainest way.
struct DescribedRule {
  private let rule: Value
  private let now: Instant

  init(_ rule: Value, now: Instant) {
    self.rule = rule
    self.now = now
  }

  func holds(_ profile: Value, isMember: (Text) -> Bool) -> Bool {
    switch rule["kind"]?.text {
    case "attributes":
      return joined(list("tests")) { test($0, profile) }
    case "segments":
      return joined(list("segments")) { isMember($0.text ?? "") }
        && !(rule["not"]?.text.map(isMember) ?? false)
    case "event": return !events("window", profile).isEmpty
    case "did-but-not":
      return !events("window", profile).isEmpty && events("not", profile).isEmpty
    case "count": return Double(events("window", profile).count) >= number("atLeast")
    case "sum":
      let sum = events("window", profile).reduce(0) {
        $0 + (field(rule["field"]?.text ?? "", $1)?.number ?? 0)
      }
      return sum >= number("atLeast")
    case "sequence":
      let then = (profile[.xEvent]?.elements ?? []).filter { matches(rule["then"], $0) }
      let within = Int64(number("withinDays")) * CivilTime.millisecondsPerDay
      return events("window", profile).contains { first in
        then.contains { second in
          let gap = time(second).milliseconds - time(first).milliseconds
          return gap > 0 && gap <= within
        }
      }
    default: return false
    }
  }

  private func list(_ name: Text) -> [Value] { rule[name]?.elements ?? [] }

  private func number(_ name: Text) -> Double { rule[name]?.number ?? .nan }

  private func joined(_ parts: [Value], _ body: (Value) -> Bool) -> Bool {
    rule["join"]?.text == "and" ? parts.allSatisfy(body) : parts.contains(where: body)
  }

  /// The events of a window.
  private func events(_ name: Text, _ profile: Value) -> [Value] {
    (profile[.xEvent]?.elements ?? []).filter { event in
      guard matches(rule[name]?["event"], event) else { return false }
      guard let days = rule[name]?["days"]?.integer else { return true }
      return isWithin(days, time(event))
    }
  }

  private func matches(_ wanted: Value?, _ event: Value) -> Bool {
    event["eventType"]?.text == wanted?["type"]?.text
      && (wanted?["tests"]?.elements ?? []).allSatisfy { test($0, event) }
  }

  private func test(_ test: Value, _ row: Value) -> Bool {
    guard let value = field(test["field"]?.text ?? "", row) else { return false }
    func bound(_ name: Text) -> Double { test[name]?.number ?? .nan }
    let number = value.number ?? .nan
    switch test["op"]?.text {
    case "=": return value == test["value"]
    case "in": return test["values"]?.elements?.contains(value) ?? false
    case ">=": return number >= bound("value")
    case "<=": return number <= bound("value")
    case "between": return number >= bound("low") && number <= bound("high")
    case "within":
      guard let time = TimeText(value.text ?? "")?.instant else { return false }
      return isWithin(test["days"]?.integer ?? 0, time)
    default: return false
    }
  }

  private func isWithin(_ days: Int64, _ time: Instant) -> Bool {
    let start = now.milliseconds - days * CivilTime.millisecondsPerDay
    return time.milliseconds >= start && time.milliseconds < now.milliseconds
  }

  private func time(_ event: Value) -> Instant {
    TimeText(event["timestamp"]?.text ?? "")?.instant ?? Instant(milliseconds: .min)
  }

  private func field(_ path: Text, _ row: Value) -> Value? {
    path.string.split(separator: ".").reduce(row) { $0?[Text(String($1))] }
  }
}
