import Bytes
import Domain
import PQL
import Propensity
import Segmentation

/// Measures one profile after the other, as plainly as the catalogue says it.
struct NaiveFeatures {
  let plan: FeaturePlan
  let cutOff: Instant

  /// What a feature is of a profile.
  enum Measured: Equatable, CustomStringConvertible {
    case number(Double)
    case text(Text)
    case missing

    static func number(_ number: Double?) -> Measured { number.map { .number($0) } ?? .missing }

    var description: String {
      switch self {
      case .number(let number): "\(number)"
      case .text(let text): "\"\(text)\""
      case .missing: "missing"
      }
    }
  }

  private static let day = 86_400_000.0

  private struct Event {
    var time: Int64
    var type: Text
    var value: Value
  }

  /// All features of a profile with its events in the order in which they came.
  func features(of profile: Value) throws -> [Measured] {
    let events = try known(profile)
    return try plan.features.map { feature in
      switch feature.source {
      case .attribute(let path, let reading):
        return attribute(Self.value(at: path, in: profile), reading)
      case .membership(let audience):
        return .number(try isMember(profile, audience) ? 1 : 0)
      case .events(let kind, let measure):
        return try measured(measure, of: kind, events, profile)
      }
    }
  }

  /// The features of a row as the columns have them.
  static func row(_ row: Int, of rows: FeatureRows) -> [Measured] {
    rows.columns.map { column in
      switch column {
      case .numeric(let values): values[row].isNaN ? .missing : .number(values[row])
      case .categorical(let codes, let names):
        Int(codes[row]) < names.count ? .text(names[Int(codes[row])]) : .missing
      }
    }
  }

  // MARK: Rules

  /// Whether a rule holds for a profile that has the events of a span alone.
  func holds(_ rule: Text, _ profile: Value, from start: Int64, to end: Int64, now: Int64) throws
    -> Bool
  {
    guard case .object(var object) = profile else { return false }
    let events = try (profile["xEvent"]?.elements ?? []).filter { event in
      guard let time = Self.time(of: event) else { return false }
      return try start <= time && time < end && !isExcluded(event, profile)
    }
    object["xEvent"] = profile["xEvent"].map { _ in .array(events) }
    let interpreter = ReferenceInterpreter(try CheckedQuery(rule))
    let context = EvaluationContext(now: Instant(milliseconds: now))
    return try interpreter.isMember(ReferenceInterpreter.ordered(.object(object)), in: context)
  }

  private func isMember(_ profile: Value, _ audience: Name) throws -> Bool {
    guard let definition = plan.rules.audiences.first(where: { $0.id == audience }) else {
      return false
    }
    let time = cutOff.milliseconds
    return try holds(definition.expression, profile, from: .min, to: time, now: time)
  }

  private func isExcluded(_ event: Value, _ profile: Value) throws -> Bool {
    try plan.rules.exclusions.contains { try fulfils($0, event, profile) }
  }

  private func fulfils(_ condition: Text, _ event: Value, _ profile: Value) throws -> Bool {
    guard case .object(var object) = profile else { return false }
    object["xEvent"] = .array([event])
    let rule = Text("xEvent[(\(condition))].exists()")
    let interpreter = ReferenceInterpreter(try CheckedQuery(rule))
    return try interpreter.isMember(.object(object), in: EvaluationContext(now: cutOff))
  }

  // MARK: Values

  private static func value(at path: [Text], in value: Value) -> Value? {
    path.reduce(value as Value?) { $0?[$1] }
  }

  private static func time(of event: Value) -> Int64? {
    event["timestamp"].flatMap(ValueRelations(.utc).moment)?.milliseconds
  }

  private static func number(_ value: Value?) -> Double? {
    value?.number ?? value?.boolean.map { $0 ? 1 : 0 }
  }

  private func attribute(_ value: Value?, _ reading: FieldReading) -> Measured {
    switch reading {
    case .number: .number(Self.number(value))
    case .text: value?.text.map { .text($0) } ?? .missing
    case .elementCount: .number(value?.elements.map { Double($0.count) })
    case .age:
      .number(
        value?.text.flatMap { TimeText($0) }.map { time in
          Double(cutOff.milliseconds - time.instant.milliseconds) / Self.day
        }
      )
    }
  }

  // MARK: Events

  /// The kinds that a profile has events of before the cut-off, a bit each.
  func kinds(of profile: Value) throws -> UInt64 {
    let known = try known(profile)
    return try plan.events.kinds.indices.reduce(0) { kinds, kind in
      try events(known, of: kind, profile).isEmpty ? kinds : kinds | 1 << UInt64(kind)
    }
  }

