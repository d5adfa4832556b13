import Bytes
import Propensity
import Testing

struct PackedNumbersTests {
  private func bytes(_ numbers: [Int64]) -> [UInt8] {
    var writer = ByteWriter()
    PackedNumbers.encode(numbers.span, into: &writer)
    return writer.bytes
  }

  /// The numbers that bytes hold, with so many bytes of something else behind them.
  private func numbers(
    _ bytes: [UInt8],
    count: Int,
    behind: Int = 0
  ) throws(DecodingError) -> [Int64] {
    var block = [Int64](repeating: -1, count: 2 * PackedNumbers.countMax)
    var reader = ByteReader(bytes + [UInt8](repeating: 0xA5, count: behind))
    try reader.readInPlace { bytes, position throws(DecodingError) in
      let result = unsafe block.withUnsafeMutableBufferPointer { block in
        Result { () throws(DecodingError) in
          guard let start = block.baseAddress else { return }
          unsafe try PackedNumbers.decode(count, into: start, step: 2, from: bytes, at: &position)
        }
      }
      try result.get()
    }
    #expect(reader.remaining == behind)
    #expect(stride(from: 1, to: block.count, by: 2).allSatisfy { block[$0] == -1 })
    return stride(from: 0, to: 2 * count, by: 2).map { block[$0] }
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

      for behind in [0, 3, 8] {
        #expect(try numbers(bytes(wanted), count: wanted.count, behind: behind) == wanted)
      }
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
