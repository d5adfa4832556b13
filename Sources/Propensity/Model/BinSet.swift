/// A set of bin numbers 0…255.
package struct BinSet: Equatable, Sendable {
  /// Bit b of word w is bin 64·w + b.
  package var words: SIMD4<UInt64>

  package init(words: SIMD4<UInt64> = SIMD4()) { self.words = words }

  package init(_ bins: some Sequence<Int>) {
    self.init()
    for bin in bins { insert(bin) }
  }

  package func contains(_ bin: Int) -> Bool { words[bin >> 6] >> UInt64(bin & 63) & 1 == 1 }

  package mutating func insert(_ bin: Int) { words[bin >> 6] |= 1 << UInt64(bin & 63) }
}

/// Which rows of a node go left, by the bin of one feature.
package struct SplitRule: Equatable, Sendable {
  package enum Test: Equatable, Sendable {
    /// Bins 1…`bin` go left, higher ones right; bin 0, missing, as told.
    case upTo(bin: UInt8, missingLeft: Bool)
    /// These bins go left, all others right.
    case among(BinSet)

    /// The kind of feature that is tested so.
    var kind: FeatureKind {
      switch self {
      case .upTo: .numeric
      case .among: .categorical
      }
    }
  }

  /// 0-based number of the feature.
  package let feature: Int
  package let test: Test

  package init(feature: Int, test: Test) {
    self.feature = feature
    self.test = test
  }

  package func goesLeft(_ bin: Int) -> Bool {
    switch test {
    case .upTo(let last, let missingLeft): bin == 0 ? missingLeft : bin <= Int(last)
    case .among(let bins): bins.contains(bin)
    }
  }

  /// For each bin, 1 when it goes left, else 0.
  var table: [UInt8] { (0..<256).map { goesLeft($0) ? 1 : 0 } }
}
