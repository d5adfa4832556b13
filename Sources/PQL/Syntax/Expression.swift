package import Bytes

/// A piece of a definition as it was written: names are not resolved and nothing is checked.
///
/// Two expressions are equal when they say the same; where they stand takes no part. Blank space,
/// redundant parentheses, and `f(a, b)` or `a.f(b)` make no difference either. `and`, `or`, sums and
/// products are flat, so a long chain of them is not a deep tree.
package struct Expression: Hashable, Sendable {
  package let form: Form
  package let range: SourceRange
  /// Nodes on the longest way down to a leaf, this one included.
  package let height: Int

  package init(_ form: Form, at range: SourceRange = .none) {
    self.form = form
    self.range = range
    height = 1 + form.children.reduce(0) { max($0, $1.height) }
  }

  package indirect enum Form: Hashable, Sendable {
    case literal(Literal)
    case list([Expression])
    case object([ObjectEntry])
    /// An unqualified name: a variable, or a property of the innermost implicit item.
    case name(Text)
    /// The profile's events; written `xEvent` without backticks.
    case events
    /// `$1`, counted from 1.
    case parameter(Int)
    case this
    /// The implicit item `levels` further out; always the start of a path or of a call.
    case outer(levels: Int)
    case timeWord(TimeWord)
    /// `object.a.b`: at least one name.
    case path(Expression, [Identifier])
    /// `array[condition]`.
    case filter(Expression, Expression)
    /// `f(a, b)` or `a.f(b)`, also `a like b` and `a matches b`.
    case call(Identifier, [Argument])
    /// `if(test, then, otherwise)`.
    case conditional(Expression, Expression, Expression)
    case negative(Expression)
    /// The first operand, then at least one operator with its operand; all of `+ -` or all of
    /// `* / %`.
    case arithmetic(Expression, [ArithmeticStep<Expression>])
    case comparison(Comparison, Expression, Expression)
    /// `value in array`, or `value notIn array`.
    case membership(isNegated: Bool, Expression, Expression)
    case occurs(Expression, TimeTest<Expression>)
    case not(Expression)
    /// At least two terms, none of them an `and`.
    case and([Expression])
    /// At least two terms, none of them an `or`.
    case or([Expression])
    case binding(Identifier, value: Expression, body: Expression)
    case select([Declaration])
    case exists([Declaration])
    case forall([Declaration])
    /// `sum value over …`; the short form without a value is about its only variable.
    case aggregate(Aggregate, value: Expression?, [Declaration])
    case chain(Chain)
  }

  package static func == (left: Expression, right: Expression) -> Bool { left.form == right.form }

  package func hash(into hasher: inout Hasher) { hasher.combine(form) }
}

/// A name at its place; two names are equal when their text is.
package struct Identifier: Hashable, Sendable {
  package var text: Text
  package var range: SourceRange

  package init(_ text: Text, at range: SourceRange = .none) {
    self.text = text
    self.range = range
  }

  package static func == (left: Identifier, right: Identifier) -> Bool { left.text == right.text }

  package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

package enum Literal: Hashable, Sendable {
  case null
  case boolean(Bool)
  /// Finite and not negative: a sign is an operator.
  case number(Double)
  case string(Text)
}

/// `"key": value` in an object literal.
package struct ObjectEntry: Hashable, Sendable {
  package var key: Identifier
  package var value: Expression

  package init(key: Identifier, value: Expression) {
    self.key = key
    self.value = value
  }
}

/// What stands between the parentheses of a call; the receiver of `a.f(b)` is the first argument.
package enum Argument: Hashable, Sendable {
  case expression(Expression)
  /// `(parameters) => body`.
  case lambda(parameters: [Identifier], body: Expression)
}

/// `variable from source where condition`.
package struct Declaration: Hashable, Sendable {
  package var variable: Identifier
  package var source: Expression
  package var condition: Expression?

  package init(variable: Identifier, source: Expression, condition: Expression?) {
    self.variable = variable
    self.source = source
    self.condition = condition
  }
}

/// `chain(array, timestamp, [steps])`; at least one step and one name of the timestamp's path.
package struct Chain: Hashable, Sendable {
  package var array: Expression
  package var timestamp: [Identifier]
  package var steps: [Step]

  package init(array: Expression, timestamp: [Identifier], steps: [Step]) {
    self.array = array
    self.timestamp = timestamp
    self.steps = steps
  }

  /// `label: what(…) where(…) when(…) count(…)`.
  package struct Step: Hashable, Sendable {
    package var label: Identifier
    package var isExcluded: Bool
    package var what: Expression
    package var condition: Expression?
    package var when: [TimeTest<Expression>]
    package var count: CountRange?

    package init(
      label: Identifier,
      isExcluded: Bool = false,
      what: Expression,
      condition: Expression? = nil,
      when: [TimeTest<Expression>] = [],
      count: CountRange? = nil
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

/// A whole definition as it was written.
package struct Query: Hashable, Sendable {
  /// The parameters of `(P) => …`; `nil` without that.
  package var parameters: [Identifier]?
  package var body: Expression
  /// The text the ranges point into, which takes no part in equality.
  package var source: Text

  package init(parameters: [Identifier]? = nil, body: Expression, source: Text = "") {
    self.parameters = parameters
    self.body = body
    self.source = source
  }

  package static func == (left: Query, right: Query) -> Bool {
    left.parameters == right.parameters && left.body == right.body
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(parameters)
    hasher.combine(body)
  }
}
