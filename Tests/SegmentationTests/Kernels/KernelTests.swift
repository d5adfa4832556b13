import Bytes
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
    let arena = Arena()
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

  @Test("counters tell who has enough", arguments: [1, 2, 3, 4, 5, 16, 200])
  func counters(threshold: Int) {
    var random = SeededRandom(seed: UInt64(threshold))
    let planeCount = (1...16).first { threshold <= 1 << $0 } ?? 16
    let words = WordVectors(
      targets: [Array(0..<64)],
      thresholds: [Array(repeating: threshold, count: 64)],
      planeCounts: [planeCount]
    )
    let vectors = Scratch<UInt64>(count: 64 * BlockVector.wordCount)
    var counts = [[Int]](repeating: Array(repeating: 0, count: 64), count: BlockVector.bitCount)
    // The second block begins anew.
    for block in 0..<2 {
      for profile in counts.indices { counts[profile] = Array(repeating: 0, count: 64) }
      var masks: [UInt64] = []
      var places: [UInt16] = []
      for profile in stride(from: 0, to: BlockVector.bitCount, by: 37) {
        for _ in 0..<threshold + Int(random.next() % 3) {
          let mask = random.next() | random.next() | random.next() | random.next()
          masks.append(mask)
          places.append(UInt16(ProfilePlace.place(of: profile)))
          for bit in 0..<64 where mask >> UInt64(bit) & 1 == 1 { counts[profile][bit] += 1 }
        }
      }
      let united = unsafe words.masks(0)
      guard let planes = unsafe words.counters(0) else {
        Issue.record("a word that counts has counters")
        return
      }
      unsafe count(
        masks,
        of: places,
        count: masks.count,
        planes: planes,
        planeCount: planeCount,
        into: united
      )
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
    let count = 300
    let numbers = (0..<count).map { _ in random.next() >> UInt64(64 - 8 * width) }
    // Room for what a kernel may look at beyond the end.
    let memory = Scratch<UInt8>(count: (count + 64) * width)
    let start = unsafe UnsafeMutableRawPointer(memory.pointer)
    for (index, number) in numbers.enumerated() {
      for byte in 0..<width {
        let value = UInt8(truncatingIfNeeded: number >> UInt64(8 * byte))
        unsafe start.storeBytes(of: value, toByteOffset: index * width + byte, as: UInt8.self)
      }
    }
    defer { withExtendedLifetime(memory) {} }
    let words = Scratch<UInt64>(count: 8)
    for floor in [0, 1, numbers[7], numbers[8] &+ 1, .max] {
      unsafe reaches(floor, start, width: width, count: count, into: words.pointer)
      for (index, number) in numbers.enumerated() {
        let isSet = unsafe words.pointer[index / 64] >> UInt64(index % 64) & 1 == 1
        #expect(isSet == (number >= floor), "floor \(floor), number \(number)")
      }
      #expect(unsafe words.pointer[4] >> 44 == 0, "bits behind the last number")
    }
  }
}
