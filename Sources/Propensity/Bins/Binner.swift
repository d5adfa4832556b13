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

/// What looks up the bins of a model's features; made once and used for any number of columns.
struct BinTables: Sendable {
  fileprivate enum Lane: Sendable {
    case numeric(NumericLookup)
    /// The bin of each category that has its own.
    case categorical([Text: UInt8])
  }

  fileprivate let lanes: [Lane]
  fileprivate let names: [Text]

  init(features: [FeatureBins]) {
    names = features.map(\.name)
    lanes = features.map { feature in
      switch feature.cut {
      case .edges(let edges): return .numeric(NumericLookup(edges: edges, missing: feature.missing))
      case .categories(let names):
        var bins: [Text: UInt8] = [:]
        for (index, name) in names.enumerated() { bins[name] = UInt8(index + 2) }
        return .categorical(bins)
      }
    }
  }
}

/// Turns columns into bin numbers, a byte a value.
struct Binner: Sendable {
  private enum Source: Sendable {
    case numeric(NumericLookup, [Double])
    /// The column's codes and the bin of each code.
    case categorical([UInt32], bins: [UInt8])
  }

  private let sources: [Source]
  let rowCount: Int

  /// - Parameters:
  ///   - tables: of the features.
  ///   - columns: one a feature, of the features' kinds, in their order, equally long.
  /// - Throws: when they are not.
  init(tables: BinTables, columns: [FeatureColumn]) throws(ColumnError) {
    guard tables.lanes.count == columns.count else {
      throw .columnCount(expected: tables.lanes.count, actual: columns.count)
    }
    let rowCount = columns.first?.rowCount ?? 0
    var sources: [Source] = []
    sources.reserveCapacity(columns.count)
    for (index, column) in columns.enumerated() {
      guard column.rowCount == rowCount else {
        throw .rowCount(
          feature: tables.names[index],
          expected: rowCount,
          actual: column.rowCount
        )
      }
      switch (tables.lanes[index], column) {
      case (.numeric(let lookup), .numeric(let values)): sources.append(.numeric(lookup, values))
      case (.categorical(let numbers), .categorical(let codes, let names)):
        let bins = names.map { numbers[$0, default: FeatureBins.pooledBin] }
        sources.append(.categorical(codes, bins: bins))
      case (.numeric, .categorical):
        throw .kind(feature: tables.names[index], expected: .numeric)
      case (.categorical, .numeric):
        throw .kind(feature: tables.names[index], expected: .categorical)
      }
    }
    self.sources = sources
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
    for index in sources.indices {
      let first = unsafe target + index &* featureStride
      switch sources[index] {
      case .numeric(let lookup, let values):
        unsafe values.withUnsafeBufferPointer {
          unsafe lookup.write($0, rows: rows, to: first, stride: stride)
        }
      case .categorical(let codes, let bins):
        var at = 0
        for row in rows {
          let code = Int(codes[row])
          unsafe first[at] = code < bins.count ? bins[code] : FeatureBins.missingBin
          at &+= stride
        }
      }
    }
  }
}
