/// ChaCha20 one byte of one block at a time, straight from RFC 8439; the twin of the fast one.
enum PlainChaCha20 {
  static func block(key: [UInt8], nonce: SIMD3<UInt32>, counter: UInt32) -> [UInt8] {
    var start: [UInt32] = [0x6170_7865, 0x3320_646E, 0x7962_2D32, 0x6B20_6574]
    for index in 0..<8 {
      start.append((0..<4).reduce(0) { $0 | UInt32(key[4 * index + $1]) << UInt32(8 * $1) })
    }
    start += [counter, nonce[0], nonce[1], nonce[2]]
    var state = start
    for _ in 0..<10 {
      for (a, b, c, d) in [
        (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15),
        (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
      ] {
        quarterRound(&state, a, b, c, d)
      }
    }
    return zip(state, start).flatMap { mixed, first in
      (0..<4).map { UInt8(truncatingIfNeeded: (mixed &+ first) >> UInt32(8 * $0)) }
    }
  }

  static func applied(
    to text: [UInt8],
    key: [UInt8],
    nonce: SIMD3<UInt32>,
    counter: UInt32
  ) -> [UInt8] {
    var result: [UInt8] = []
    var number = counter
    for start in stride(from: 0, to: text.count, by: 64) {
      let stream = block(key: key, nonce: nonce, counter: number)
      result += zip(text[start..<min(text.count, start + 64)], stream).map { $0 ^ $1 }
      number &+= 1
    }
    return result
  }

  static func quarterRound(_ s: inout [UInt32], _ a: Int, _ b: Int, _ c: Int, _ d: Int) {
    func turn(_ target: Int, _ other: Int, _ sum: Int, _ count: UInt32) {
      s[sum] = s[sum] &+ s[other]
      let mixed = s[target] ^ s[sum]
      s[target] = mixed << count | mixed >> (32 - count)
    }
    turn(d, b, a, 16)
    turn(b, d, c, 12)
    turn(d, b, a, 8)
    turn(b, d, c, 7)
  }
}

/// Poly1305 by doubling and adding modulo 2¹³⁰ − 5; the twin of the fast one.
enum PlainPoly1305 {
  /// A number below 2¹³⁰ − 5: 2¹²⁸ · `high` + `low`.
  struct Residue: Equatable {
    var high: UInt64 = 0
    var low: UInt128 = 0

    static func + (a: Residue, b: Residue) -> Residue {
      let (low, carry) = a.low.addingReportingOverflow(b.low)
      return Residue(high: a.high + b.high + (carry ? 1 : 0), low: low).reduced
    }

    /// Takes off the modulus while it fits.
    var reduced: Residue {
      var result = self
      while result.high > 3 || (result.high == 3 && result.low >= .max - 4) {
        let (low, borrow) = result.low.subtractingReportingOverflow(.max - 4)
        result = Residue(high: result.high - 3 - (borrow ? 1 : 0), low: low)
      }
      return result
    }

    func times(_ factor: UInt128) -> Residue {
      var sum = Residue()
      for bit in (0..<128).reversed() {
        sum = sum + sum
        if factor >> UInt128(bit) & 1 == 1 { sum = sum + self }
      }
      return sum
    }
  }

  static func tag(of message: [UInt8], key: [UInt8]) -> [UInt8] {
    func number(_ bytes: ArraySlice<UInt8>) -> UInt128 {
      bytes.reversed().reduce(0) { $0 << 8 | UInt128($1) }
    }
    let r = number(key[..<16]) & 0x0FFF_FFFC_0FFF_FFFC_0FFF_FFFC_0FFF_FFFF
    var sum = Residue()
    for start in stride(from: 0, to: message.count, by: 16) {
      let block = message[start..<min(message.count, start + 16)]
      let value =
        block.count == 16
        ? Residue(high: 1, low: number(block))
        : Residue(high: 0, low: number(block) | 1 << UInt128(8 * block.count))
      sum = (sum + value.reduced).times(r)
    }
    let tag = sum.low &+ number(key[16...])
    return (0..<16).map { UInt8(truncatingIfNeeded: tag >> UInt128(8 * $0)) }
  }
}
