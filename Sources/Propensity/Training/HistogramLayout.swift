/// Where each feature's bins lie in a histogram.
package struct HistogramLayout: Equatable, Sendable {
  /// Bins of each feature.
  package let binCounts: [Int]
  /// The first slot of each feature, and behind them the number of all slots.
  package let offsets: [Int]

  package init(features: [FeatureBins]) { self.init(binCounts: features.map(\.binCount)) }

  init(binCounts: [Int]) {
    self.binCounts = binCounts
    offsets = binCounts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
  }

  package var slotCount: Int { offsets[offsets.count - 1] }
}
