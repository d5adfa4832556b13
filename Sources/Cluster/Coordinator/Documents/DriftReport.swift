import Bytes
import Domain
import Propensity

/// How far scores and features have moved from what a model was trained on.
struct DriftReport {
  private struct Feature {
    var name: Text
    var drift: Drift
    var groups: BinGroups
    var before: [UInt64]
    var now: [UInt64]
  }

  /// Of the margins, against those of the hold-out rows.
  private let score: Drift?
  /// Those that have moved furthest first; none where training counted no values.
  private let features: [Feature]

  init(_ model: PropensityModel, _ findings: ScoringFindings) {
    score = model.quality.flatMap { Drift(expected: $0.margins, actual: findings.margins) }
    let layout = CensusLayout(model)
    guard !model.trainingCounts.isEmpty,
      findings.census.leaders.count == layout.features.count
    else {
      features = []
      return
    }
    let all = layout.features.enumerated().compactMap { place, number -> Feature? in
      let groups = layout.groups[place]
      let before = groups.sums(of: model.trainingCounts[number])
      let now = Array(findings.census.valueCounts(of: place).prefix(before.count))
      return Drift(expected: before, actual: now).map {
        Feature(
          name: model.features[number].name,
          drift: $0,
          groups: groups,
          before: before,
          now: now
        )
      }
    }
    features = all.enumerated().sorted { left, right in
      let (a, b) = (left.element.drift.index, right.element.drift.index)
      return a != b ? a > b : left.offset < right.offset
    }.map(\.element)
  }

  var document: Value {
    .known([
      "score": score.map { .object(Self.members(of: $0)) },
      "features": .array(
        features.enumerated().map { place, feature in
          let isTold =
            place < InsightsReport.driftedFeatureCountMax || feature.drift.verdict != .stable
          return .object(
            [("code", .string(feature.name))] + Self.members(of: feature.drift)
              + (isTold ? [("values", .array(Self.values(of: feature)))] : [])
          )
        }
      ),
    ])
  }

  private static func members(of drift: Drift) -> [(Text, Value)] {
    [
      ("index", .double(drift.index)), ("chance", .double(drift.chance)),
      ("verdict", .string(Text(drift.verdict.rawValue))),
    ]
  }

  private static func values(of feature: Feature) -> [Value] {
    let (before, now) = (Double(sum(feature.before)), Double(sum(feature.now)))
    return feature.groups.groups.indices.compactMap { group in
      guard feature.before[group] > 0 || feature.now[group] > 0 else { return nil }
      return .object(
        InsightsReport.members(of: feature.groups.groups[group]) + [
          ("training", .double(Double(feature.before[group]) / before)),
          ("now", .double(Double(feature.now[group]) / now)),
        ]
      )
    }
  }

  private static func sum(_ counts: [UInt64]) -> UInt64 { counts.reduce(0, &+) }

  /// One warning of the score, one of all features that have shifted and one of those that have moved.
  var warnings: [(isLoud: Bool, message: String)] {
    var warnings: [(isLoud: Bool, message: String)] = []
    if let score { warnings += Self.warning("the score", [score]) }
    for verdict in [Drift.Verdict.shifted, .watch] {
      let moved = features.filter { $0.drift.verdict == verdict }
      guard let furthest = moved.first else { continue }
      let name = "'\(Printable.text(furthest.name.utf8, byteCountMax: 200))'"
      let others = moved.count == 2 ? "1 more feature" : "\(moved.count - 1) more features"
      warnings += Self.warning(
        moved.count == 1 ? name : "\(name) and \(others)",
        moved.map(\.drift)
      )
    }
    return warnings
  }

  /// What is said of things that have moved alike, the one that has moved furthest first.
  private static func warning(
    _ what: String,
    _ drifts: [Drift]
  ) -> [(isLoud: Bool, message: String)] {
    guard let first = drifts.first else { return [] }
    let hundredths = (first.index * 100).rounded()
    let shown = hundredths < 100_000 ? Int(hundredths) : 100_000
    let index = "\(shown / 100).\(shown % 100 < 10 ? "0" : "")\(shown % 100)"
    let (have, most) = drifts.count == 1 ? ("has", "") : ("have", " at most")
    switch first.verdict {
    case .stable, .chance: return []
    case .watch:
      let message =
        "\(what) \(have) moved since training (stability index \(index)\(most), above 0.1)"
      return [(false, message)]
    case .shifted:
      let message =
        "\(what) \(have) shifted since training (stability index \(index)\(most), above 0.25): find"
        + " out why, and train again"
      return [(true, message)]
    }
  }
}
