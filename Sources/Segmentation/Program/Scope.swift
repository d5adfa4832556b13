import PQL

/// What items and variables of a definition stand for at some place of it.
struct Scope {
  indirect enum Meaning {
    case profile
    case event
    /// Bound by a `let`: the expression, in the scope where it stands.
    case value(TypedExpression, Scope)
    /// Bound inside the condition that is looked at, where it has this number.
    case inner(Int)
    /// The event of a chain's earlier step.
    case label
  }

  private var levels: [Meaning?]
  private var slots: [Meaning?] = []

  /// Knows nothing.
  init() { levels = [] }

  init(_ query: CheckedQuery) {
    levels = [.profile]
    if let variable = query.profileVariable { bind(variable, to: .profile) }
  }

  mutating func bind(_ variable: Variable, to meaning: Meaning) {
    while slots.count <= variable.slot { slots.append(nil) }
    slots[variable.slot] = meaning
  }

  mutating func bind(level: Int, to meaning: Meaning) {
    while levels.count <= level { levels.append(nil) }
    levels[level] = meaning
  }

  mutating func bind(_ binding: ItemBody.Binding, to meaning: Meaning) {
    switch binding {
    case .item(let level): bind(level: level, to: meaning)
    case .variable(let variable): bind(variable, to: meaning)
    case .entry: break
    }
  }

  func meaning(ofLevel level: Int) -> Meaning? { level < levels.count ? levels[level] : nil }

  func meaning(of variable: Variable) -> Meaning? {
    variable.slot < slots.count ? slots[variable.slot] : nil
  }

  /// The profile, an event, or a path from one of them; `nil` for anything else.
  func path(of expression: TypedExpression) -> FieldPath? {
    switch expression.form {
    case .item(let level): path(of: meaning(ofLevel: level))
    case .variable(let variable): path(of: meaning(of: variable))
    case .path(let base, let names):
      path(of: base).map { FieldPath($0.root, $0.names + names) }
    default: nil
    }
  }

  private func path(of meaning: Meaning?) -> FieldPath? {
    switch meaning {
    case .profile: FieldPath(.profile, [])
    case .event: FieldPath(.event, [])
    case .value(let expression, let scope): scope.path(of: expression)
    case .inner, .label, nil: nil
    }
  }
}
