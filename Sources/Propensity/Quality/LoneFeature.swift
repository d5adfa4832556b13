package import Bytes

/// What one feature tells by itself, before any model: how well it orders the labels, and whether the
/// newest rows have values that the others do not.
package struct LoneFeature: Equatable, Sendable {
  /// From this area on a feature nearly decides the label, and has probably seen it.
  ///
  /// An area of 0.95 means that of a row that reached the goal and one that did not, the feature alone
  /// tells which is which 19 times out of 20. What is known before an outcome does not do that: the
  /// strongest single attribute of the public data sets in the samples has 0.86. And chance does not
  /// do it either: with the 500 rows of each outcome that a training needs, the standard error of an
  /// area of 0.95 is 0.007 (Hanley and McNeil 1982). On features that are too good to be true see
  /// S. Kaufman et al., "Leakage in data mining", ACM TKDD 6 (2012).
  ///
  /// A leak that decides less is not found by it: the length of the call in bank-marketing, which is
  /// known only when the outcome is, has 0.81. So areas are told of all features, the largest first.
  package static let leakAreaMin = 0.95

  /// Share of the newest rows beyond which an end bin holds nearly all of them.
  private static let beyondShareMin = 0.9
  /// Share of the learned rows below which an end bin is at the end of what was learned.
  private static let endShareMax = 0.1

  package var name: Text
  package var kind: FeatureKind
  /// Area under the curve of the feature alone, 0.5…1; `nil` when one outcome is missing.
  package var area: Double?
  /// Share of rows without a value, 0…1.
  package var missingShare: Double
  /// Whether nearly all rows of the out-of-time test lie beyond nearly all that was learned from.
  ///
  /// Such a feature tells the time rather than the row, as the days since the first event do where all
  /// customers came at one time. What trees learned of it says nothing about values to come.
  package var isBeyondLearned: Bool

  package var isLeak: Bool { area.map { $0 >= Self.leakAreaMin } ?? false }

  /// Looks at every feature.
  ///
  /// - Parameters:
  ///   - features: the bins that the rows were counted by.
  ///   - labels: merged over all rows.
  /// - Returns: one a feature.
  package static func all(_ features: [FeatureBins], _ labels: BinLabels) -> [LoneFeature] {
    let layout = HistogramLayout(features: features)
    precondition(labels.slotCount == layout.slotCount, "labels of \(labels.slotCount) bins")
    return features.indices.map { index in
      LoneFeature(
        features[index],
        labels,
        slots: layout.offsets[index]..<layout.offsets[index + 1]
      )
    }
  }

  private init(_ feature: FeatureBins, _ labels: BinLabels, slots: Range<Int>) {
    let halves = (0..<2).map { half in slots.map { labels.outcomes($0, half: half) } }
    let bins = zip(halves[0], halves[1]).map {
      Outcomes(positives: $0.positives &+ $1.positives, negatives: $0.negatives &+ $1.negatives)
    }
    let rowCount = bins.reduce(0 as UInt64) { $0 &+ $1.rowCount }
    name = feature.name
    kind = feature.kind
    missingShare = rowCount == 0 ? 0 : Double(bins[0].rowCount) / Double(rowCount)
    let crossed = Self.crossedArea(
      halves.map { $0.map { Outcomes(positives: $0.positives, negatives: $0.negatives) } }
    )
    let ordered = feature.kind == .numeric ? Self.orderedArea(bins) : nil
    area = [crossed, ordered].compactMap(\.self).max().map { max(0.5, $0) }
    isBeyondLearned =
      feature.kind == .numeric
      && Self.isBeyond(bins, outOfTime: slots.map { labels.outOfTimeCount($0) })
  }

  private struct Outcomes {
    var positives: UInt64
    var negatives: UInt64
    var rowCount: UInt64 { positives &+ negatives }
    /// Shrunk towards one half by two rows, so that few rows promise little.
    var rate: Double { (Double(positives) + 1) / (Double(rowCount) + 2) }
  }

  private static func area(_ bins: [Outcomes]) -> Double? {
    QualityFigures.areaUnderCurve(
      positives: bins.map(\.positives),
      negatives: bins.map(\.negatives)
    )
  }

  /// The area with bins in the order of their values, upwards or downwards, missing first or last.
  private static func orderedArea(_ bins: [Outcomes]) -> Double? {
    let values = Array(bins.dropFirst())
    let areas = [bins, values + bins.prefix(1)].compactMap { area($0) }
    return areas.map { max($0, 1 - $0) }.max()
  }

  /// The area with bins in the order of their rates, as found in one half of the rows and measured in
  /// the other, both ways round: so no order is fitted to the rows it is measured by.
  private static func crossedArea(_ halves: [[Outcomes]]) -> Double? {
    var areas: [Double] = []
    for (finding, measuring) in [(halves[0], halves[1]), (halves[1], halves[0])] {
      let order = finding.indices.sorted { left, right in
        let (a, b) = (finding[left].rate, finding[right].rate)
        return a != b ? a < b : left < right
      }
      // Bins of one rate are tied.
      var groups: [Outcomes] = []
      var last: Double?
      for bin in order {
        if finding[bin].rate == last, let group = groups.indices.last {
          groups[group].positives &+= measuring[bin].positives
          groups[group].negatives &+= measuring[bin].negatives
        } else {
          groups.append(measuring[bin])
        }
        last = finding[bin].rate
      }
      guard let area = area(groups) else { return nil }
      areas.append(area)
    }
    return (areas[0] + areas[1]) / 2
  }

  private static func isBeyond(_ bins: [Outcomes], outOfTime: [UInt64]) -> Bool {
    let learned = bins.dropFirst().reduce(0.0) { $0 + Double($1.rowCount) }
    let newest = outOfTime.dropFirst().reduce(0.0) { $0 + Double($1) }
    guard learned > 0, newest > 0, bins.count > 2 else { return false }
    return [1, bins.count - 1].contains { end in
      Double(outOfTime[end]) >= beyondShareMin * newest
        && Double(bins[end].rowCount) <= endShareMax * learned
    }
  }
}
