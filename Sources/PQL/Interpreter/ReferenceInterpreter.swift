package import Bytes
package import Domain

/// The meaning of a checked definition: evaluates it on one profile, plainly.
///
/// The profile is an object; its events are the array `xEvent`, in the order that `orderedEvents`
/// establishes.
package struct ReferenceInterpreter: Sendable {
  package let query: CheckedQuery
  /// The regular expressions written in the definition, by pattern.
  let patterns: [Text: RegularExpression]

  package init(_ query: CheckedQuery) {
    self.query = query
    var patterns: [Text: RegularExpression] = [:]
    query.body.forEachLiteralPattern { patterns[$0] = try? RegularExpression($0) }
    self.patterns = patterns
  }

  /// The value of the definition; `nil` is null.
  package func value(
    of profile: Value,
    in context: EvaluationContext
  ) throws(EvaluationError) -> RuntimeValue? {
    let evaluator = Evaluator(self, profile: profile, context: context)
    return try evaluator.value(of: query.body)
  }

  /// Whether the profile is a member: the definition's value in boolean position.
  package func isMember(
    _ profile: Value,
    in context: EvaluationContext
  ) throws(EvaluationError) -> Bool {
    try value(of: profile, in: context).inBooleanPosition
  }

  /// The same; `steps` grows by what was taken.
  package func isMember(
    _ profile: Value,
    in context: EvaluationContext,
    counting steps: inout Int
  ) throws(EvaluationError) -> Bool {
    let evaluator = Evaluator(self, profile: profile, context: context)
    defer { steps += evaluator.stepCount }
    return try evaluator.value(of: query.body).inBooleanPosition
  }

  /// Events in the order of the language: by instant of `timestamp`, equal instants as they came,
  /// events without a readable timestamp last.
  ///
  /// Texts without an offset are read as UTC, so the order is one for all definitions.
  package static func orderedEvents(_ events: [Value]) -> [Value] {
    let relations = ValueRelations(.utc)
    let name: Text = "timestamp"
    let instants = events.map { event in event[name].flatMap(relations.moment) }
    let isOrdered = zip(instants, instants.dropFirst()).allSatisfy { earlier, later in
      guard let earlier else { return later == nil }
      return later.map { earlier <= $0 } ?? true
    }
    if isOrdered { return events }
    let order = instants.indices.sorted { left, right in
      switch (instants[left], instants[right]) {
      case (let first?, let second?): first == second ? left < right : first < second
      case (.some, nil): true
      case (nil, .some): false
      case (nil, nil): left < right
      }
    }
    return order.map { events[$0] }
  }

  /// A profile with its events in the order of the language.
  package static func ordered(_ profile: Value) -> Value {
    guard case .object(var object) = profile, let events = object[.xEvent]?.elements else {
      return profile
    }
    object[.xEvent] = .array(orderedEvents(events))
    return .object(object)
  }
}

extension Text {
  /// The field of a profile that holds its events.
  package static let xEvent: Text = "xEvent"
}
