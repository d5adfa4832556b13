package import Bytes

/// What the coordinator has to know of a feature's values in some rows to choose its bins.
package enum FeatureSummary: Equatable, Sendable {
  case numeric(NumericSketch)
  case categorical(CategoryCounts)

  package init(of column: FeatureColumn) {
    switch column {
    case .numeric(let values): self = .numeric(NumericSketch(of: values))
    case .categorical(let codes, let names):
      self = .categorical(CategoryCounts(codes: codes, names: names))
    }
  }

  /// The summary of the rows of several parts; of many small ones it takes less than to merge theirs.
  ///
  /// `nil` without parts, or when some are numeric and others are not.
  ///
  /// - Parameter columns: the feature's in each part.
  package init?(ofParts columns: [FeatureColumn]) {
    switch columns.first {
    case .numeric?:
      var parts: [[Double]] = []
      for case .numeric(let values) in columns { parts.append(values) }
      guard parts.count == columns.count else { return nil }
      self = .numeric(NumericSketch(ofParts: parts))
    case .categorical(let codes, let names)?:
      var counts = CategoryCounts(codes: codes, names: names)
      for column in columns.dropFirst() {
        guard case .categorical(let codes, let names) = column else { return nil }
        counts = counts.merging(CategoryCounts(codes: codes, names: names))
      }
      self = .categorical(counts)
    case nil: return nil
    }
  }

  /// The summary of the rows of both.
  ///
  /// - Returns: `nil` when one is numeric and the other is not.
  package func merging(_ other: FeatureSummary) -> FeatureSummary? {
    switch (self, other) {
    case (.numeric(let left), .numeric(let right)): .numeric(left.merging(right))
    case (.categorical(let left), .categorical(let right)): .categorical(left.merging(right))
    case (.numeric, .categorical), (.categorical, .numeric): nil
    }
  }
}

// A summary on the wire: the kind's number, the varint count of rows without a value, then
// - numeric: level (UInt8), varint count of cells, and for each cell the varint distance of its key
//   to the one before and its varint count;
// - categorical: whether there are too many categories (UInt8), else their varint count, and for
//   each, in the order of their UTF-8, its name and its varint count.
extension FeatureSummary {
  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .numeric(let sketch):
      writer.write(FeatureKind.numeric.rawValue)
      writer.writeVarint(sketch.missingCount)
      writer.write(UInt8(sketch.level))
      writer.writeVarint(sketch.keys.count)
      var before: UInt64 = 0
      for cell in sketch.keys.indices {
        writer.writeVarint(sketch.keys[cell] - before)
        writer.writeVarint(sketch.counts[cell])
        before = sketch.keys[cell]
      }
    case .categorical(let categories):
      writer.write(FeatureKind.categorical.rawValue)
      writer.writeVarint(categories.missingCount)
      writer.write(categories.counts == nil)
      guard let counts = categories.counts else { return }
      writer.writeVarint(counts.count)
      for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
        writer.write(name)
        writer.writeVarint(count)
      }
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    let tag = try reader.read(UInt8.self)
    guard let kind = FeatureKind(rawValue: tag) else {
      throw .unknownTag(at: at, tag: UInt64(tag), of: "kind of feature")
    }
    let missingCount = try reader.readVarint()
    switch kind {
    case .numeric:
      let level = Int(try reader.read(UInt8.self))
      let count = try reader.readCount(elementByteCount: 2)
      guard level <= 52, count <= NumericSketch.cellCountMax else {
        throw .invalidValue(at: at, what: "a sketch of level \(level) and \(count) cells")
      }
      var keys: [UInt64] = []
      var counts: [UInt64] = []
      var total = missingCount
      let finiteKeys = OrderedKey.finite(level: level)
      for cell in 0..<count {
        let (key, keyIsOver) = (keys.last ?? 0).addingReportingOverflow(try reader.readVarint())
        let rows = try reader.readVarint()
        let (sum, sumIsOver) = total.addingReportingOverflow(rows)
        let isNew = cell == 0 || key > (keys.last ?? 0)
        guard !keyIsOver, !sumIsOver, isNew, rows > 0, finiteKeys.contains(key) else {
          throw .invalidValue(at: reader.offset, what: "a sketch's cell out of order or bounds")
        }
        keys.append(key)
        counts.append(rows)
        total = sum
      }
      self = .numeric(
        NumericSketch(level: level, keys: keys, counts: counts, missingCount: missingCount)
      )
    case .categorical:
      guard try !reader.readBool() else {
        self = .categorical(CategoryCounts(counts: nil, missingCount: missingCount))
        return
      }
      let count = try reader.readCount(elementByteCount: 2)
      var counts: [Text: UInt64] = [:]
      for _ in 0..<count {
        let name = try reader.readText()
        let rows = try reader.readVarint()
        guard rows < 1 << 62, counts.updateValue(rows, forKey: name) == nil else {
          throw .invalidValue(at: reader.offset, what: "a category told twice or too often")
        }
      }
      self = .categorical(CategoryCounts(counts: counts, missingCount: missingCount))
    }
  }
}
