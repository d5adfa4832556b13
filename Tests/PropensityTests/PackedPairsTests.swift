import Bytes
import Propensity
import Testing

struct PackedPairsTests {
  private func bytes(_ pairs: [Int64]) -> [UInt8] {
    var writer = ByteWriter()
    unsafe pairs.withUnsafeBufferPointer { unsafe PackedPairs.encode($0, into: &writer) }
    return writer.bytes
  }

  /// The pairs that bytes hold, with so many bytes of something else behind them.
  private func pairs(
    _ bytes: [UInt8],
    count: Int,
    behind: Int = 0
  ) throws(DecodingError) -> [Int64] {
    var block = [Int64](repeating: -1, count: 2 * PackedPairs.countMax)
    var reader = ByteReader(bytes + [UInt8](repeating: 0xA5, count: behind))
    try reader.readInPlace { bytes, position throws(DecodingError) in
      let result = unsafe block.withUnsafeMutableBufferPointer { block in
        Result { () throws(DecodingError) in
          guard let start = block.baseAddress else { return }
          unsafe try PackedPairs.decode(count, into: start, from: bytes, at: &position)
        }
      }
      try result.get()
    }
    #expect(reader.remaining == behind)
    #expect(block[(2 * count)...].allSatisfy { $0 == -1 })
    return Array(block[..<(2 * count)])
  }

  @Test func `pairs of any size are read as they were written`() throws {
    var random = SeededRandom(seed: 71)
    for turn in 0..<65 * 65 {
      let masks = [turn % 65, turn / 65].map { width in
        width == 64 ? UInt64.max : 1 << UInt64(width) - 1
      }
      let bases = [Int64(bitPattern: random.next()), Int64(bitPattern: random.next())]
      let wanted = (0..<2 * (1 + random.below(64))).map { index in
        bases[index % 2] &+ Int64(bitPattern: random.next() & masks[index % 2])
      }

      for behind in [0, 3, 8] {
        #expect(try pairs(bytes(wanted), count: wanted.count / 2, behind: behind) == wanted)
      }
    }
  }

  @Test(
    arguments: [
      ([0, 0, 0, 0], [0, 0, 0, 0]),
      ([7, -1], [14, 1, 0, 0]),
      ([-1, 5, 0, 5, 1, 5, 2, 5], [1, 10, 2, 0, 0b1110_0100]),
      ([0, 9, 1, 8, 2, 7, 3, 6], [0, 12, 2, 2, 0b1001_1100, 0b0011_0110]),
      (
        [.min, 0, .max, 1],
        [255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 64, 1]
          + [UInt8](repeating: 0, count: 8) + [254] + [UInt8](repeating: 255, count: 7) + [3]
      ),
    ] as [([Int64], [UInt8])]
  )
  func `numbers stand above the least ones, in as few bits as hold the greatest`(
    numbers: [Int64],
    wanted: [UInt8]
  ) throws {
    #expect(bytes(numbers) == wanted)
    #expect(try pairs(wanted, count: numbers.count / 2) == numbers)
  }

  @Test func `cut pairs and widths beyond 64 bits are errors`() {
    let whole = bytes((0..<128).map { $0 * $0 * 1_000 })
    for count in whole.indices {
      #expect(throws: DecodingError.self) {
        _ = try self.pairs(Array(whole.prefix(count)), count: 64)
      }
    }
    let zeros = [UInt8](repeating: 0, count: 1_200)
    #expect(throws: DecodingError.invalidValue(at: 2, what: "numbers of 65 bits")) {
      _ = try self.pairs([0, 0, 65, 0] + zeros, count: 64)
    }
    #expect(throws: DecodingError.invalidValue(at: 3, what: "numbers of 255 bits")) {
      _ = try self.pairs([0, 0, 1, 255] + zeros, count: 64)
    }
  }
}
