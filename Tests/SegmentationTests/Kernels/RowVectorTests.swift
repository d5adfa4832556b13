import Bytes
import ProfileStore
import Testing

@testable import Segmentation

/// Kernels over vectors of rows, and what brings them to profiles.
struct RowVectorTests {
  @Test("bits of values go to the rows that have them", arguments: 0..<20)
  func spreading(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let presence = (0..<9).map { _ in seed % 2 == 0 ? random.next() : random.next() & random.next()
    }
    let bits = (0..<10).map { _ in random.next() }
    let words = Scratch<UInt64>(count: 9)
    unsafe spread(bits, over: presence, wordCount: 9, into: words.pointer)
    var value = 0
    for row in 0..<9 * 64 {
      let isPresent = presence[row / 64] >> UInt64(row % 64) & 1 == 1
      let isSet = unsafe words.pointer[row / 64] >> UInt64(row % 64) & 1 == 1
      #expect(isSet == (isPresent && bits[value / 64] >> UInt64(value % 64) & 1 == 1))
      value += isPresent ? 1 : 0
    }
  }

  @Test("bits are taken out and put in by any processor alike", arguments: 0..<50)
  func extracting(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let word = random.next()
    for mask in [0, .max, random.next(), random.next() & random.next(), 1 << 63] {
      #expect(extract(word, where: mask) == extractOneByOne(word, where: mask))
      #expect(deposit(word, where: mask) == depositOneByOne(word, where: mask))
      #expect(deposit(extract(word, where: mask), where: mask) == word & mask)
    }
  }

  @Test("vectors of a test are made of those of bounds, and those of a match of its tests")
  func choosing() {
    var random = SeededRandom(seed: 1)
    let wordCount = rowVectorWordCount(300)
    let vectors = Scratch<UInt64>(count: 5 * wordCount)
    unsafe writeEveryRow(300, into: vectors.pointer)
    for word in wordCount..<5 * wordCount {
      unsafe vectors.pointer[word] = random.next() & vectors.pointer[word % wordCount]
    }
    func isSet(_ words: UnsafePointer<UInt64>, _ row: Int) -> Bool {
      unsafe words[row / 64] >> UInt64(row % 64) & 1 == 1
    }
    let found = Scratch<UInt64>(count: wordCount)
    let start = unsafe UnsafePointer(vectors.pointer)
    for numbers in [[], [1], [3, 1], [4, 2, 1, 3]] as [[UInt16]] {
      for isInverse in [false, true] {
        unsafe numbers.withUnsafeBufferPointer { chosen in
          guard let own = chosen.baseAddress ?? UnsafePointer(bitPattern: 2) else { return }
          unsafe write(
            RowChoice(isInverse: isInverse, vectors: own, count: numbers.count),
            of: start,
            wordCount: wordCount,
            every: start,
            into: found.pointer
          )
        }
        for row in 0..<wordCount * 64 {
          let odd = numbers.count { unsafe isSet(start + Int($0) * wordCount, row) } % 2 == 1
          let expected = row < 300 && odd != isInverse
          #expect(unsafe isSet(found.pointer, row) == expected, "\(numbers), row \(row)")
        }
      }
    }
    for numbers in [[1, 2], [2, 3, 4], [1, 2, 3, 4], [0, 1]] as [[UInt32]] {
      let isAny = unsafe intersect(
        start,
        numbers,
        count: numbers.count,
        wordCount: wordCount,
        into: found.pointer
      )
      let rows = (0..<300).filter { row in
        numbers.allSatisfy { unsafe isSet(start + Int($0) * wordCount, row) }
      }
      #expect(isAny == !rows.isEmpty)
      #expect((0..<wordCount * 64).filter { unsafe isSet(found.pointer, $0) } == rows)
    }
  }

