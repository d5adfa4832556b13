/// Why no model can be trained.
package enum TrainingError: Error, Equatable, Sendable {
  /// A setting is out of the range that `TrainingSettings` states.
  case setting(name: String)
  case columns(ColumnError)
  /// Labels and row keys must be as many as rows.
  case rowCount(what: String, expected: Int, actual: Int)
  /// The rows to train on all have one label, or there are none.
  case constantLabel(rows: UInt64, positives: UInt64)
  /// No feature tells rows apart.
  case noUsefulFeature
  /// A partition's answer does not fit the order it answers.
  case unexpectedAnswer(what: String)
  /// An order does not fit the partition's state.
  case unexpectedOrder(what: String)
}

extension TrainingError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .setting(let name): "the training setting '\(name)' is out of its range"
    case .columns(let error): error.description
    case .rowCount(let what, let expected, let actual):
      "\(actual) \(what) were given for \(expected) rows"
    case .constantLabel(0, _): "there are no rows to train on"
    case .constantLabel(let rows, 0): "the goal was reached by none of the \(rows) rows"
    case .constantLabel(let rows, _): "the goal was reached by all of the \(rows) rows"
    case .noUsefulFeature: "no feature tells the rows apart"
    case .unexpectedAnswer(let what): "a training answer does not fit its order: \(what)"
    case .unexpectedOrder(let what): "a training order does not fit: \(what)"
    }
  }
}
