package import Bytes

/// A piece of a checked definition: every name resolved, every call known.
///
/// Evaluation needs two stacks, both of known size (`CheckedQuery`): *items*, where level 0 is the
/// profile and each `[ ]`, per-item argument without a lambda, and chain puts its current element at
/// its own level; and *variables*, where each binding owns a slot that holds its value while its
/// scope is evaluated. Equality leaves out where things stand and what variables are called.
package struct TypedExpression: Hashable, Sendable {
  package var form: Form
  package var kind: ValueKind
  package var range: SourceRange

  package init(_ form: Form, kind: ValueKind, at range: SourceRange = .none) {
    self.form = form
    self.kind = kind
    self.range = range
  }

  package indirect enum Form: Hashable, Sendable {
    case literal(Literal)
    case list([TypedExpression])
    /// Keys are distinct.
    case object([TypedEntry])
    /// The implicit item of a level; level 0 is the profile.
    case item(level: Int)
    /// The profile's events.
    case events
    case variable(Variable)
    case timeWord(TimeWord)
    /// `object.a.b`; an unqualified property is a path from its item. At least one name.
    case path(TypedExpression, [Text])
    /// A function whose arguments are all values; the receiver is the first.
    case call(Function, [TypedExpression])
    /// A function that evaluates its body once an element; also `array[condition]`, a `filter`.
    case perItem(Function, PerItemCall)
    case conditional(TypedExpression, TypedExpression, TypedExpression)
    case negative(TypedExpression)
    /// From left to right; at least one step.
    case arithmetic(TypedExpression, [ArithmeticStep<TypedExpression>])
    case comparison(Comparison, TypedExpression, TypedExpression)
    case membership(isNegated: Bool, TypedExpression, TypedExpression)
    case occurs(TypedExpression, TimeTest<TypedExpression>)
    case not(TypedExpression)
    case and([TypedExpression])
    case or([TypedExpression])
    case binding(Variable, value: TypedExpression, body: TypedExpression)
    case comprehension(Comprehension, [TypedDeclaration])
    case chain(TypedChain)
  }

  package static func == (left: TypedExpression, right: TypedExpression) -> Bool {
    left.kind == right.kind && left.form == right.form
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(form) }
}

/// A bound name; its slot is below `CheckedQuery.slotCount` and free again after its scope.
package struct Variable: Hashable, Sendable {
  package var slot: Int
  package var name: Text

  package init(slot: Int, name: Text) {
    self.slot = slot
    self.name = name
  }

  package static func == (left: Variable, right: Variable) -> Bool { left.slot == right.slot }

  package func hash(into hasher: inout Hasher) { hasher.combine(slot) }
}

package struct TypedEntry: Hashable, Sendable {
  package var key: Text
  package var value: TypedExpression

  package init(key: Text, value: TypedExpression) {
    self.key = key
    self.value = value
  }
}

/// The operands of a function that looks at each element of its receiver.
package struct PerItemCall: Hashable, Sendable {
  package var receiver: TypedExpression
  /// What is evaluated for each element; only `exists`, `forall` and the aggregates do without.
  package var body: ItemBody?
  /// How many elements `topN` and `bottomN` take; `nil` for every other function.
  package var amount: TypedExpression?

  package init(
    receiver: TypedExpression,
    body: ItemBody? = nil,
    amount: TypedExpression? = nil
  ) {
    self.receiver = receiver
    self.body = body
    self.amount = amount
  }
}

/// An expression evaluated once an element, and how it sees the element.
package struct ItemBody: Hashable, Sendable {
  package enum Binding: Hashable, Sendable {
    /// The element is the implicit item of a level.
    case item(level: Int)
    /// `(X) => …`.
    case variable(Variable)
    /// `(K, V) => …`, for `map` over a map alone.
    case entry(key: Variable, value: Variable)
  }

  package var binding: Binding
  package var expression: TypedExpression

  package init(_ binding: Binding, _ expression: TypedExpression) {
    self.binding = binding
    self.expression = expression
  }
}

/// What is done with the tuples of some declarations.
package enum Comprehension: Hashable, Sendable {
  case select
  case exists
  case forall
  /// The value of each tuple; the short form's value is its variable.
  case aggregate(Aggregate, TypedExpression)
}

package struct TypedDeclaration: Hashable, Sendable {
  package var variable: Variable
  package var source: TypedExpression
  package var condition: TypedExpression?

  package init(variable: Variable, source: TypedExpression, condition: TypedExpression?) {
    self.variable = variable
    self.source = source
    self.condition = condition
  }
}

/// A chain: its element is the implicit item of `itemLevel` in all its conditions.
package struct TypedChain: Hashable, Sendable {
  package var array: TypedExpression
  /// The path from an element to its instant; at least one name.
  package var timestamp: [Text]
  package var itemLevel: Int
  package var steps: [Step]

  package init(array: TypedExpression, timestamp: [Text], itemLevel: Int, steps: [Step]) {
    self.array = array
    self.timestamp = timestamp
    self.itemLevel = itemLevel
    self.steps = steps
  }

  /// One step; at least one of a chain is not excluded.
  package struct Step: Hashable, Sendable {
    /// The event last picked, seen by the later steps; an excluded step's is never seen.
    ///
    /// Where a later step uses it as a time, the path to the event's instant stands instead.
    package var label: Variable
    package var isExcluded: Bool
    package var what: TypedExpression
    package var condition: TypedExpression?
    package var when: [TimeTest<TypedExpression>]
    /// Not empty; with an upper bound only in a chain of one step; low 1 in an excluded step.
    package var count: CountRange

    package init(
      label: Variable,
      isExcluded: Bool,
      what: TypedExpression,
      condition: TypedExpression?,
      when: [TimeTest<TypedExpression>],
      count: CountRange
    ) {
      self.label = label
      self.isExcluded = isExcluded
      self.what = what
      self.condition = condition
      self.when = when
      self.count = count
    }
  }
}