  /// The events before the cut-off that count, in order.
  private func known(_ profile: Value) throws -> [Event] {
    let events = try (profile["xEvent"]?.elements ?? []).compactMap { event -> Event? in
      guard let time = Self.time(of: event), time < cutOff.milliseconds,
        try !isExcluded(event, profile)
      else { return nil }
      return Event(time: time, type: event["eventType"]?.text ?? "", value: event)
    }
    return events.enumerated().sorted { left, right in
      if left.element.time != right.element.time { return left.element.time < right.element.time }
      if left.element.type != right.element.type { return left.element.type < right.element.type }
      return left.offset < right.offset
    }.map(\.element)
  }

  private func events(_ events: [Event], of kind: Int, _ profile: Value) throws -> [Event] {
    switch plan.events.kinds[kind].meaning {
    case .any: events
    case .type(let type): events.filter { $0.value["eventType"]?.text == type }
    case .custom(let condition):
      try events.filter { try fulfils(condition, $0.value, profile) }
    }
  }

  private func within(_ events: [Event], days: Int?) -> [Event] {
    guard let days else { return events }
    return events.filter { cutOff.milliseconds - $0.time <= Int64(days) * 86_400_000 }
  }

  private func measured(
    _ measure: EventMeasure,
    of kind: Int,
    _ all: [Event],
    _ profile: Value
  ) throws -> Measured {
    let own = try events(all, of: kind, profile)
    let age = own.last.map { Double(cutOff.milliseconds - $0.time) }
    func gaps() -> [Double] { zip(own.dropFirst(), own).map { Double($0.time - $1.time) } }
    func meanGap() -> Double? {
      own.count < 2
        ? nil : Double(own[own.count - 1].time - own[0].time) / Double(own.count - 1)
    }
    func share(_ isMeant: (Event) -> Bool) -> Measured {
      own.isEmpty
        ? .missing : .number(Double(own.filter(isMeant).count) / Double(own.count))
    }
    func numbers(_ field: Int, _ window: FeatureWindow) -> [Double] {
      within(own, days: window.dayCount).reversed().compactMap { event in
        Self.number(Self.value(at: plan.events.numbers[field], in: event.value))
      }
    }
    func texts(_ field: Int, _ events: [Event]) -> [Text] {
      events.compactMap { Self.value(at: plan.events.texts[field], in: $0.value)?.text }
    }
    switch measure {
    case .recency: return .number(age.map { $0 / Self.day })
    case .tenure:
      return .number(own.first.map { Double(cutOff.milliseconds - $0.time) / Self.day })
    case .count(let window): return .number(Double(within(own, days: window.dayCount).count))
    case .dayCount(let window):
      let days = within(own, days: window.dayCount).map { ($0.time).flooredDay }
      return .number(Double(Set(days).count))
    case .trend(let window):
      guard let days = window.dayCount else { return .missing }
      let whole = within(own, days: 2 * days).count
      return whole == 0
        ? .missing : .number(Double(within(own, days: days).count) / Double(whole))
    case .slope:
      var sum = 0
      for week in 0..<8 {
        let count = within(own, days: 7 * week + 7).count - within(own, days: 7 * week).count
        sum += (7 - 2 * week) * count
      }
      return .number(Double(sum) / 84)
    case .gapMean: return .number(meanGap().map { $0 / Self.day })
    case .gapDeviation:
      guard own.count >= 3, let mean = meanGap() else { return .missing }
      let sum = gaps().reversed().reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) }
      return .number((sum / Double(own.count - 1)).squareRoot() / Self.day)
    case .gapRatio:
      guard let mean = meanGap(), mean > 0, let age else { return .missing }
      return .number(age / mean)
    case .hourShare(let quarter):
      return share { CivilTime(milliseconds: $0.time).hour / 6 == quarter }
    case .weekdayShare(let day): return share { CivilTime.weekday(days: $0.time.flooredDay) == day }
    case .sum(let field, let window): return .number(numbers(field, window).reduce(0.0, +))
    case .mean(let field, let window):
      let found = numbers(field, window)
      return found.isEmpty ? .missing : .number(found.reduce(0.0, +) / Double(found.count))
    case .largest(let field, let window): return .number(numbers(field, window).max())
    case .variety(let field, let window):
      return .number(Double(Set(texts(field, within(own, days: window.dayCount))).count))
    case .last(let field): return texts(field, own).last.map { .text($0) } ?? .missing
    case .follows(let second, let days):
      if own.isEmpty { return .missing }
      let others = try events(all, of: second, profile)
      let span = Int64(days) * 86_400_000
      let found = own.contains { first in
        others.contains { first.time < $0.time && $0.time <= first.time + span }
      }
      return .number(found ? 1 : 0)
    }
  }
}

extension Int64 {
  fileprivate var flooredDay: Int {
    Int((self >= 0 ? self : self - 86_399_999) / 86_400_000)
  }
}
