import Bytes
import Propensity

/// What moved a score: the features of one group together, named by the strongest of them.
struct Factor: Equatable {
  /// How much of all that moved a score is a factor's.
  enum Importance: String {
    case low
    case medium
    case high
  }

  /// Factors that are told at most.
  static let countMax = 10

  var feature: Int
  /// Of the whole group, in log-odds.
  var contribution: Double
  /// Of the sum of all groups' contributions without their signs, 0…1.
  var share: Double

  /// High above a fifth of the whole, medium above a twentieth.
  var importance: Importance {
    share > 0.2 ? .high : share > ScoringCensus.notedShare ? .medium : .low
  }

  /// The groups that moved a margin most, the strongest first.
  static func strongest(
    _ contributions: [Double],
    groups: [Text],
    countMax: Int = Factor.countMax
  ) -> [Factor] {
    var byGroup: [Text: (sum: Double, feature: Int)] = [:]
    for (feature, contribution) in contributions.enumerated() where contribution != 0 {
      let known = byGroup[groups[feature]]
      let strongest =
        known.map { abs(contributions[$0.feature]) >= abs(contribution) ? $0.feature : feature }
        ?? feature
      byGroup[groups[feature]] = ((known?.sum ?? 0) + contribution, strongest)
    }
    let sorted = byGroup.values.filter { $0.sum != 0 }.sorted { left, right in
      let (a, b) = (abs(left.sum), abs(right.sum))
      return a != b ? a > b : left.feature < right.feature
    }
    // Added in a fixed order, so that the sum is the same bits everywhere.
    let whole = sorted.reduce(0.0) { $0 + abs($1.sum) }
    return sorted.prefix(countMax).map { group in
      Factor(
        feature: group.feature,
        contribution: group.sum,
        share: abs(group.sum) / whole
      )
    }
  }
}

extension FeatureColumn {
  /// A row's value as text; `nil` where there is none.
  func shown(_ row: Int) -> String? {
    switch self {
    case .numeric(let values):
      let value = values[row]
      if value.isNaN { return nil }
      return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    case .categorical(let codes, let names):
      return Int(codes[row]) < names.count ? names[Int(codes[row])].string : nil
    }
  }
}
