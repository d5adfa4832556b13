import PQL

/// A condition on one event, as alternatives that each name the fields they test.
struct EventCondition {
  /// Everything of an alternative has to hold.
  struct Alternative {
    /// For each field what it has to fulfil, in the order of the text.
    var tests: [FieldPath: [(expression: TypedExpression, scope: Scope, isNegated: Bool)]] = [:]
    /// Conditions on the profile.
    var ofProfile: [NodeReference] = []
    /// Something else has to hold too, so that the alternative says only what is necessary.
    var isNecessaryOnly = false

    /// It asks nothing.
    var isEmpty: Bool { tests.isEmpty && ofProfile.isEmpty && !isNecessaryOnly }
  }

  /// Alternatives above which a condition is not taken apart.
  static let alternativeCountMax = 24

  /// Any may hold.
  var alternatives: [Alternative]

  static var always: EventCondition { EventCondition(alternatives: [Alternative()]) }
  static var never: EventCondition { EventCondition(alternatives: []) }

  /// Nothing is known about the condition.
  static var unknown: EventCondition {
    EventCondition(alternatives: [Alternative(isNecessaryOnly: true)])
  }

  private var isAlways: Bool { alternatives.count == 1 && alternatives[0].isEmpty }

  var isExact: Bool { !alternatives.contains(where: \.isNecessaryOnly) }

  /// It says all there is to say and asks nothing of the profile.
  var isPlain: Bool {
    alternatives.allSatisfy { !$0.isNecessaryOnly && $0.ofProfile.isEmpty }
  }

  func or(_ other: EventCondition) -> EventCondition {
    let both = alternatives + other.alternatives
    return both.count > EventCondition.alternativeCountMax
      ? .unknown : EventCondition(alternatives: both)
  }

  func and(_ other: EventCondition) -> EventCondition {
    if isAlways { return other }
    if other.isAlways { return self }
    guard alternatives.count * other.alternatives.count <= EventCondition.alternativeCountMax
    else { return .unknown }
    return EventCondition(
      alternatives: alternatives.flatMap { left in
        other.alternatives.map { right in
          var both = left
          for (path, tests) in right.tests { both.tests[path, default: []] += tests }
          both.ofProfile += right.ofProfile
          both.isNecessaryOnly = left.isNecessaryOnly || right.isNecessaryOnly
          return both
        }
      }
    )
  }
}
