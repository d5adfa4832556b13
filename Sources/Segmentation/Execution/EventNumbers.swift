import Bytes
import ProfileStore

/// Reads the numbers of a field as whole multiples of a ten-thousandth.
///
/// So sums of them are exact, as long as they are small enough.
enum EventNumbers {
  static let unitsPerOne: Int64 = 10_000
  /// Stands for a row whose value is missing or no number.
  static let missing = Int64.min
  /// Sums of magnitudes below this are whole numbers that doubles hold, and so far apart from what
  /// their parts' rounding can change that only the two next to a bound are in doubt.
  static let sumMax: Int64 = 1 << 51

  /// What is known of a column's numbers.
  struct Range {
    /// The largest magnitude there may be, in ten-thousandths.
    var magnitudeMax: Int64 = 0
    /// All are whole ones.
    var areWhole = true
  }

  /// Writes each row's number.
  ///
  /// - Returns: `nil` when some cannot be written so.
  static func write(
    _ table: FlatTable,
    lanes: Swift.Range<Int>,
    _ rows: TableRows,
    into numbers: UnsafeMutablePointer<Int64>
  ) -> Range? {
    unsafe numbers.update(repeating: missing, count: rows.count)
    var range = Range()
    for index in lanes {
      let lane = unsafe table.lanes[index]
      let found: Range?
      switch unsafe lane.kind {
      case .integers: found = unsafe write(lane, scale: 0, rows, into: numbers)
      case .decimals: found = unsafe write(lane, scale: Int(lane.detail), rows, into: numbers)
      case .doubles: found = unsafe write(doubles: lane, rows, into: numbers)
      case .booleans, .instantTexts, .sharedTexts, .ownTexts, .plainTexts: continue
      }
      guard let found else { return nil }
      range.magnitudeMax = max(range.magnitudeMax, found.magnitudeMax)
      range.areWhole = range.areWhole && found.areWhole
    }
    return range
  }

  private static func write(
    _ lane: FlatLane,
    scale: Int,
    _ rows: TableRows,
    into numbers: UnsafeMutablePointer<Int64>
  ) -> Range? {
    guard unsafe lane.count > 0 else { return Range() }
    let factor = [10_000, 1_000, 100, 10, 1][scale] as Int64
    guard let span = Int64(exactly: unsafe lane.largest) else { return nil }
    let (end, isOver) = unsafe lane.base.addingReportingOverflow(span)
    let (magnitude, isTooLarge) = Int64(clamping: max(unsafe lane.base.magnitude, end.magnitude))
      .multipliedReportingOverflow(by: factor)
    if isOver || isTooLarge || magnitude >= sumMax { return nil }
    unsafe writeNumbers(
      lane.values,
      width: lane.width,
      rows.positions(lane.presence),
      base: lane.base,
      factor: factor,
      into: numbers
    )
    return Range(magnitudeMax: magnitude, areWhole: scale == 0)
  }

  /// Writes doubles that are whole multiples of a ten-thousandth, each as that double would be read.
  private static func write(
    doubles lane: FlatLane,
    _ rows: TableRows,
    into numbers: UnsafeMutablePointer<Int64>
  ) -> Range? {
    let units = Double(unitsPerOne)
    var range = Range()
    var isExact = true
    unsafe rows.positions(lane.presence).write(into: numbers) { index in
      let value = Double(bitPattern: unsafe packedNumber(lane.values, 8, index))
      let scaled = (value * units).rounded()
      guard scaled.magnitude < Double(sumMax), scaled / units == value else {
        isExact = false
        return missing
      }
      range.magnitudeMax = max(range.magnitudeMax, Int64(scaled.magnitude))
      range.areWhole = range.areWhole && value == value.rounded()
      return Int64(scaled)
    }
    guard isExact else { return nil }
    return range
  }
}
