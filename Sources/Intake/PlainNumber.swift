import Bytes

/// A number of few digits and without exponent, which most numbers are.
///
/// It is what `NumberText` reads; others are left to that.
struct PlainNumber {
  var isInteger: Bool
  /// An `Int64`, or a `Double`.
  var bits: UInt64
  var byteCount: Int

  private static let digitCountMax = 18

  /// Reads the number that begins at `start` and is followed by some byte that is not of it.
  @inline(__always)
  init?(_ start: UnsafePointer<UInt8>) {
    var at = unsafe start
    let isNegative = unsafe at.pointee == 0x2D
    if isNegative { unsafe at += 1 }
    let first = unsafe at
    var value: UInt64 = 0
    var digitCount = unsafe Digits.read(&at, into: &value)
    guard digitCount >= 1, unsafe first.pointee != 0x30 || digitCount == 1 else { return nil }
    let next = unsafe at.pointee
    if next != 0x2E && next | 0x20 != 0x65 {
      guard digitCount <= PlainNumber.digitCountMax else { return nil }
      isInteger = true
      bits = isNegative ? 0 &- value : value
      unsafe byteCount = at - start
      return
    }
    guard next == 0x2E else { return nil }
    unsafe at += 1
    let scale = unsafe Digits.read(&at, into: &value)
    digitCount &+= scale
    // Both operands are exact doubles then, so the quotient is the nearest to the decimal.
    guard scale >= 1, digitCount <= PlainNumber.digitCountMax, value <= 1 << 53,
      unsafe at.pointee | 0x20 != 0x65
    else { return nil }
    let magnitude = Double(value) / PlainNumber.power(scale)
    isInteger = false
    bits = (isNegative ? -magnitude : magnitude).bitPattern
    unsafe byteCount = at - start
  }

  /// Reads any other number that JSON knows and that is not too large.
  @inline(never)
  init?(rare start: UnsafePointer<UInt8>) {
    var length = 1
    while unsafe PlainNumber.mayContain(start[length]) { length += 1 }
    let scan = unsafe NumberText.scan(UnsafeBufferPointer(start: start, count: length), from: 0)
    switch scan.reading {
    case .integer(let value): (isInteger, bits) = (true, UInt64(bitPattern: value))
    case .double(let value): (isInteger, bits) = (false, value.bitPattern)
    case .tooLarge, .malformed: return nil
    }
    byteCount = scan.end
  }

  /// Whether a byte may be one of a number.
  static func mayContain(_ byte: UInt8) -> Bool {
    byte &- 0x30 <= 9 || byte == 0x2E || byte == 0x2B || byte == 0x2D || byte | 0x20 == 0x65
  }

  /// 10 to the power of 1 to 18.
  @inline(__always)
  private static func power(_ exponent: Int) -> Double {
    switch exponent {
    case 1: 1e1
    case 2: 1e2
    case 3: 1e3
    case 4: 1e4
    default: NumberText.power(exponent)
    }
  }
}

/// Digits of a number.
enum Digits {
  /// Reads digits up to the first byte that is none, behind those that `value` was read from.
  ///
  /// - Returns: how many there were; of more than 19 the value says nothing.
  @inline(__always)
  static func read(_ at: inout UnsafePointer<UInt8>, into value: inout UInt64) -> Int {
    let first = unsafe at
    var digit = unsafe at.pointee &- 0x30
    while digit <= 9 {
      value = value &* 10 &+ UInt64(digit)
      unsafe at += 1
      digit = unsafe at.pointee &- 0x30
    }
    return unsafe at - first
  }
}