  @Test(
    "rows are brought to their profiles",
    arguments: [1, 5, 64, 200, 1_024, 9_000],
    [1, 3, 40]
  )
  func owners(rowCount: Int, rarity: UInt64) {
    var random = SeededRandom(seed: UInt64(rowCount) + rarity)
    // Some have rows over many words, some have none.
    let profiles = (0..<rowCount).map { index in
      UInt16(index % 4 == 0 ? 700 : random.next() % UInt64(BlockVector.bitCount))
    }.sorted()
    let chosen = (0..<rowCount).filter { _ in random.next() % rarity == 0 }
    let rows = words(chosen, of: rowCount)
    // Recent are the last two rows of some profiles.
    let recent = (0..<rowCount).filter { row in
      profiles[row] % 3 == 0 && (row + 2 >= rowCount || profiles[row + 2] != profiles[row])
    }
    let owners = RowOwners(rowCountMax: rowCount)
    let vector = Scratch<UInt64>(count: BlockVector.wordCount)
    let arena = Arena.ofKernels()
    func found() -> [Int] { set(vector.pointer, BlockVector.bitCount) }
    unsafe profiles.withUnsafeBufferPointer { profiles in
      guard let start = profiles.baseAddress else { return }
      let ends = unsafe RowEnds(
        start,
        rowCount: rowCount,
        profileCount: BlockVector.bitCount,
        in: arena
      )
      unsafe owners.begin(
        profiles: start,
        ends: ends,
        rowCount: rowCount,
        profileCount: BlockVector.bitCount
      )
      func check(_ rows: MatchedRows, _ chosen: [Int]) {
        unsafe owners.write(rows, into: vector.pointer)
        #expect(found() == Set(chosen.map { unsafe Int(profiles[$0]) }).sorted())
        for atLeast in [2, 3, 9, 40] {
          unsafe owners.write(rows, atLeast: atLeast, into: vector.pointer)
          var counts: [Int: Int] = [:]
          for row in chosen { unsafe counts[Int(profiles[row]), default: 0] += 1 }
          #expect(found() == counts.filter { $0.value >= atLeast }.keys.sorted(), "\(atLeast)")
        }
        let listed = unsafe owners.list(rows)
        #expect((0..<listed.count).map { unsafe Int(listed.numbers[$0]) } == chosen)
        let owned = chosen.map { unsafe profiles[$0] }
        #expect((0..<listed.count).map { unsafe listed.profiles[$0] } == owned)
      }
      let wordCount = rowVectorWordCount(rowCount)
      unsafe check(
        MatchedRows(words: rows.pointer, wordCount: wordCount, areRecent: false),
        chosen
      )
      let index = RowIndex()
      owners.write(to: index, areRecent: false)
      checkIndex(index, profiles.map { Int($0) })
      let recentRows = words(recent, of: rowCount)
      let count = unsafe owners.takeRecent(recentRows.pointer, ends: ends)
      #expect(count == (rowCount > 64 ? recent.count : nil))
      if count == nil { return }
      let both = Set(chosen).intersection(recent).sorted()
      let compressed = Scratch<UInt64>(count: rowVectorWordCount(rowCount) + 1)
      unsafe compress(
        rows.pointer,
        by: recentRows.pointer,
        wordCount: (rowCount + 63) / 64,
        into: compressed.pointer
      )
      let matched = unsafe MatchedRows(
        words: compressed.pointer,
        wordCount: wordCount,
        areRecent: true
      )
      unsafe check(matched, both)
      #expect(unsafe set(owners.expand(matched), rowCount) == both)
      owners.write(to: index, areRecent: true)
      checkIndex(index, recent.map { Int(profiles[$0]) })
      // Recent rows are a profile's last ones.
      let others = (0..<rowCount).filter { row in
        unsafe row + 1 < rowCount && profiles[row] == profiles[row + 1] && row % 5 == 0
      }
      if !others.isEmpty {
        #expect(unsafe owners.takeRecent(words(others, of: rowCount).pointer, ends: ends) == nil)
      }
    }
  }

  /// An index tells where the rows of each profile are.
  private func checkIndex(_ index: RowIndex, _ profiles: [Int]) {
    let parts = unsafe index.parts
    for profile in 0..<BlockVector.bitCount {
      let own = profiles.indices.filter { profiles[$0] == profile }
      #expect(unsafe Array(parts.range(of: profile)) == own, "profile \(profile)")
    }
  }

  private func words(_ rows: [Int], of rowCount: Int) -> Scratch<UInt64> {
    let words = Scratch<UInt64>(count: rowVectorWordCount(rowCount))
    for row in rows { unsafe words.pointer[row / 64] |= 1 << UInt64(row % 64) }
    return words
  }

  private func set(_ words: UnsafePointer<UInt64>, _ count: Int) -> [Int] {
    (0..<count).filter { unsafe words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
  }

  @Test("rows are counted by profile", arguments: 0..<5)
  func starts(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let profiles = (0..<700).map { _ in UInt16(random.next() % UInt64(BlockVector.bitCount)) }
      .sorted()
    let starts = Scratch<UInt32>(count: BlockVector.bitCount + 1)
    unsafe writeStarts(
      of: profiles,
      count: profiles.count,
      profileCount: BlockVector.bitCount,
      into: starts.pointer
    )
    for profile in 0...BlockVector.bitCount {
      let before = profiles.count { Int($0) < profile }
      #expect(unsafe Int(starts.pointer[profile]) == before, "seed \(seed), profile \(profile)")
    }
  }

  @Test("set bits are listed", arguments: 0..<20)
  func listing(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let words = (0..<9).map { _ in random.next() & (seed % 3 == 0 ? .max : random.next()) }
    let rows = Scratch<UInt32>(count: 9 * 64 + 8)
    let count = unsafe list(words, wordCount: 9, into: rows.pointer)
    let set = (0..<9 * 64).filter { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
    #expect((0..<count).map { unsafe Int(rows.pointer[$0]) } == set, "seed \(seed)")
  }
}
