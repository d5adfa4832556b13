/// A set of Unicode scalars: a bitmap for ASCII, ascending ranges above.
package struct ScalarSet: Hashable, Sendable {
  /// Bit `n` of the pair says whether ASCII scalar `n` is in the set.
  private var low: UInt64 = 0
  private var high: UInt64 = 0
  /// Invariant: ascending, apart by at least one scalar, all within 0x80...0x10FFFF.
  private var ranges: [ClosedRange<UInt32>] = []

  package init(_ pieces: [ClosedRange<UInt32>]) {
    for piece in pieces.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      for scalar in piece.clamped(to: 0...0x7F) where piece.lowerBound <= 0x7F {
        insertASCII(scalar)
      }
      if piece.upperBound >= 0x80 { appendRange(max(piece.lowerBound, 0x80)...piece.upperBound) }
    }
  }

  package func contains(_ scalar: UInt32) -> Bool {
    if scalar < 64 { return low >> UInt64(scalar) & 1 == 1 }
    if scalar < 128 { return high >> UInt64(scalar - 64) & 1 == 1 }
    return ranges.contains { $0.contains(scalar) }
  }

  /// All scalars that are not in this set.
  package var inverted: ScalarSet {
    var result = ScalarSet([])
    result.low = ~low
    result.high = ~high
    var next: UInt32 = 0x80
    for range in ranges {
      if range.lowerBound > next { result.ranges.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    if next <= 0x10FFFF { result.ranges.append(next...0x10FFFF) }
    return result
  }

  /// This set with the other case of each of its ASCII letters.
  package var foldingASCII: ScalarSet {
    var result = self
    // Bits 1-26 of `high` are A-Z, bits 33-58 are a-z.
    let letters: UInt64 = 0x07FF_FFFE
    result.high |= (high & letters) << 32 | (high >> 32) & letters
    return result
  }

  package static let digits = ScalarSet([0x30...0x39])
  package static let word = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  package static let blank = ScalarSet([0x09...0x0D, 0x20...0x20])
  /// What `.` stands for: everything but a line feed.
  package static let notLineFeed = ScalarSet([0x0A...0x0A]).inverted

  package func union(_ other: ScalarSet) -> ScalarSet {
    var result = ScalarSet(ranges + other.ranges)
    result.low = low | other.low
    result.high = high | other.high
    return result
  }

  private mutating func insertASCII(_ scalar: UInt32) {
    if scalar < 64 { low |= 1 << UInt64(scalar) } else { high |= 1 << UInt64(scalar - 64) }
  }

  private mutating func appendRange(_ range: ClosedRange<UInt32>) {
    guard let last = ranges.last, range.lowerBound <= last.upperBound + 1 else {
      ranges.append(range)
      return
    }
    ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
  }
}
