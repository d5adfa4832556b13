package import Bytes

/// One feature of some rows, as a caller has it.
package enum FeatureColumn: Sendable {
  /// A value a row; NaN is missing, and an infinite value counts as the largest finite one.
  case numeric([Double])
  /// A code a row into `names`; any other code, such as `missingCode`, is missing.
  ///
  /// Names tell categories apart, codes do not: two columns may number them differently. Names are
  /// distinct.
  case categorical(codes: [UInt32], names: [Text])

  package static let missingCode = UInt32.max

  package var rowCount: Int {
    switch self {
    case .numeric(let values): values.count
    case .categorical(let codes, _): codes.count
    }
  }

  /// Some rows of the column; `range` must be within it.
  package func rows(_ range: Range<Int>) -> FeatureColumn {
    switch self {
    case .numeric(let values): .numeric(Array(values[range]))
    case .categorical(let codes, let names):
      .categorical(codes: Array(codes[range]), names: names)
    }
  }

  package var kind: FeatureKind {
    switch self {
    case .numeric: .numeric
    case .categorical: .categorical
    }
  }
}

package enum FeatureKind: UInt8, Hashable, Sendable {
  case numeric = 0
  case categorical = 1
}
