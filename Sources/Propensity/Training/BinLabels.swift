import Bytes

/// How often the goal was reached and not reached in each bin of each feature; counts add up.
///
/// Rows are counted in two halves, drawn by the hash of their key, so that what one half suggests can
/// be held against the other. Rows of an out-of-time test are counted without their outcome.
package struct BinLabels: Equatable, Sendable {
  /// Counts of a slot: positive and negative rows of the first half, those of the second half, and
  /// rows of the out-of-time test.
  static let columnCount = 5
  private static let outOfTimeColumn = 4

  /// By slot of the layout, and there by column.
  private(set) var counts: [UInt64]

  init(slotCount: Int = 0) {
    counts = [UInt64](repeating: 0, count: slotCount * Self.columnCount)
  }

  package var slotCount: Int { counts.count / Self.columnCount }

  /// Positive and negative rows of one half in a slot.
  func outcomes(_ slot: Int, half: Int) -> (positives: UInt64, negatives: UInt64) {
    let place = slot * Self.columnCount + 2 * half
    return (counts[place], counts[place + 1])
  }

  /// Rows of the out-of-time test in a slot.
  func outOfTimeCount(_ slot: Int) -> UInt64 {
    counts[slot * Self.columnCount + Self.outOfTimeColumn]
  }

  /// Counts every row of some rows, with its outcome.
  mutating func add(_ rows: TrainingRows, _ layout: HistogramLayout) {
    for row in 0..<rows.count {
      add(rows, row, layout, column: 2 * rows.half(row) + (rows.label(row) ? 0 : 1))
    }
  }

  /// Counts rows of an out-of-time test.
  mutating func add(outOfTime rows: TrainingRows, _ layout: HistogramLayout) {
    for row in 0..<rows.count { add(rows, row, layout, column: Self.outOfTimeColumn) }
  }

  @inline(__always)
  private mutating func add(
    _ rows: TrainingRows,
    _ row: Int,
    _ layout: HistogramLayout,
    column: Int
  ) {
    for feature in layout.binCounts.indices {
      let slot = layout.offsets[feature] &+ rows.bin(row, feature: feature)
      counts[slot &* Self.columnCount &+ column] &+= 1
    }
  }

  mutating func add(_ other: BinLabels) {
    for index in counts.indices { counts[index] &+= other.counts[index] }
  }
}

// On the wire the varint number of slots, and each slot's counts as varints.
extension BinLabels {
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(slotCount)
    for count in counts { writer.writeVarint(count) }
  }

  init(from reader: inout ByteReader, slotCount: Int) throws(DecodingError) {
    let at = reader.offset
    let told = try reader.readCount(elementByteCount: Self.columnCount)
    guard told == 0 || told == slotCount else {
      throw .invalidValue(at: at, what: "labels of \(told) bins where there are \(slotCount)")
    }
    self.init(slotCount: told)
    for index in counts.indices {
      let at = reader.offset
      counts[index] = try reader.readVarint()
      // Counts this small cannot overflow when they are added up.
      guard counts[index] < 1 << 48 else {
        throw .invalidValue(at: at, what: "more rows than there can be")
      }
    }
  }
}
