import Domain

/// A double as its text has it: a whole number over a power of ten.
///
/// The number stands above the lowest three bits, which hold the scale.
enum DecimalCell {
  private static let exactMax: UInt64 = 1 << 53
  /// `Decimal.scaleMax`, which is another module's and would be looked up for each number.
  private static let scaleMax = 4

  /// Reads a number of at most 15 digits, up to four of them behind the point.
  ///
  /// - Parameters:
  ///   - text: some byte that is not of a number follows it.
  ///   - byteCount: bytes of the cell.
  /// - Returns: `nil` for what is to be read otherwise, and whether there is a point.
  @inline(__always)
  static func read(
    _ text: UnsafePointer<UInt8>,
    _ byteCount: Int
  ) -> (cell: UInt64, hasFraction: Bool)? {
    guard byteCount <= 17 else { return nil }
    var at = unsafe text
    let isNegative = unsafe at.pointee == 0x2D
    if isNegative { unsafe at += 1 }
    let first = unsafe at
    var value: UInt64 = 0
    let wholeCount = unsafe Digits.read(&at, into: &value)
    guard wholeCount >= 1, unsafe first.pointee != 0x30 || wholeCount == 1 else { return nil }
    var scale = 0
    if unsafe at.pointee == 0x2E {
      unsafe at += 1
      scale = unsafe Digits.read(&at, into: &value)
      guard scale >= 1, scale <= scaleMax else { return nil }
    }
    guard unsafe at - text == byteCount, wholeCount &+ scale <= 15 else { return nil }
    // The sign of minus zero would be lost.
    guard value != 0 || !isNegative else { return nil }
    let number = isNegative ? 0 &- value : value
    return (number &<< 3 | UInt64(scale), scale > 0)
  }

  /// A double that is a decimal of few digits.
  static func cell(_ double: Double) -> UInt64? {
    guard let decimal = Decimal(double) else { return nil }
    return UInt64(bitPattern: Int64(decimal.number)) << 3 | UInt64(decimal.scale)
  }

  static func double(_ cell: UInt64) -> Double {
    Decimal(scale: Int(cell & 7), number: Int64(bitPattern: cell) >> 3).value
  }

  /// Writes the doubles of a column: at one scale, or by their bits.
  static func write(
    _ values: UnsafeMutableBufferPointer<UInt64>,
    _ forms: UInt64,
    _ writer: inout TableBatchWriter
  ) {
    if forms & CellForm.double == 0, let scale = unsafe align(values) {
      return unsafe writer.write(decimals: UnsafeBufferPointer(values), scale: scale)
    }
    if forms & CellForm.double == 0 {
      for index in values.indices {
        unsafe values[index] = double(values[index]).bitPattern
      }
    }
    unsafe writer.write(doubles: UnsafeBufferPointer(values))
  }

  /// Brings all numbers to the largest scale.
  ///
  /// - Returns: the scale; `nil` when a number would be too large, and then they are as they were.
  private static func align(_ values: UnsafeMutableBufferPointer<UInt64>) -> Int? {
    var scale: UInt64 = 0
    var largest: UInt64 = 0
    for index in values.indices {
      unsafe scale = max(scale, values[index] & 7)
      unsafe largest = max(largest, (Int64(bitPattern: values[index]) >> 3).magnitude)
    }
    let power = UInt64(Decimal.powers[Int(scale)])
    guard largest <= exactMax / power else { return nil }
    unsafe withUnsafeTemporaryAllocation(of: Int64.self, capacity: 8) { factors in
      for own in 0...Int(scale) {
        unsafe factors[own] = Int64(Decimal.powers[Int(scale) - own])
      }
      for index in values.indices {
        let cell = unsafe values[index]
        let factor = unsafe factors[Int(cell & 7)]
        unsafe values[index] = UInt64(bitPattern: (Int64(bitPattern: cell) >> 3) &* factor)
      }
    }
    return Int(scale)
  }
}
