package import Bytes

/// Few groups of a feature's bins, about equally full at training: what insights count values by.
///
/// Group 0 is for missing values. Of a numeric feature the others are ranges that ascend; of a
/// categorical one they are the most frequent categories, and the last is for all others.
package struct BinGroups: Equatable, Sendable {
  package enum Group: Equatable, Sendable {
    case missing
    /// Values above the one and up to the other; `nil` where there is no end.
    case range(above: Double?, upTo: Double?)
    case category(Text)
    /// Categories without a group of their own, known or not.
    case others
  }

  /// Groups of a feature at most: missing, ten of values, and others.
  package static let countMax = 12
  private static let valueGroupCountMax = 10

  package let groups: [Group]
  /// By bin.
  let groupOfBin: [UInt8]

  /// Groups the bins of a feature.
  ///
  /// - Parameters:
  ///   - feature: how its values become bins.
  ///   - trainingCounts: rows of each bin at training; `nil` takes all bins for equally full.
  package init(_ feature: FeatureBins, trainingCounts: [UInt64]?) {
    let counts = trainingCounts ?? [UInt64](repeating: 1, count: feature.binCount)
    precondition(counts.count == feature.binCount, "\(counts.count) of \(feature.binCount) bins")
    switch feature.cut {
    case .edges(let edges): self.init(edges: edges, counts: counts)
    case .categories(let names): self.init(categories: names, counts: counts)
    }
  }

  private init(edges: [Double], counts: [UInt64]) {
    var groups: [Group] = [.missing]
    var groupOfBin: [UInt8] = [0]
    var above: Double?
    var rows: UInt64 = 0
    var rest = counts.dropFirst().reduce(0, &+)
    for bin in 1..<counts.count {
      groupOfBin.append(UInt8(groups.count))
      rows &+= counts[bin]
      // What is left is shared out anew, so that a crowded bin does not make others tiny.
      let left = Self.valueGroupCountMax - (groups.count - 1)
      guard bin <= edges.count, left > 1, Double(rows) >= Double(rest) / Double(left), rows > 0
      else { continue }
      groups.append(.range(above: above, upTo: edges[bin - 1]))
      above = edges[bin - 1]
      rest &-= rows
      rows = 0
    }
    groups.append(.range(above: above, upTo: nil))
    self.groups = groups
    self.groupOfBin = groupOfBin
  }

  private init(categories: [Text], counts: [UInt64]) {
    let frequent = categories.indices.sorted {
      counts[$0 + 2] != counts[$1 + 2] ? counts[$0 + 2] > counts[$1 + 2] : $0 < $1
    }.prefix(Self.valueGroupCountMax)
    groups = [.missing] + frequent.map { .category(categories[$0]) } + [.others]
    var groupOfBin = [UInt8](repeating: UInt8(frequent.count + 1), count: counts.count)
    groupOfBin[Int(FeatureBins.missingBin)] = 0
    for (place, category) in frequent.enumerated() { groupOfBin[category + 2] = UInt8(place + 1) }
    self.groupOfBin = groupOfBin
  }

  /// Rows of each group, from rows of each bin.
  package func sums(of counts: [UInt64]) -> [UInt64] {
    var sums = [UInt64](repeating: 0, count: groups.count)
    for (bin, rows) in counts.enumerated() where bin < groupOfBin.count {
      sums[Int(groupOfBin[bin])] &+= rows
    }
    return sums
  }
}
