import Bytes
import Domain
import Testing

@Suite struct NumberFormTests {
  private func read(_ text: String) -> (style: InstantStyle, count: Int64)? {
    Array(text.utf8).withUnsafeBufferPointer { InstantStyle.read($0) }
  }

  @Test(arguments: InstantStyle.allCases)
  func `texts of a style are read as the number that gives them back`(style: InstantStyle) {
    var random = SeededRandom(seed: UInt64(style.rawValue))
    let span = Instant.latest.milliseconds - Instant.earliest.milliseconds
    for _ in 0..<2_000 {
      let milliseconds = Instant.earliest.milliseconds + Int64(random.next() >> 1) % span
      let count = milliseconds / style.unit
      let text = style.text(of: count)
      let found = read(text.string)
      #expect(found?.style == style && found?.count == count, "\(text)")
      #expect(TimeText(text)?.instant.milliseconds == count * style.unit, "\(text)")
    }
  }

  @Test(arguments: [
    "", "2026-01-05 ", "2026-13-05", "2026-02-29", "0000-01-01", "2026-1-005", "2026-01-05T10:00Z",
    "2026-01-05T10:00:00z", "2026-01-05t10:00:00Z", "2026-01-05T24:00:00Z", "2026-01-05T10:00:60Z",
    "2026-01-05T10:00:00.1Z", "2026-01-05T10:00:00,100Z", "2026-01-05T10:00:00+00:00",
    "2026-01-05T10:00:00", "+026-01-05",
  ])
  func `other texts stay texts`(text: String) {
    #expect(read(text) == nil)
  }

  @Test func `decimals give back the very double`() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<20_000 {
      let number = Int64(random.below(2_000_000)) - 1_000_000
      let value = Double(number) / [1, 10, 100, 1_000, 10_000][random.below(5)]
      #expect(Decimal(value)?.value.bitPattern == value.bitPattern, "\(value)")
    }
    for _ in 0..<20_000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite, let decimal = Decimal(value) else { continue }
      #expect(decimal.value.bitPattern == value.bitPattern, "\(value)")
    }
    for value in [-0.0, .pi, 1e300, .leastNonzeroMagnitude, 0.1 + 0.2, 1e16] {
      #expect(Decimal(value) == nil, "\(value)")
    }
    #expect(Decimal(12.5) == Decimal(scale: 1, number: 125))
  }
}
