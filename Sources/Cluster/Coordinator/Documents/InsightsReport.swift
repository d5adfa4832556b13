package import Bytes
package import Domain
package import Propensity

/// What is told of a model and of its last scoring: quality, buckets, factors, drift, and warnings.
///
/// Everything comes from the model and from counts of rows, so it is the same for any division of
/// the rows.
///
/// ```
/// quality   {rows, positives, baseRate, calibration, areaUnderCurve …, gains, reliability, isPoor,
///            outOfTime?: the same figures at a cut-off that nothing was learned from}
/// scores    [rows of the scores 0…100]
/// buckets   [{bucket, from, to, profiles, share, expectedRate, factors}]
///   factors [{code, kind, direction, meanContribution, meanSize, notedShare, raisedShare, coverage,
///             values: [{group…, profiles, share, shareOfAll}]}], the largest mean size first
/// drift     {score: {index, chance, verdict}, features: [{code, index, chance, verdict, values?}]}
/// warnings  [{isLoud, message}], the loud ones first
/// ```
///
/// A `group` is `missing: true`, `others: true`, `category`, or a range `above` and `upTo`.
package enum InsightsReport {
  /// Factors of a bucket that are told.
  static let factorCountMax = 10
  /// Features whose values are told beside their drift, those that are not stable apart.
  static let driftedFeatureCountMax = 10

  /// The members of the document.
  ///
  /// - Parameters:
  ///   - model: what scored.
  ///   - findings: of its last scoring; `nil` without one.
  /// - Returns: those that are known.
  package static func members(
    of model: PropensityModel,
    _ findings: ScoringFindings?
  ) -> [(Text, Value)] {
    let drift = findings.map { DriftReport(model, $0) }
    let objections = ModelReport.warnings(of: model)
    let warnings: [(isLoud: Bool, message: String)] =
      objections.map { (isLoud: true, message: $0) } + (drift?.warnings ?? [])
      + calibrationWarnings(model)
    let members: [(Text, Value?)] = [
      ("quality", quality(of: model, isPoor: !objections.isEmpty)),
      ("scores", findings.map { .array($0.census.scoreCounts.map { .count($0) }) }),
      ("buckets", findings.map { .array(buckets($0.census, CensusLayout(model), model)) }),
      ("drift", drift?.document),
      (
        "warnings",
        .array(
          (warnings.filter(\.isLoud) + warnings.filter { !$0.isLoud }).map {
            .known(["isLoud": .boolean($0.isLoud), "message": .string($0.message)])
          }
        )
      ),
    ]
    return members.compactMap { name, value in value.map { (name, $0) } }
  }

  private static func quality(of model: PropensityModel, isPoor: Bool) -> Value? {
    guard let quality = model.quality,
      case .object(let figures) = ModelReport.quality(quality, model.calibration)
    else { return nil }
    let labels = model.labels
    var members: [(Text, Value)] =
      [
        ("trainingRows", .count(labels.trainingRows)), ("rows", .count(labels.holdOutRows)),
        ("positives", .count(labels.holdOutPositives)),
        ("baseRate", .double(Double(labels.positives) / Double(max(1, labels.rows)))),
        ("trees", .count(model.trees.count)),
        ("calibration", .string(ModelReport.word(of: model.calibration))),
      ] + figures.fields.map { ($0.name, $0.value) } + [("isPoor", .boolean(isPoor))]
    if let later = model.outOfTime {
      members.append(("outOfTime", ModelReport.quality(later, model.calibration)))
    }
    return .object(members)
  }

  /// What an expected error above 0.05 means for whoever takes probabilities at their word.
  private static func calibrationWarnings(
    _ model: PropensityModel
  ) -> [(isLoud: Bool, message: String)] {
    guard let error = model.quality?.calibrationError, error > 0.05 else { return [] }
    let percents = Int((error * 100).rounded())
    return [
      (
        false,
        "probabilities are off by \(percents) points on average over the hold-out rows: use scores and"
          + " percentiles rather than probabilities"
      )
    ]
  }

  private static func buckets(
    _ census: ScoringCensus,
    _ layout: CensusLayout,
    _ model: PropensityModel
  ) -> [Value] {
    let all = census.rowCount
    return ScoreBucket.allCases.map { bucket in
      let rows = census.rowCount(of: bucket)
      return .known([
        "bucket": .string(bucket.rawValue),
        "from": .count(bucket.scores.lowerBound),
        "to": .count(bucket.scores.upperBound),
        "profiles": .count(rows),
        "share": all > 0 ? .double(Double(rows) / Double(all)) : nil,
        "expectedRate": census.expectedRate(of: bucket).map { .double($0) },
        // Places of another model's census would be other features.
        "factors": census.leaders.count == layout.features.count && rows > 0
          ? .array(factors(of: bucket, census, layout, model)) : nil,
      ])
    }
  }

  private static func factors(
    of bucket: ScoreBucket,
    _ census: ScoringCensus,
    _ layout: CensusLayout,
    _ model: PropensityModel
  ) -> [Value] {
    let rows = Double(census.rowCount(of: bucket))
    let all = Double(census.rowCount)
    return census.factors(of: bucket).prefix(factorCountMax).map { place, factor in
      let feature = model.features[layout.features[place]]
      let own = census.valueCounts(of: place, in: bucket)
      let total = census.valueCounts(of: place)
      let values = zip(layout.groups[place].groups, zip(own, total)).compactMap { group, counts in
        counts.1 == 0
          ? nil
          : Value.object(
            members(of: group) + [
              ("profiles", .count(counts.0)), ("share", .double(Double(counts.0) / rows)),
              ("shareOfAll", .double(Double(counts.1) / all)),
            ]
          )
      }
      let (raising, lowering) = (Double(factor.raising), Double(factor.lowering))
      let unit = ScoringCensus.contributionUnit / rows
      return .known([
        "code": .string(feature.name),
        "kind": .string(feature.kind == .numeric ? "numeric" : "categorical"),
        "direction": .string(direction(raising, lowering)),
        "meanContribution": .double((raising - lowering) * unit),
        "meanSize": .double((raising + lowering) * unit),
        "notedShare": .double(Double(factor.notedCount) / rows),
        "raisedShare": .double(Double(factor.raisedCount) / rows),
        "coverage": .double(1 - Double(own[own.startIndex]) / rows),
        "values": .array(values),
      ])
    }
  }

  /// `mixed` where neither direction makes two thirds of it.
  private static func direction(_ raising: Double, _ lowering: Double) -> Text {
    let share = raising / (raising + lowering)
    return share > 2.0 / 3 ? "up" : share < 1.0 / 3 ? "down" : "mixed"
  }

  /// The members that say which values are in a group.
  static func members(of group: BinGroups.Group) -> [(Text, Value)] {
    switch group {
    case .missing: [("missing", .boolean(true))]
    case .others: [("others", .boolean(true))]
    case .category(let name): [("category", .string(name))]
    case .range(let above, let upTo):
      [("above", above), ("upTo", upTo)].compactMap { name, end in
        end.map { (name, .double($0)) }
      }
    }
  }
}
