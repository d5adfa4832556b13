package import Bytes

/// How the values of one feature become bin numbers of one byte.
///
/// Bin 0 is for rows without a value. Of a numeric feature, bin b > 0 holds the values above edge
/// b − 2 and up to edge b − 1, the last one all values above every edge. Of a categorical feature,
/// bin 1 holds what has no bin of its own, pooled or never seen, and bin b ≥ 2 category b − 2.
package struct FeatureBins: Equatable, Sendable {
  /// Bins of a feature at most, the one for missing included.
  package static let binCountMax = 255
  static let missingBin: UInt8 = 0
  static let pooledBin: UInt8 = 1

  package enum Cut: Equatable, Sendable {
    /// Ascending finite upper ends of all numeric bins but the last; at most 253.
    case edges([Double])
    /// Distinct names, at most 253.
    case categories([Text])
  }

  /// Which values count as missing, and where missing rows go.
  package enum MissingRule: UInt8, Sendable {
    /// NaN has a bin of its own.
    case own = 0
    /// NaN is read as 0.
    case isZero = 1
    /// NaN and what is within 1e-35 of 0 share the bin for missing.
    case sharesZero = 2
  }

  package let name: Text
  package let cut: Cut
  package let missing: MissingRule

  package init(name: Text, cut: Cut, missing: MissingRule = .own) {
    switch cut {
    case .edges(let edges):
      precondition(edges.count <= Self.binCountMax - 2, "\(edges.count) edges")
    case .categories(let names):
      precondition(names.count <= Self.binCountMax - 2, "\(names.count) categories")
    }
    self.name = name
    self.cut = cut
    self.missing = missing
  }

  package var kind: FeatureKind {
    switch cut {
    case .edges: .numeric
    case .categories: .categorical
    }
  }

  /// Bins that rows can fall into, the one for missing included.
  package var binCount: Int {
    switch cut {
    case .edges(let edges): edges.count + 2
    case .categories(let names): names.count + 2
    }
  }

  /// Whether rows can differ in this feature.
  package var isUseful: Bool {
    switch cut {
    case .edges(let edges): !edges.isEmpty
    case .categories(let names): !names.isEmpty
    }
  }
}
