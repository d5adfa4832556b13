import Bytes
import Testing

@testable import Segmentation

/// The search for pairs held against comparing every event with every other one.
struct PairKernelTests {
  /// Rows of one table, some of which are events of a half.
  private struct Rows {
    var profiles: [Int] = []
    var instants: [Int64] = []
    var isEvent: [Bool] = []
    /// What kept instants count from.
    let base: Int64
    private let index = RowIndex()

    init(_ random: inout SeededRandom, profileCount: Int, rowCountMax: Int) {
      base = Int64(random.next() % 1_000) - 500
      for profile in 0..<profileCount {
        let count = Int(random.next() % UInt64(rowCountMax + 1))
        let share = 1 + random.next() % 8
        for time in (0..<count).map({ _ in Int64(random.next() % 400) }).sorted() {
          profiles.append(profile)
          instants.append(time)
          isEvent.append(random.next() % share == 0)
        }
      }
    }

    func events(in arena: Arena) -> PairEvents {
      let wordCount = rowVectorWordCount(profiles.count)
      var bits = [UInt64](repeating: 0, count: wordCount)
      var ends = [UInt64](repeating: 0, count: wordCount)
      var present = [UInt64](repeating: 0, count: BlockVector.wordCount)
      for row in profiles.indices {
        let bit: UInt64 = 1 << UInt64(row % 64)
        if isEvent[row] { bits[row / 64] |= bit }
        if row + 1 == profiles.count || profiles[row + 1] != profiles[row] { ends[row / 64] |= bit }
        present[profiles[row] / 64] |= 1 << UInt64(profiles[row] % 64)
      }
      // What lies behind the last row does not count.
      for row in profiles.count..<64 * wordCount { bits[row / 64] |= 1 << UInt64(row % 64) }
      unsafe index.take(profiles: present, ends: ends, wordCount: wordCount)
      return unsafe PairEvents(
        rows: PairRows(
          instants: arena.store(
            instants.map { $0 &- base } + [Int64](repeating: .max, count: 64)
          ),
          base: base,
          index: index.parts
        ),
        bits: arena.store(bits)
      )
    }

    func times(of profile: Int) -> [Int64] {
      profiles.indices.filter { profiles[$0] == profile && isEvent[$0] }.map { instants[$0] }
    }
  }

  @Test("profiles with a first event and a later one are found", arguments: 0..<60)
  func pairs(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let rowCountMax = [1, 3, 12, 64, 65, 300][Int(seed % 6)]
    let firsts = Rows(&random, profileCount: 64, rowCountMax: rowCountMax)
    let seconds = Rows(&random, profileCount: 64, rowCountMax: [2, rowCountMax][Int(seed / 6 % 2)])
    let gap: Int64 = [1, 5, 90, .max][Int(seed % 4)]
    let wanted = (0..<BlockVector.wordCount).map { $0 == 0 ? random.next() | random.next() : 0 }
    var found = [UInt64](repeating: 0, count: BlockVector.wordCount)
    let arena = Arena.ofKernels()
    unsafe PairSearch().find(
      firsts.events(in: arena),
      seconds.events(in: arena),
      of: wanted,
      within: gap,
      into: &found
    )
    for profile in 0..<64 {
      let isWanted = wanted[0] >> UInt64(profile) & 1 == 1
      let isThere = firsts.times(of: profile).contains { first in
        seconds.times(of: profile).contains { $0 > first && $0 - first <= gap }
      }
      let isFound = found[0] >> UInt64(profile) & 1 == 1
      #expect(isFound == (isWanted && isThere), "seed \(seed), profile \(profile)")
    }
    #expect(found.dropFirst().allSatisfy { $0 == 0 })
    withExtendedLifetime((arena, firsts, seconds)) {}
  }

  @Test("bits of rows become vectors of rows", arguments: [1, 63, 256, 257, 700])
  func rowVectors(count: Int) {
    var random = SeededRandom(seed: UInt64(count))
    let masks = (0..<count + 256).map { _ in random.next() }
    let kept = random.next()
    let wordCount = rowVectorWordCount(count)
    let vectors = Scratch<UInt64>(count: 64 * wordCount)
    let squares = Scratch<SIMD4<UInt64>>(count: 64)
    unsafe writeRowVectors(
      of: masks,
      count: count,
      keeping: kept,
      by: squares.pointer,
      into: vectors.pointer,
      wordCount: wordCount
    )
    for bit in 0..<64 {
      for row in 0..<count {
        let word = unsafe vectors.pointer[bit * wordCount + row / 64]
        let isSet = word >> UInt64(row % 64) & 1 == 1
        let isMeant = (masks[row] & kept) >> UInt64(bit) & 1 == 1
        if isSet != isMeant { Issue.record("bit \(bit), row \(row)") }
      }
    }
  }
}
