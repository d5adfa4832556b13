package import Bytes

/// Why columns do not fit a list of features.
package enum ColumnError: Error, Equatable, Sendable {
  case columnCount(expected: Int, actual: Int)
  case kind(feature: Text, expected: FeatureKind)
  case rowCount(feature: Text, expected: Int, actual: Int)
}

extension ColumnError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .columnCount(let expected, let actual):
      "\(actual) columns were given for \(expected) features"
    case .kind(let feature, .numeric):
      "'\(feature)' was learned as a number and given as a category"
    case .kind(let feature, .categorical):
      "'\(feature)' was learned as a category and given as a number"
    case .rowCount(let feature, let expected, let actual):
      "'\(feature)' has \(actual) values, \(expected) rows expected"
    }
  }
}

/// Turns columns into bin numbers, a byte a value, row after row.
struct Binner: Sendable {
  private enum Lane: Sendable {
    /// 256 ascending edges, the unused ones infinite.
    case numeric(edges: [Double], missing: FeatureBins.MissingRule)
    /// The bin of each code of the column.
    case categorical(bins: [UInt8])
  }

  private let lanes: [Lane]
  private let columns: [FeatureColumn]
  let rowCount: Int

  /// - Parameters:
  ///   - features: the bins of each column.
  ///   - columns: as many, of the features' kinds, in their order, equally long.
  /// - Throws: when they are not.
  init(features: [FeatureBins], columns: [FeatureColumn]) throws(ColumnError) {
    guard features.count == columns.count else {
      throw .columnCount(expected: features.count, actual: columns.count)
    }
    let rowCount = columns.first?.rowCount ?? 0
    var lanes: [Lane] = []
    for (feature, column) in zip(features, columns) {
      guard column.rowCount == rowCount else {
        throw .rowCount(feature: feature.name, expected: rowCount, actual: column.rowCount)
      }
      switch (feature.cut, column) {
      case (.edges(let edges), .numeric):
        let padding = [Double](repeating: .infinity, count: 256 - edges.count)
        lanes.append(.numeric(edges: edges + padding, missing: feature.missing))
      case (.categories(let names), .categorical(_, let columnNames)):
        var numbers: [Text: UInt8] = [:]
        for (index, name) in names.enumerated() { numbers[name] = UInt8(index + 2) }
        lanes.append(.categorical(bins: columnNames.map { numbers[$0, default: 1] }))
      case (.edges, .categorical): throw .kind(feature: feature.name, expected: .numeric)
      case (.categories, .numeric): throw .kind(feature: feature.name, expected: .categorical)
      }
    }
    self.lanes = lanes
    self.columns = columns
    self.rowCount = rowCount
  }

  /// Writes the bins of `rows`.
  ///
  /// - Parameters:
  ///   - rows: of 0..<rowCount.
  ///   - target: feature f of the n-th of the rows goes to byte n · stride + f · featureStride.
  ///   - stride: from row to row.
  ///   - featureStride: from feature to feature.
  func write(
    rows: Range<Int>,
    to target: UnsafeMutablePointer<UInt8>,
    stride: Int,
    featureStride: Int
  ) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "\(rows) of \(rowCount)")
    for index in lanes.indices {
      switch (lanes[index], columns[index]) {
      case (.numeric(let edges, let missing), .numeric(let values)):
        unsafe values.withUnsafeBufferPointer { values in
          unsafe edges.withUnsafeBufferPointer { edges in
            unsafe writeNumbers(
              values,
              rows: rows,
              edges: edges,
              missing: missing,
              to: target + index &* featureStride,
              stride: stride
            )
          }
        }
      case (.categorical(let bins), .categorical(let codes, _)):
        var at = index &* featureStride
        for row in rows {
          let code = Int(codes[row])
          unsafe target[at] = code < bins.count ? bins[code] : FeatureBins.missingBin
          at &+= stride
        }
      case (.numeric, .categorical), (.categorical, .numeric): break
      }
    }
  }
}

/// Writes the bin of each number: 1 + how many edges are below it, found in eight halvings.
private func writeNumbers(
  _ values: UnsafeBufferPointer<Double>,
  rows: Range<Int>,
  edges: UnsafeBufferPointer<Double>,
  missing: FeatureBins.MissingRule,
  to target: UnsafeMutablePointer<UInt8>,
  stride: Int
) {
  var at = 0
  for row in rows {
    var value = unsafe values[row]
    var isMissing = value.isNaN
    switch missing {
    case .own: break
    case .isZero:
      if isMissing { value = 0 }
      isMissing = false
    case .sharesZero: isMissing = isMissing || abs(value) <= 1e-35
    }
    // Infinite values lie beyond all edges, which are finite up to the padding.
    value = max(-Double.greatestFiniteMagnitude, min(Double.greatestFiniteMagnitude, value))
    var below = 0
    var half = 128
    while half > 0 {
      // Added as a number: a jump here would be mispredicted every other time.
      let step = unsafe edges[below &+ half &- 1] < value ? 1 : 0
      below &+= step &* half
      half >>= 1
    }
    unsafe target[at] = isMissing ? 0 : UInt8(truncatingIfNeeded: below &+ 1)
    at &+= stride
  }
}
