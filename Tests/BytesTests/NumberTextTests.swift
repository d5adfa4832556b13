import Bytes
import Glibc
import Testing

@Suite struct NumberTextTests {
  @Test(
    arguments: [
      ("0", 0), ("-0", 0), ("7", 7), ("-12", -12), ("9223372036854775807", .max),
      ("-9223372036854775808", .min), ("1000000000000000000", 1_000_000_000_000_000_000),
    ] as [(String, Int64)]
  )
  func `a number without fraction that fits is an integer`(text: String, value: Int64) {
    #expect(NumberText.parse(Text(text)) == .integer(value))
  }

  @Test(
    arguments: [
      ("0.0", 0), ("1.5", 1.5), ("-2e3", -2_000), ("1E+2", 100), ("17850.0", 17_850),
      ("9223372036854775808", 9.223372036854775808e18), ("-9223372036854775809", -0x1p63),
      ("18446744073709551616", 0x1p64), ("0.1", 0.1), ("1e22", 1e22), ("1e23", 1e23),
      ("2.2250738585072011e-308", Double.leastNormalMagnitude.nextDown), ("5e-324", 0x1p-1074),
      ("1e-400", 0),
      ("1.7976931348623157e308", .greatestFiniteMagnitude),
      ("9007199254740993.0", 9007199254740992),
      ("0.000000000000000000000000000000123", 1.23e-31),
    ] as [(String, Double)]
  )
  func `other numbers are the nearest double`(text: String, value: Double) {
    #expect(NumberText.parse(Text(text)) == .double(value))
  }

  @Test(arguments: [
    "", "-", "+1", "01", "00001", "-01", "1.", ".5", "1e", "1e+", "0x10", "1 ", " 1", "1,5", "NaN",
    "Infinity", "1_000", "１", "1e5.5", "--1",
  ])
  func `what the grammar does not know is no number`(text: String) {
    #expect(NumberText.parse(Text(text)) == nil)
  }

  @Test func `a number past the doubles is too large`() {
    for text in ["1e309", "-1e400", "1e999999999999", "1" + String(repeating: "0", count: 400)] {
      let scan = Array(text.utf8).withUnsafeBufferPointer { NumberText.scan($0, from: 0) }
      #expect(scan == NumberText.Scan(reading: .tooLarge, end: text.utf8.count))
      #expect(NumberText.parse(Text(text)) == nil)
    }
  }

  @Test func `texts of a million digits are read in bounded work`() {
    let zeros = String(repeating: "0", count: 1_000_000)
    #expect(NumberText.parse(Text("0." + zeros + "1")) == .double(0))
    #expect(NumberText.parse(Text("0." + zeros + "1e1000001")) == .double(1))
    // Half way between two doubles but for the last digit.
    #expect(NumberText.parse(Text("9007199254740993." + zeros + "1")) == .double(9007199254740994))
  }

  @Test func `random numbers read as the C library reads them`() {
    var random = SeededRandom(seed: 77)
    for _ in 0..<20_000 {
      var text = random.oneIn(2) ? "-" : ""
      text += "\(1 + random.below(9))"
      for _ in 0..<random.below(25) { text += "\(random.below(10))" }
      text += "."
      for _ in 0..<(1 + random.below(25)) { text += "\(random.below(10))" }
      if random.oneIn(2) { text += "e\(random.below(600) - 320)" }
      let expected = strtod(text, nil)
      switch NumberText.parse(Text(text)) {
      case .double(let value): #expect(value.bitPattern == expected.bitPattern, "\(text)")
      case nil: #expect(expected.isInfinite, "\(text)")
      case let other: Issue.record("\(text) was read as \(String(describing: other))")
      }
    }
  }

  @Test func `random doubles read back from their shortest text`() {
    var random = SeededRandom(seed: 78)
    for _ in 0..<20_000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      guard case .double(let back) = NumberText.parse(Text(NumberText.format(value))) else {
        Issue.record("\(value) is not read as a double")
        continue
      }
      #expect(back.bitPattern == value.bitPattern)
    }
  }

  @Test(arguments: [
    (17_850.0, "17850.0", "17850"), (0.5, "0.5", "0.5"), (-0.0, "-0.0", "0"),
    (1e21, "1e+21", "1e+21"), (1e15, "1000000000000000.0", "1000000000000000"),
    (.infinity, "null", "null"),
  ])
  func `a whole double keeps its fraction except as a key`(
    value: Double,
    text: String,
    key: String
  ) {
    #expect(NumberText.format(value) == text)
    #expect(NumberText.formatKey(value) == key)
  }
}
