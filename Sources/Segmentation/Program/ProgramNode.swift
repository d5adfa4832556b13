import PQL

/// A condition on a profile that many definitions may share.
enum ProgramNode: Hashable, Sendable {
  /// Always true; node 0.
  case constant
  /// All hold: at least two, ascending, none of them a conjunction that is not negated.
  ///
  /// A disjunction is the negation of a conjunction of negations.
  case and([NodeReference])
  /// A test of one attribute, by its number.
  case attribute(Int)
  /// Some event fits a match, by its number.
  case exists(Int)
  /// At least so many events fit a match.
  case count(Int, atLeast: Int)
  /// A sum over the events that fit a match stands in a relation to a number.
  case sum(SumTest)
  /// An event of one match is followed by an event of another.
  case pair(PairTest)
  /// What is evaluated profile by profile, by its number.
  case residual(Int)
  /// A definition that is compiled elsewhere, by its number there; not in a whole program.
  case definition(Int)
}

/// `sum` or `average` of a field of some events, compared with a number.
struct SumTest: Hashable, Sendable {
  var match: Int
  var value: FieldPath
  /// `sum` or `average`.
  var aggregate: Aggregate
  var comparison: Comparison
  var bound: Double
  /// The same as a residual, for columns whose numbers cannot be added fast.
  var residual: Int
}

/// Two events of which the second is later by a number of milliseconds from a range.
struct PairTest: Hashable, Sendable {
  var first: Int
  var second: Int
  /// At least 1: equal instants are no sequence.
  var gap: ClosedRange<Int64>
  /// Whether the definition's days are those of UTC; if not, some texts are other instants to it.
  var isUTC: Bool
  /// The same as a residual, for events whose instants depend on a zone.
  var residual: Int
}

/// Tests that one event has to pass, each of another field.
struct EventMatch: Hashable, Sendable {
  /// Numbers of the tests, ascending.
  var tests: [Int]
}
