import Bytes

/// Bytes of rows on their way to a file; every piece is appended without making a string.
struct TextBuffer {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  var count: Int { bytes.count }

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// Appends a literal of the source.
  mutating func literal(_ text: StaticString) {
    // A literal of more than one scalar lies in the program's constant data for as long as it runs.
    unsafe bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    )
  }

  mutating func byte(_ byte: Unicode.Scalar) { bytes.append(UInt8(ascii: byte)) }

  mutating func piece(_ piece: [UInt8]) { bytes.append(contentsOf: piece) }

  mutating func integer(_ value: Int) {
    if value < 0 { byte("-") }
    let magnitude = value.magnitude
    var width = 1
    var bound: UInt = 10
    while width < 19, magnitude >= bound {
      width += 1
      bound &*= 10
    }
    digits(magnitude, width: width)
  }

  /// Appends a whole number of hundredths with two decimal places.
  mutating func hundredths(_ value: Int) {
    if value < 0 { byte("-") }
    let magnitude = value.magnitude
    integer(Int(magnitude / 100))
    byte(".")
    digits(magnitude % 100, width: 2)
  }

  /// Appends the last `width` decimal digits of a number.
  mutating func digits(_ value: UInt, width: Int) {
    let start = bytes.count
    for _ in 0..<width { bytes.append(UInt8(ascii: "0")) }
    var rest = value
    var index = start + width - 1
    while rest > 0, index >= start {
      bytes[index] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
      index -= 1
    }
  }

  /// Appends a day as `YYYY-MM-DD`.
  mutating func day(_ days: Int) {
    let date = CivilTime.date(days: days)
    digits(date.year.magnitude, width: 4)
    byte("-")
    digits(date.month.magnitude, width: 2)
    byte("-")
    digits(date.day.magnitude, width: 2)
  }

  /// Appends an instant of a year after 1969 as `YYYY-MM-DDTHH:MM:SS.mmmZ`.
  mutating func instant(_ milliseconds: Int) {
    let millisecondsPerDay = Int(CivilTime.millisecondsPerDay)
    day(milliseconds / millisecondsPerDay)
    let rest = (milliseconds % millisecondsPerDay).magnitude
    byte("T")
    digits(rest / 3_600_000, width: 2)
    byte(":")
    digits(rest / 60_000 % 60, width: 2)
    byte(":")
    digits(rest / 1_000 % 60, width: 2)
    byte(".")
    digits(rest % 1_000, width: 3)
    byte("Z")
  }
}
