import Bytes
import Testing

struct BitmapCollectorTests {
  @Test("sets collected part by part are those made bit by bit", arguments: [1_024, 1_000, 64, 7])
  func parts(size: Int) {
    let densities: [UInt64] = [0, 1, 20, 500, 1_000]
    var random = SeededRandom(seed: UInt64(size))
    var expected = [Bitmap](repeating: Bitmap(), count: densities.count)
    var collectors: [BitmapCollector] = []
    var first = 0
    for partCount in [3, 0, 1, 40] {
      let collector = BitmapCollector(setCount: densities.count, partCount: partCount)
      for part in 0..<partCount {
        for (set, density) in densities.enumerated() {
          var words = [UInt64](repeating: 0, count: 16)
          for bit in 0..<size where random.next() % 1_000 < density {
            words[bit / 64] |= 1 << UInt64(bit % 64)
            expected[set].insert(first + bit)
          }
          unsafe collector.put(part, of: set, words)
        }
        first += size
      }
      collectors.append(collector)
    }
    let collected = CollectedBitmaps(collectors, partSize: size)
    for set in densities.indices {
      let found = collected.bitmap(of: set)
      #expect(found == expected[set], "\(densities[set]) of 1,000 members in parts of \(size)")
      #expect(found.hashValue == expected[set].hashValue)
      check(found, expected[set], collected.bitmap(of: (set + 2) % densities.count))
    }
  }

  @Test("sets that get a part at once are those that get it one by one")
  func severalAtOnce() {
    let setCount = 2 * BitmapCollector.setsAtOnceMax + 5
    var random = SeededRandom(seed: 9)
    let (one, several) = (
      BitmapCollector(setCount: setCount, partCount: 3),
      BitmapCollector(setCount: setCount, partCount: 3)
    )
    for part in 0..<3 {
      let words = (0..<16 * setCount).map { index -> UInt64 in
        let density = index / 16 % 4
        return density == 0
          ? 0
          : density == 1
            ? .max
            : (0..<density).reduce(.max) { word, _ in
              word & random.next() & random.next()
            }
      }
      unsafe words.withUnsafeBufferPointer { words in
        guard let start = words.baseAddress else { return }
        for set in 0..<setCount { unsafe one.put(part, of: set, start + 16 * set) }
        for first in stride(from: 0, to: setCount, by: BitmapCollector.setsAtOnceMax) {
          let sets = first..<min(first + BitmapCollector.setsAtOnceMax, setCount)
          unsafe several.put(part, of: sets, start + 16 * first, stride: 16)
        }
      }
    }
    let (expected, found) = (
      CollectedBitmaps([one], partSize: 1_024), CollectedBitmaps([several], partSize: 1_024)
    )
    for set in 0..<setCount { #expect(found.bitmap(of: set) == expected.bitmap(of: set)) }
  }

  /// A set whose words are shared with others is in every way like one that has its own.
  private func check(_ shared: Bitmap, _ own: Bitmap, _ other: Bitmap) {
    #expect(shared.compacted() == own && own == shared.compacted())
    #expect(Array(shared) == Array(own) && shared.last == own.last && shared.count == own.count)
    #expect(shared.digest == own.digest)
    var writers = (ByteWriter(), ByteWriter())
    shared.encode(into: &writers.0)
    own.encode(into: &writers.1)
    #expect(writers.0.bytes == writers.1.bytes)
    var seen: [Int] = []
    shared.forEachMember { seen.append($0) }
    #expect(seen == Array(own))
    for number in stride(from: 0, to: 1_100, by: 3) {
      #expect(shared.contains(number) == own.contains(number))
      #expect(shared.rank(number) == own.rank(number))
    }
    let changes = own.changes(to: other)
    #expect(shared.changes(to: other) == changes)
    #expect(shared.applying(entered: changes.entered, left: changes.left) == other)
    #expect(shared.union(other) == own.union(other))
    var changed = shared
    changed.insert(77)
    #expect(changed == own.union(Bitmap([77])))
    #expect(shared == own, "the one it was made from is as it was")
  }
}
