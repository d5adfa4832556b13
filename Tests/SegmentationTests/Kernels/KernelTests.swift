import Bytes
import ProfileStore
import Testing

@testable import Segmentation

/// Kernels held against the plain meaning of what they do, on random input from seeds.
struct KernelTests {
  @Test("a number's class is that of the cuts it has reached", arguments: 0..<40)
  func cuts(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    // Crowded, spread, at both ends, and none at all.
    let shift = random.next() % 64
    let count = Int(random.next() % 60)
    var cuts = Set((0..<count).map { _ in random.next() >> shift })
    if seed % 3 == 0 { cuts.formUnion([0, .max]) }
    let places = cuts.sorted()
    let classes = (0...places.count).map { _ in UInt16(truncatingIfNeeded: random.next()) }
    let arena = Arena.ofKernels()
    let table = unsafe LaneCuts(places, classes, in: arena)
    #expect(unsafe (table.bucketCount == 0) == places.isEmpty)
    if places.isEmpty { return }
    let near = places.flatMap { [$0, $0 &- 1, $0 &+ 1] }
    withExtendedLifetime(arena) {
      for number in near + (0..<200).map({ _ in random.next() >> (random.next() % 64) }) {
        let reached = places.count { $0 <= number }
        let found = unsafe table.classOf(number)
        #expect(found == classes[reached], "seed \(seed), number \(number)")
      }
    }
  }

  @Test("counters tell who has enough", arguments: [1, 2, 3, 4, 5, 16, 200], [false, true])
  func counters(threshold: Int, isAcross: Bool) {
    var random = SeededRandom(seed: UInt64(threshold))
    let needed = (1...16).first { threshold <= 1 << $0 } ?? 16
    let digitCount = unsafe max(MaskCounters.digitCountMin, needed)
    let words = WordVectors([
      WordVectors.Word(
        targets: Array(0..<64),
        thresholds: Array(repeating: threshold, count: 64),
        digitCount: digitCount,
        countsAcross: isAcross
      )
    ])
    let vectors = Scratch<UInt64>(count: 64 * BlockVector.wordCount)
    let digits = Scratch<UInt64>(count: 16)
    var counts = [[Int]](repeating: Array(repeating: 0, count: 64), count: BlockVector.bitCount)
    // The second block begins anew.
    for block in 0..<2 {
      for profile in counts.indices { counts[profile] = Array(repeating: 0, count: 64) }
      var masks: [UInt64] = []
      var profiles: [UInt16] = []
      for profile in stride(from: 0, to: BlockVector.bitCount, by: 37) {
        for _ in 0..<threshold + Int(random.next() % 3) {
          let mask = random.next() | random.next() | random.next() | random.next()
          masks.append(mask)
          profiles.append(UInt16(profile))
          for bit in 0..<64 where mask >> UInt64(bit) & 1 == 1 { counts[profile][bit] += 1 }
        }
      }
      let united = unsafe words.masks(0)
      let counters = unsafe words.counters(0)
      if isAcross {
        // In two tables, each with a part of the rows.
        let half = masks.count / 2
        for rows in [0..<half, half..<masks.count] {
          unsafe count(
            Array(masks[rows]),
            of: Array(profiles[rows]),
            count: rows.count,
            keeping: .max,
            allDigits: words.allDigits(0),
            digitCount: counters.digitCount,
            into: united
          )
        }
      } else {
        unsafe count(
          masks,
          of: profiles,
          count: masks.count,
          keeping: .max,
          counters,
          digits: digits.pointer,
          into: united
        )
      }
      words.finish(into: vectors)
      for bit in 0..<64 {
        for profile in counts.indices {
          let word = unsafe vectors.vector(bit)[profile / 64]
          let isSet = word >> UInt64(profile % 64) & 1 == 1
          #expect(isSet == (counts[profile][bit] >= threshold), "block \(block), bit \(bit)")
        }
      }
    }
  }

