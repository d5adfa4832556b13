import Bytes
import Testing

struct BitmapTests {
  /// Sets of every shape: empty, full, sparse, in runs, dense.
  private func sets(_ random: inout SeededRandom) -> [Set<Int>] {
    var sets: [Set<Int>] = [[], Set(0..<64), Set(0..<100), Set(5..<6), Set(63..<65)]
    for _ in 0..<60 {
      let limit = 1 + random.below(700)
      let density = 1 + random.below(40)
      sets.append(Set((0..<limit).filter { _ in random.oneIn(density) }))
      let start = random.below(limit)
      sets.append(Set(start..<start + random.below(300)).union([random.below(limit)]))
    }
    return sets
  }

  @Test func `a bitmap is the set of its members`() {
    var random = SeededRandom(seed: 11)
    let sets = sets(&random)
    for (left, right) in zip(sets, sets.shuffled(using: &random)) {
      let one = Bitmap(left.sorted())
      let other = Bitmap(right.shuffled(using: &random))
      #expect(Array(one) == left.sorted())
      #expect(one.count == left.count)
      #expect(one.last == left.max())
      #expect(one.isEmpty == left.isEmpty)
      #expect(Array(one.union(other)) == left.union(right).sorted())
      #expect(Array(one.intersection(other)) == left.intersection(right).sorted())
      #expect(Array(one.subtracting(other)) == left.subtracting(right).sorted())
      #expect(one.intersectionCount(other) == left.intersection(right).count)
      #expect((one == other) == (left == right))
      let number = random.below(800)
      #expect(one.contains(number) == left.contains(number))
      #expect(one.rank(number) == left.count { $0 < number })
      var without = one
      without.remove(number)
      #expect(without == Bitmap(left.subtracting([number]).sorted()))
    }
    #expect(Bitmap(below: 130) == Bitmap(0..<130))
    #expect(Bitmap(words: [1, 0, 0]) == Bitmap([0]))
  }

  @Test func `what is written is read, and never longer than the words`() throws {
    var random = SeededRandom(seed: 12)
    for set in sets(&random) {
      let bitmap = Bitmap(set.sorted())
      var writer = ByteWriter()
      bitmap.encode(into: &writer)
      #expect(writer.count <= 8 * bitmap.words.count + 4)
      var reader = ByteReader(writer.bytes)
      #expect(try Bitmap(from: &reader, limit: (set.max() ?? -1) + 1) == bitmap)
      try reader.finish()
      if let last = set.max() {
        var reader = ByteReader(writer.bytes)
        #expect(throws: DecodingError.self) { try Bitmap(from: &reader, limit: last) }
      }
      for length in writer.bytes.indices {
        var cut = ByteReader(Array(writer.bytes[..<length]))
        #expect(throws: DecodingError.self) { try Bitmap(from: &cut, limit: 1_000) }
      }
    }
  }

  @Test func `each shape has its short form`() {
    let shapes: [(Bitmap, Int)] = [
      (Bitmap(), 1), (Bitmap(below: 100_000), 4), (Bitmap([7]), 3), (Bitmap(1_000..<90_000), 7),
      (Bitmap(stride(from: 1, to: 640, by: 2)), 82),
    ]
    for (bitmap, byteCount) in shapes {
      var writer = ByteWriter()
      bitmap.encode(into: &writer)
      #expect(writer.count == byteCount)
    }
  }

  @Test func `random bytes give a bitmap below the limit or an error`() {
    var random = SeededRandom(seed: 13)
    for _ in 0..<3_000 {
      let bytes = (0..<random.below(30)).map { _ in
        random.oneIn(2) ? UInt8(random.below(6)) : UInt8(truncatingIfNeeded: random.next())
      }
      var reader = ByteReader(bytes)
      if let bitmap = try? Bitmap(from: &reader, limit: 500), let last = bitmap.last {
        #expect(last < 500)
      }
    }
  }
}
