import Bytes
import PQL

extension CheckedQuery {
  /// The ways to fields of the profile that the definition reads anywhere, each once; of a field that
  /// is looked into, at least the way to it.
  var profilePaths: [[Text]] {
    var paths: [[Text]] = []
    body.forEachExpression { expression in
      guard case .path(let base, let names) = expression.form, isProfile(base) else { return }
      if !paths.contains(names) { paths.append(names) }
    }
    return paths
  }

  /// How often the profile's events are spoken of.
  var eventMentionCount: Int {
    var count = 0
    body.forEachExpression { if case .events = $0.form { count += 1 } }
    return count
  }

  var readsEvents: Bool { eventMentionCount > 0 }

  private func isProfile(_ expression: TypedExpression) -> Bool {
    switch expression.form {
    case .item(level: 0): true
    case .variable(let variable): variable == profileVariable
    default: false
    }
  }
}
