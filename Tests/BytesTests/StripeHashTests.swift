import Bytes
import Testing

@Suite struct StripeHashTests {
  private func digest(_ bytes: [UInt8], pieces: Int) -> [UInt8] {
    var hash = StripeHash()
    var rest = bytes[...]
    while !rest.isEmpty {
      hash.update(Array(rest.prefix(pieces)))
      rest = rest.dropFirst(pieces)
    }
    return hash.digest
  }

  @Test func `the digest does not depend on the pieces`() {
    var random = SeededRandom(seed: 1)
    for byteCount in [0, 1, 63, 1_023, 1_024, 1_025, 5_000] {
      let bytes = (0..<byteCount).map { _ in UInt8(random.below(256)) }
      let whole = digest(bytes, pieces: 1 << 20)
      #expect(whole.count == 32)
      for pieces in [1, 7, 1_000, 1_024, 3_000] {
        #expect(digest(bytes, pieces: pieces) == whole, "\(byteCount) bytes by \(pieces)")
      }
    }
  }

  @Test func `every bit and the length count`() {
    let zeros = [UInt8](repeating: 0, count: 2_500)
    var digests: Set<[UInt8]> = [digest(zeros, pieces: 4_000), digest(zeros + [0], pieces: 4_000)]
    for index in stride(from: 0, to: zeros.count, by: 7) {
      for bit in [0, 3, 7] {
        var bytes = zeros
        bytes[index] ^= 1 << UInt8(bit)
        digests.insert(digest(bytes, pieces: 4_000))
      }
    }
    #expect(digests.count == 2 + 3 * 358)
  }

  @Test func `the digest stays what it is`() {
    let bytes = (0..<3_000).map { UInt8(truncatingIfNeeded: $0) }
    #expect(digest(bytes, pieces: 4_000).prefix(4) == [159, 160, 104, 234])
  }
}
