/// A parsed regular expression.
package indirect enum RegexNode: Equatable, Sendable {
  /// A place in the text that is tested without consuming anything.
  package enum Assertion: Equatable, Sendable {
    case textStart
    /// The end of the text, or before one line feed that ends it.
    case textEnd
    case wordBoundary
    case notWordBoundary
  }

  case sequence([RegexNode])
  /// Alternatives in order of preference.
  case alternatives([RegexNode])
  case scalar(ScalarSet)
  case assertion(Assertion)
  /// A capturing group; groups count from 1 by their opening parenthesis.
  case group(Int, RegexNode)
  /// `high` is `nil` for no upper bound.
  case repetition(RegexNode, low: Int, high: Int?, lazy: Bool)

  /// Whether the node can match the empty text.
  package var isNullable: Bool {
    switch self {
    case .sequence(let parts): parts.allSatisfy(\.isNullable)
    case .alternatives(let parts): parts.contains(where: \.isNullable)
    case .scalar: false
    case .assertion: true
    case .group(_, let body): body.isNullable
    case .repetition(let body, let low, _, _): low == 0 || body.isNullable
    }
  }
}
