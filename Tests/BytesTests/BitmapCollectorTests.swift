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
    for set in densities.indices {
      let found = BitmapCollector.bitmap(of: set, from: collectors, partSize: size)
      #expect(found == expected[set], "\(densities[set]) of 1,000 members in parts of \(size)")
    }
  }
}
