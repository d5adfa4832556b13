import Bytes
import Domain

/// Reads values of rows as `RowTranscoder` writes them.
///
/// They were checked when they were written, and do not leave the process without a checksum: so a
/// reader does not look for their end.
enum RowValue {
  static let rawDouble: UInt64 = 7

  /// As `RowBatch.epoch` and `InstantStyle.unit`, of this room: so they cost no call.
  @inline(__always)
  static func epoch(_ style: InstantStyle) -> Int64 {
    switch style {
    case .date: 18_518
    case .second: 1_600_000_000
    case .millisecond: 1_600_000_000_000
    }
  }

  @inline(__always)
  private static func unit(_ style: InstantStyle) -> Int64 {
    switch style {
    case .date: 86_400_000
    case .second: 1_000
    case .millisecond: 1
    }
  }

  /// The first and the last instant that a text can say.
  private static let earliest: Int64 = -62_135_596_800_000
  private static let latest: Int64 = 253_402_300_799_999

  /// The double of a decimal's number.
  @inline(__always)
  static func double(_ number: UInt64) -> Double {
    let zigzag = number >> 3
    let whole = Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1)
    return Double(whole) / ColumnFormat.powerOfTen(Int(number & 7))
  }

  /// The decimal of a number that is not `RowBatch.rawDouble`.
  @inline(__always)
  static func decimal(_ number: UInt64) -> Decimal {
    let zigzag = number >> 3
    return Decimal(
      scale: Int(number & 7),
      number: Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1)
    )
  }

  /// The milliseconds of a count as a batch has it; `nil` outside the years 1 to 9999.
  @inline(__always)
  static func instant(_ style: InstantStyle, _ count: Int64) -> Int64? {
    let (units, isOver) = count.addingReportingOverflow(epoch(style))
    let (product, isTooLong) = units.multipliedReportingOverflow(by: unit(style))
    guard !isOver, !isTooLong, product >= earliest,
      product <= latest
    else { return nil }
    return product
  }
}
