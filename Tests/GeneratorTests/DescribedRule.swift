import Bytes
import Domain
import PQL

/// A profile with its events by type, and the time of each.
struct DescribedProfile {
  struct Event {
    let value: Value
    let time: Instant
  }

  let value: Value
  let events: [Text: [Event]]

  init(_ value: Value) {
    self.value = value
    let events = (value[.xEvent]?.elements ?? []).map { event in
      Event(
        value: event,
        time: TimeText(event["timestamp"]?.text ?? "")?.instant ?? Instant(milliseconds: .min)
      )
    }
    self.events = Dictionary(grouping: events) { $0.value["eventType"]?.text ?? "" }
  }
}

/// A rule of a mix as another program reads it, evaluated in the plainest way.
struct DescribedRule {
  private let rule: Value
  private let now: Instant

  init(_ rule: Value, now: Instant) {
    self.rule = rule
    self.now = now
  }

  func holds(_ profile: DescribedProfile, isMember: (Text) -> Bool) -> Bool {
    switch rule["kind"]?.text {
    case "attributes":
      return joined(list("tests")) { test($0, profile.value) }
    case "segments":
      return joined(list("segments")) { isMember($0.text ?? "") }
        && !(rule["not"]?.text.map(isMember) ?? false)
    case "event": return !events("window", profile).isEmpty
    case "did-but-not":
      return !events("window", profile).isEmpty && events("not", profile).isEmpty
    case "count": return Double(events("window", profile).count) >= number("atLeast")
    case "sum":
      let sum = events("window", profile).reduce(0) {
        $0 + (field(rule["field"]?.text ?? "", $1.value)?.number ?? 0)
      }
      return sum >= number("atLeast")
    case "sequence":
      let then = events(rule["then"], profile)
      let within = Int64(number("withinDays")) * CivilTime.millisecondsPerDay
      return events("window", profile).contains { first in
        then.contains { second in
          let gap = second.time.milliseconds - first.time.milliseconds
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
  private func events(_ name: Text, _ profile: DescribedProfile) -> [DescribedProfile.Event] {
    let days = rule[name]?["days"]?.integer
    return events(rule[name]?["event"], profile).filter { event in
      days.map { isWithin($0, event.time) } ?? true
    }
  }

  /// The events that are as described.
  private func events(
    _ wanted: Value?,
    _ profile: DescribedProfile
  ) -> [DescribedProfile.Event] {
    guard let type = wanted?["type"]?.text else { return [] }
    let tests = wanted?["tests"]?.elements ?? []
    return (profile.events[type] ?? []).filter { event in
      tests.allSatisfy { test($0, event.value) }
    }
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

  private func field(_ path: Text, _ row: Value) -> Value? {
    path.string.split(separator: ".").reduce(row) { $0?[Text(String($1))] }
  }
}