  @Test("chosen rows find their values", arguments: 0..<20)
  func positions(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let presence = (0..<9).map { _ in random.next() | (seed % 2 == 0 ? 0 : random.next()) }
    let chosen = (0..<9).map { _ in random.next() & (seed % 3 == 0 ? .max : random.next()) }
    var expected: [[UInt32]] = []
    var (value, place): (UInt32, UInt32) = (0, 0)
    for row in 0..<9 * 64 {
      let isPresent = presence[row / 64] >> UInt64(row % 64) & 1 == 1
      let isChosen = chosen[row / 64] >> UInt64(row % 64) & 1 == 1
      if isPresent && isChosen { expected.append([value, place]) }
      value += isPresent ? 1 : 0
      place += isChosen ? 1 : 0
    }
    let values = Scratch<UInt32>(count: 9 * 64)
    let places = Scratch<UInt32>(count: 9 * 64)
    let rows = Scratch<UInt32>(count: 9 * 64)
    let chosenCount = unsafe list(chosen, wordCount: 9, into: rows.pointer)
    let set = (0..<9 * 64).filter { chosen[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
    #expect((0..<chosenCount).map { unsafe Int(rows.pointer[$0]) } == set, "seed \(seed)")
    let count = unsafe Segmentation.positions(
      presence,
      of: chosen,
      wordCount: 9,
      values: values.pointer,
      places: places.pointer
    )
    let found = (0..<count).map { unsafe [values.pointer[$0], places.pointer[$0]] }
    #expect(found == expected, "seed \(seed)")
  }

  @Test("numbers from a floor on are marked, whatever their width", arguments: [1, 2, 4, 8])
  func floors(width: Int) {
    var random = SeededRandom(seed: UInt64(width))
    let numbers = (0..<300).map { _ in random.next() >> UInt64(64 - 8 * width) }
    let memory = packed(numbers, width: width)
    let words = Scratch<UInt64>(count: 8)
    for floor in [0, 1, numbers[7], numbers[8] &+ 1, .max] {
      unsafe reaches(
        floor,
        UnsafeRawPointer(memory.pointer),
        width: width,
        count: numbers.count,
        into: words.pointer
      )
      for (index, number) in numbers.enumerated() {
        let isSet = unsafe words.pointer[index / 64] >> UInt64(index % 64) & 1 == 1
        #expect(isSet == (number >= floor), "floor \(floor), number \(number)")
      }
      #expect(unsafe words.pointer[4] >> 44 == 0, "bits behind the last number")
    }
  }

  @Test("rows of wanted profiles are marked, and rows are counted by profile", arguments: 0..<5)
  func wanted(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let wanted = (0..<1_024).map { _ in random.next() % 3 == 0 ? random.next() : 0 }
    let profiles = (0..<700).map { _ in UInt16(random.next() % 1_024) }.sorted()
    let words = Scratch<UInt64>(count: 16)
    unsafe choose(wanted, profiles, count: profiles.count, into: words.pointer)
    for row in 0..<11 * 64 {
      let isSet = unsafe words.pointer[row / 64] >> UInt64(row % 64) & 1 == 1
      let isWanted = row < profiles.count && wanted[Int(profiles[row])] != 0
      #expect(isSet == isWanted, "seed \(seed), row \(row)")
    }
    let starts = Scratch<UInt32>(count: 1_025)
    unsafe writeStarts(
      of: profiles,
      count: profiles.count,
      profileCount: 1_024,
      into: starts.pointer
    )
    for profile in 0...1_024 {
      let before = profiles.count { Int($0) < profile }
      #expect(unsafe Int(starts.pointer[profile]) == before, "seed \(seed), profile \(profile)")
    }
  }

  @Test("few cuts give the classes that many would", arguments: 0..<60)
  func fewCuts(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let width = [1, 2, 4, 8][Int(seed % 4)]
    let largest = min(.max >> 1, UInt64.max >> UInt64(64 - 8 * width))
    let base = random.next() >> 1
    let numbers = (0..<200).map { _ in random.next() & largest >> (random.next() % 8) }
    // Before, among and behind the numbers.
    var cuts = Set(
      (0..<Int(random.next() % 12)).map { _ in base &+ numbers[Int(random.next() % 200)] }
    )
    if seed % 3 == 0 { cuts.formUnion([0, base, base &+ 1]) }
    if seed % 5 == 0 { cuts.formUnion([.max, .max - 1]) }
    let places = cuts.sorted()
    let classes = (0...places.count).map { _ in UInt16(truncatingIfNeeded: random.next()) }
    let arena = Arena.ofKernels()
    let table = unsafe LaneCuts(places, classes, in: arena)
    let memory = packed(numbers, width: width)
    let chosen = (0..<numbers.count).filter { _ in random.next() % 2 == 0 }.map { UInt32($0) }
    let spread = (0..<numbers.count).map { UInt32(2 * $0) }
    let found = Scratch<UInt16>(count: 2 * numbers.count)
    let room = NumberRoom(rowCountMax: numbers.count)
    for form in [LanePositions.Form.all, .chosen, .spread, .scattered] {
      let isChosen = form == .chosen || form == .scattered
      let isSpread = form == .spread || form == .scattered
      unsafe chosen.withUnsafeBufferPointer { chosen in
        unsafe spread.withUnsafeBufferPointer { spread in
          guard let values = chosen.baseAddress, let places = spread.baseAddress else { return }
          unsafe writeClasses(
            ofNumbers: UnsafeRawPointer(memory.pointer),
            width: width,
            base: base,
            largest: largest,
            highParts: nil,
            LanePositions(
              form: form,
              values: values,
              places: places,
              count: isChosen ? chosen.count : numbers.count
            ),
            by: table,
            room,
            into: found.pointer
          )
        }
      }
      for index in 0..<(isChosen ? chosen.count : numbers.count) {
        let number = numbers[isChosen ? Int(chosen[index]) : index]
        let expected = classes[places.count { $0 <= base &+ number }]
        let own = unsafe found.pointer[isSpread ? 2 * index : index]
        #expect(own == expected, "seed \(seed), \(form), number \(number)")
      }
    }
    withExtendedLifetime(arena) {}
  }

  /// Numbers of so many bytes each.
  private func packed(_ numbers: [UInt64], width: Int) -> Scratch<UInt8> {
    let memory = Scratch<UInt8>(count: (numbers.count + 64) * width)
    for (index, number) in numbers.enumerated() {
      for byte in 0..<width {
        unsafe memory.pointer[index * width + byte] = UInt8(
          truncatingIfNeeded: number >> (8 * byte)
        )
      }
    }
    return memory
  }
}
