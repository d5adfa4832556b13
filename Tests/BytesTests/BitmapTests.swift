import Bytes
import Testing

struct BitmapTests {
  /// Sets of every shape over several chunks: empty, full, listed, in runs, dense.
  private func sets(_ random: inout SeededRandom) -> [Set<Int>] {
    var sets: [Set<Int>] = [
      [], Set(0..<64), Set(0..<1_024), Set(0..<1_100), Set(5..<6), Set(1_023..<1_025),
      Set(1_024..<2_048), [5_000],
    ]
    for _ in 0..<40 {
      let limit = 1 + random.below(4_000)
      let density = 1 + random.below(60)
      sets.append(Set((0..<limit).filter { _ in random.oneIn(density) }))
      let start = random.below(limit)
      sets.append(Set(start..<start + random.below(2_000)).union([random.below(limit)]))
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
      var members: [Int] = []
      one.forEachMember { members.append($0) }
      #expect(members == left.sorted())
      #expect(one.count == left.count)
      #expect(one.last == left.max())
      #expect(one.isEmpty == left.isEmpty)
      #expect(Array(one.union(other)) == left.union(right).sorted())
      #expect(Array(one.intersection(other)) == left.intersection(right).sorted())
      #expect(Array(one.subtracting(other)) == left.subtracting(right).sorted())
      #expect(one.intersectionCount(other) == left.intersection(right).count)
      #expect((one == other) == (left == right))
      let changes = one.changes(to: other)
      #expect(changes.entered == Bitmap(right.subtracting(left).sorted()))
      #expect(changes.left == Bitmap(left.subtracting(right).sorted()))
      #expect(one.applying(entered: changes.entered, left: changes.left) == other)
      if left != right {
        #expect(other.applying(entered: changes.entered, left: changes.left) == nil)
      }
      let number = random.below(4_500)
      #expect(one.contains(number) == left.contains(number))
      #expect(one.rank(number) == left.count { $0 < number })
      var without = one
      without.remove(number)
      #expect(without == Bitmap(left.subtracting([number]).sorted()))
      var with = one
      with.insert(number)
      #expect(with == Bitmap(left.union([number]).sorted()))
    }
    #expect(Bitmap(below: 130) == Bitmap(0..<130))
    #expect(Bitmap(words: [1, 0, 0]) == Bitmap([0]))
  }

  @Test func `a builder makes of stretches of any length the set of all their bits`() {
    var random = SeededRandom(seed: 14)
    for _ in 0..<60 {
      var parts: [BitmapBuilder] = []
      var members: [Int] = []
      var position = 0
      for _ in 0..<1 + random.below(4) {
        var part = BitmapBuilder()
        for _ in 0..<random.below(5) {
          let count = [1_024, 2_048, 64, 7, random.below(3_000)][random.below(5)]
          let density = [1, 2, 50, 2_000][random.below(4)]
          let set = (0..<count).filter { _ in random.oneIn(density) }
          members += set.map { position + $0 }
          position += count
          var words = [UInt64](repeating: 0, count: (count + 63) / 64)
          for member in set { words[member >> 6] |= 1 << UInt64(member & 63) }
          // What is behind the count is not looked at.
          if count % 64 != 0 { words[count / 64] |= .max << UInt64(count % 64) }
          unsafe words.withUnsafeBufferPointer { words in
            if let start = words.baseAddress { unsafe part.append(start, count: count) }
          }
        }
        parts.append(part)
      }
      var whole = BitmapBuilder()
      for part in parts { whole.append(part) }
      #expect(whole.count == position)
      #expect(whole.bitmap() == Bitmap(members))
    }
  }

  @Test func `what is written is read, and hardly longer than the bits`() throws {
    var random = SeededRandom(seed: 12)
    for set in sets(&random) {
      let bitmap = Bitmap(set.sorted())
      var writer = ByteWriter()
      bitmap.encode(into: &writer)
      #expect(writer.count <= 130 * bitmap.chunkCount + 4)
      var reader = ByteReader(writer.bytes)
      #expect(try Bitmap(from: &reader, limit: (set.max() ?? -1) + 1) == bitmap)
      try reader.finish()
      if let last = set.max() {
        var reader = ByteReader(writer.bytes)
        #expect(throws: DecodingError.self) { try Bitmap(from: &reader, limit: last) }
      }
      for length in stride(from: 0, to: writer.count, by: 1 + writer.count / 40) {
        var cut = ByteReader(Array(writer.bytes[..<length]))
        #expect(throws: DecodingError.self) { try Bitmap(from: &cut, limit: 10_000) }
      }
    }
  }

  @Test func `each shape has its short form`() {
    let shapes: [(Bitmap, Int)] = [
      (Bitmap(), 1), (Bitmap(below: 100_000), 4), (Bitmap([7]), 3), (Bitmap([900_000]), 5),
      // Runs in the first and the last chunk, nothing between for full ones.
      (Bitmap(1_000..<90_000), 2 + 2 * 88 + 6 + 6),
      (Bitmap(stride(from: 1, to: 640, by: 2)), 2 + 2 + 128),
      (Bitmap(stride(from: 1, to: 1_024, by: 100)), 2 + 2 + 22),
    ]
    for (bitmap, byteCount) in shapes {
      var writer = ByteWriter()
      bitmap.encode(into: &writer)
      #expect(writer.count == byteCount)
    }
  }

  @Test func `bytes of a bitmap with one changed give a bitmap below the limit or an error`() {
    var random = SeededRandom(seed: 15)
    for set in sets(&random) {
      var writer = ByteWriter()
      Bitmap(set.sorted()).encode(into: &writer)
      for _ in 0..<20 {
        var bytes = writer.bytes
        bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
        var reader = ByteReader(bytes)
        guard let bitmap = try? Bitmap(from: &reader, limit: 6_000) else { continue }
        #expect(bitmap.last ?? 0 < 6_000)
        // However it is written, a set is one.
        #expect(bitmap == Bitmap(Array(bitmap)))
      }
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
