/// Numbers as text, by the grammar of JSON (RFC 8259 section 6).
public enum NumberText {
  /// What a number was read as.
  public enum Reading: Equatable, Sendable {
    /// No fraction, no exponent, and in the range of `Int64`.
    case integer(Int64)
    /// Correctly rounded; always finite.
    case double(Double)
    /// A number by the grammar whose nearest double is infinite.
    case tooLarge
    /// Not a number by the grammar; `expected` says what is missing at `Scan.end`.
    case malformed(expected: String)
  }

  /// A reading and the offset behind the last byte it used.
  public struct Scan: Equatable, Sendable {
    public var reading: Reading
    public var end: Int

    public init(reading: Reading, end: Int) {
      self.reading = reading
      self.end = end
    }
  }

  /// Digits that are always enough to round a decimal correctly: a double's tie has at most 767.
  private static let significantDigitCountMax = 800

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// 10 to the power of 0 to 22, exactly.
  public static func power(_ exponent: Int) -> Double { powersOfTen[exponent] }

  /// Reads a text that is one number and nothing else.
  ///
  /// - Returns: `nil` when it is not a number by the grammar, or too large for a double.
  public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Reading? {
    let scan = unsafe scan(bytes, from: 0)
    guard scan.end == bytes.count else { return nil }
    switch scan.reading {
    case .integer, .double: return scan.reading
    case .tooLarge, .malformed: return nil
    }
  }

  public static func parse(_ text: Text) -> Reading? { parse(Array(text.utf8)) }

  public static func parse(_ bytes: [UInt8]) -> Reading? {
    unsafe bytes.withUnsafeBufferPointer { unsafe parse($0) }
  }

  /// Reads the longest number that starts at `start`.
  public static func scan(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Scan {
    let count = bytes.count
    var index = start
    let negative = unsafe index < count && bytes[index] == UInt8(ascii: "-")
    if negative { index &+= 1 }

    // `mantissa` holds the first 19 significant digits; those behind it only count.
    var mantissa: UInt64 = 0
    var taken = 0
    var dropped = 0
    func digit(_ at: Int) -> UInt8 {
      guard at < count else { return 0xFF }
      return unsafe bytes[at] &- UInt8(ascii: "0")
    }
    func take(_ value: UInt8) {
      if taken < 19 {
        mantissa = mantissa &* 10 &+ UInt64(value)
        if mantissa > 0 { taken &+= 1 }
      } else {
        dropped &+= 1
      }
    }

    let first = digit(index)
    guard first <= 9 else { return Scan(reading: .malformed(expected: "a digit"), end: index) }
    take(first)
    index &+= 1
    if first == 0 {
      guard digit(index) > 9 else {
        return Scan(reading: .malformed(expected: "no digit after a leading zero"), end: index)
      }
    }
    while digit(index) <= 9 {
      take(digit(index))
      index &+= 1
    }
    var isWhole = true
    var fractionCount = 0
    if unsafe index < count && bytes[index] == UInt8(ascii: ".") {
      isWhole = false
      index &+= 1
      let digitsStart = index
      while digit(index) <= 9 {
        let before = dropped
        take(digit(index))
        if dropped == before { fractionCount &+= 1 } else { dropped = before }
        index &+= 1
      }
      guard index > digitsStart else {
        return Scan(reading: .malformed(expected: "a digit after the point"), end: index)
      }
    }
    var exponent = 0
    if unsafe index < count && bytes[index] | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      index &+= 1
      var exponentIsNegative = false
      if index < count {
        let sign = unsafe bytes[index]
        exponentIsNegative = sign == UInt8(ascii: "-")
        if exponentIsNegative || sign == UInt8(ascii: "+") { index &+= 1 }
      }
      let digitsStart = index
      while digit(index) <= 9 {
        // Any exponent past a hundred million is as good as infinite for texts of bounded length.
        if exponent < 100_000_000 { exponent = exponent &* 10 &+ Int(digit(index)) }
        index &+= 1
      }
      guard index > digitsStart else {
        return Scan(reading: .malformed(expected: "a digit of the exponent"), end: index)
      }
      if exponentIsNegative { exponent = -exponent }
    }

    if isWhole, dropped == 0, let value = integer(mantissa, negative: negative) {
      return Scan(reading: .integer(value), end: index)
    }
    let scale = exponent &- fractionCount &+ dropped
    // A mantissa this small has at most 16 digits, so none was dropped.
    if mantissa <= 1 << 53, abs(scale) <= 22 {
      // Both operands are exact doubles, so one rounding gives the nearest (W. D. Clinger, "How to
      // read floating point numbers accurately", PLDI 1990).
      let magnitude = Double(mantissa)
      let power = powersOfTen[abs(scale)]
      let value = scale < 0 ? magnitude / power : magnitude * power
      return Scan(reading: .double(negative ? -value : value), end: index)
    }
    let value = unsafe slowDouble(bytes, start: start, end: index, exponent: exponent)
    guard let value, value.isFinite else { return Scan(reading: .tooLarge, end: index) }
    return Scan(reading: .double(value), end: index)
  }

  /// Appends the shortest text that reads back as the same double; whole numbers keep `.0`.
  ///
  /// The text is a JSON number. A value that is not finite has none and is written as `null`.
  public static func append(_ value: Double, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
  }

  public static func append(_ value: Int64, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: value.description.utf8)
  }

  /// The shortest JSON text of a finite double; whole numbers keep `.0`.
  public static func format(_ value: Double) -> String {
    value.isFinite ? value.description : "null"
  }

  /// The shortest decimal form of a number used as a name: `17850`, not `17850.0`.
  public static func formatKey(_ value: Double) -> String {
    if let whole = Int64(exactly: value) { return whole.description }
    return format(value)
  }

  private static func integer(_ magnitude: UInt64, negative: Bool) -> Int64? {
    if negative {
      return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }
    return Int64(exactly: magnitude)
  }

  /// The nearest double of a number by the grammar, through the standard library's reader.
  ///
  /// The text given to it is bounded: past 800 significant digits only "is there anything more" can
  /// matter, and one digit says so.
  private static func slowDouble(
    _ bytes: UnsafeBufferPointer<UInt8>,
    start: Int,
    end: Int,
    exponent: Int
  ) -> Double? {
    var text: [UInt8] = []
    var scale = exponent
    var significant = 0
    var hasMore = false
    var isFraction = false
    for index in start..<end {
      let byte = unsafe bytes[index]
      if byte | 0x20 == UInt8(ascii: "e") { break }
      if byte == UInt8(ascii: "-") { text.append(byte) }
      if byte == UInt8(ascii: ".") { isFraction = true }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { continue }
      if significant > 0 || byte != UInt8(ascii: "0") {
        if significant < significantDigitCountMax {
          text.append(byte)
          significant += 1
          if isFraction { scale -= 1 }
        } else {
          hasMore = hasMore || byte != UInt8(ascii: "0")
          if !isFraction { scale += 1 }
        }
      } else if isFraction {
        scale -= 1
      }
    }
    if significant == 0 { text.append(UInt8(ascii: "0")) }
    if hasMore {
      text.append(UInt8(ascii: "1"))
      scale -= 1
    }
    // Past these ends the result is infinite or zero whatever the digits are.
    scale = max(-10_000, min(10_000, scale))
    text.append(UInt8(ascii: "e"))
    text.append(contentsOf: scale.description.utf8)
    return Double(String(decoding: text, as: UTF8.self))
  }
}
