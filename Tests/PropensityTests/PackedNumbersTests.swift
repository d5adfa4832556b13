import Bytes
import Propensity
import Testing

struct PackedNumbersTests {
  private func bytes(_ numbers: [Int64]) -> [UInt8] {
    var writer = ByteWriter()
    PackedNumbers.encode(numbers.span, into: &writer)
    return writer.bytes
  }

  private func numbers(_ bytes: [UInt8], count: Int) throws(DecodingError) -> [Int64] {
    var block = [Int64](repeating: -1, count: PackedNumbers.countMax)
    var reader = ByteReader(bytes)
    try PackedNumbers.decode(count, into: &block, from: &reader)
    try reader.finish()
    return Array(block.prefix(count))
  }

  @Test func `numbers of any size are read as they were written`() throws {
    var random = SeededRandom(seed: 71)
    for turn in 0..<6_500 {
      let width = turn % 65
      let mask: UInt64 = width == 64 ? .max : 1 << UInt64(width) - 1
      let base = Int64(bitPattern: random.next())
      let wanted = (0...random.below(64)).map { _ in
        base &+ Int64(bitPattern: random.next() & mask)
      }

      #expect(try numbers(bytes(wanted), count: wanted.count) == wanted)
    }
  }

  @Test(
    arguments: [
      ([0, 0, 0], [0, 0]),
      ([7], [14, 0]),
      ([-1, 0, 1, 2], [1, 2, 0b1110_0100]),
      (
        [.min, .max],
        [255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 64]
          + [UInt8](repeating: 0, count: 8) + [UInt8](repeating: 255, count: 8)
      ),
    ] as [([Int64], [UInt8])]
  )
  func `numbers stand above the least one, in as few bits as hold the greatest`(
    numbers: [Int64],
    wanted: [UInt8]
  ) throws {
    #expect(bytes(numbers) == wanted)
    #expect(try self.numbers(wanted, count: numbers.count) == numbers)
  }

  @Test func `cut numbers and widths beyond 64 bits are errors`() {
    let whole = bytes((0..<64).map { $0 * $0 * 1_000 })
    for count in whole.indices {
      #expect(throws: DecodingError.self) {
        _ = try self.numbers(Array(whole.prefix(count)), count: 64)
      }
    }
    #expect(throws: DecodingError.invalidValue(at: 1, what: "numbers of 65 bits")) {
      _ = try self.numbers([0, 65] + [UInt8](repeating: 0, count: 600), count: 64)
    }
  }
}
