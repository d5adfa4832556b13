import Bytes
import ProfileStore

/// Reads the numbers of a field for exact sums.
enum EventNumbers {
  /// Writes each row's number as `FixedSum` has it.
  ///
  /// - Parameters:
  ///   - table: the table.
  ///   - lanes: those of the field.
  ///   - rows: whose numbers are wanted.
  ///   - numbers: room for them.
  /// - Returns: the largest magnitude there may be; `nil` when some number cannot be written so.
  static func write(
    _ table: FlatTable,
    lanes: Range<Int>,
    _ rows: TableRows,
    into numbers: UnsafeMutablePointer<Int128>
  ) -> Double? {
    unsafe numbers.update(repeating: FixedSum.missing, count: rows.count)
    var magnitudeMax = 0.0
    for index in lanes {
      let lane = unsafe table.lanes[index]
      let found: Double?
      switch unsafe lane.kind {
      case .integers: found = unsafe write(lane, dividedBy: 1, rows, into: numbers)
      case .decimals:
        let divisors: [Double] = [1, 10, 100, 1_000, 10_000]
        found = unsafe write(lane, dividedBy: divisors[Int(lane.detail)], rows, into: numbers)
      case .doubles: found = unsafe write(doubles: lane, rows, into: numbers)
      case .booleans, .instantTexts, .sharedTexts, .ownTexts, .plainTexts: continue
      }
      guard let found else { return nil }
      magnitudeMax = max(magnitudeMax, found)
    }
    return magnitudeMax
  }

  private static func write(
    _ lane: FlatLane,
    dividedBy divisor: Double,
    _ rows: TableRows,
    into numbers: UnsafeMutablePointer<Int128>
  ) -> Double? {
    guard unsafe lane.count > 0 else { return 0 }
    guard let span = Int64(exactly: unsafe lane.largest) else { return nil }
    let (end, isOver) = unsafe lane.base.addingReportingOverflow(span)
    let magnitude = Double(max(unsafe lane.base.magnitude, end.magnitude)) / divisor
    if isOver || magnitude >= FixedSum.sumMax { return nil }
    unsafe rows.positions(lane.presence).write(into: numbers) { index in
      let number =
        unsafe lane.base &+ Int64(bitPattern: packedNumber(lane.values, lane.width, index))
      // Small enough, and no multiple of a ten-thousandth but 0 is too near to 0.
      return FixedSum.fixed(Double(number) / divisor) ?? FixedSum.missing
    }
    return magnitude
  }

  private static func write(
    doubles lane: FlatLane,
    _ rows: TableRows,
    into numbers: UnsafeMutablePointer<Int128>
  ) -> Double? {
    var magnitudeMax: Double? = 0
    unsafe rows.positions(lane.presence).write(into: numbers) { index in
      let value = Double(bitPattern: unsafe packedNumber(lane.values, 8, index))
      guard let fixed = FixedSum.fixed(value), let known = magnitudeMax else {
        magnitudeMax = nil
        return FixedSum.missing
      }
      magnitudeMax = max(known, value.magnitude)
      return fixed
    }
    return magnitudeMax
  }
}
