package import Bytes

/// Rows and how many of them reached the goal; counts of several partitions are added.
package struct LabelCounts: Equatable, Sendable {
  package var trainingRows: UInt64 = 0
  package var trainingPositives: UInt64 = 0
  package var holdOutRows: UInt64 = 0
  package var holdOutPositives: UInt64 = 0

  package init() {}

  /// Counts rows before a partition is made of them.
  ///
  /// - Parameters:
  ///   - labels: whether each row reached the goal.
  ///   - keys: a hash of each row's key; as many.
  ///   - settings: say which rows are held out.
  package init(labels: [Bool], keys: [UInt64], settings: TrainingSettings) {
    let salt = Draw.salt(seed: settings.seed, .holdOut)
    for (label, key) in zip(labels, keys) {
      let isHeldOut = Draw.takes(key, salt: salt, share: settings.holdOutShare)
      add(isPositive: label, isHeldOut: isHeldOut)
    }
  }

  package var rows: UInt64 { trainingRows &+ holdOutRows }
  package var positives: UInt64 { trainingPositives &+ holdOutPositives }
  package var negatives: UInt64 { rows &- positives }

  mutating func add(isPositive: Bool, isHeldOut: Bool) {
    if isHeldOut {
      holdOutRows += 1
      holdOutPositives += isPositive ? 1 : 0
    } else {
      trainingRows += 1
      trainingPositives += isPositive ? 1 : 0
    }
  }

  package func adding(_ other: LabelCounts) -> LabelCounts {
    var sum = self
    sum.trainingRows &+= other.trainingRows
    sum.trainingPositives &+= other.trainingPositives
    sum.holdOutRows &+= other.holdOutRows
    sum.holdOutPositives &+= other.holdOutPositives
    return sum
  }
}

// Four varints, in the order of the properties.
extension LabelCounts {
  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(trainingRows)
    writer.writeVarint(trainingPositives)
    writer.writeVarint(holdOutRows)
    writer.writeVarint(holdOutPositives)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    trainingRows = try reader.readVarint()
    trainingPositives = try reader.readVarint()
    holdOutRows = try reader.readVarint()
    holdOutPositives = try reader.readVarint()
    // Counts this small cannot overflow when they are added up.
    guard trainingPositives <= trainingRows, holdOutPositives <= holdOutRows,
      trainingRows | holdOutRows < 1 << 48
    else { throw .invalidValue(at: at, what: "more positive rows than rows, or too many") }
  }
}
