import Bytes
import ProfileStore
import Testing

@testable import Segmentation

/// What looks at the high parts of numbers first, held against what looks at the whole numbers.
struct HighPartTests {
  @Test("64 numbers are compared as one by one", arguments: 0..<20)
  func comparing(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let range = [3, 256, 65_536][Int(seed % 3)] as UInt64
    let numbers = (0..<64).map { _ in UInt16(truncatingIfNeeded: random.next() % range) }
    for other in numbers + [0, 1, .max] {
      let found = unsafe compare(numbers, with: other)
      let expected = unsafe compareOneByOne(numbers, with: other)
      #expect(found == expected, "seed \(seed), number \(other)")
      let reached = numbers.indices.filter { found.reached >> UInt64($0) & 1 == 1 }
      #expect(reached == numbers.indices.filter { numbers[$0] >= other }, "seed \(seed)")
    }
  }

  @Test("numbers from a floor on are marked", arguments: 0..<20)
  func floors(seed: UInt64) {
    let numbers = PartedNumbers(seed: seed, count: 300)
    let words = Scratch<UInt64>(count: 8)
    let floors = numbers.values.prefix(40).flatMap { [$0, $0 &+ 1, $0 &- 1] }
    for floor in floors + [0, .max] {
      unsafe reaches(
        floor,
        numbers.pointer,
        numbers.highParts,
        count: numbers.values.count,
        into: words.pointer
      )
      for (index, number) in numbers.values.enumerated() {
        let isSet = unsafe words.pointer[index / 64] >> UInt64(index % 64) & 1 == 1
        #expect(isSet == (number >= floor), "seed \(seed), floor \(floor), number \(number)")
      }
      #expect(unsafe words.pointer[4] >> 44 == 0, "bits behind the last number")
    }
  }

  @Test("classes are those of the whole numbers", arguments: 0..<40)
  func classes(seed: UInt64) {
    let numbers = PartedNumbers(seed: seed, count: 200)
    var random = SeededRandom(seed: seed)
    // Numbers are often cuts themselves, or next to one.
    let cuts = Set(
      (0..<Int(random.next() % 8)).map { _ in numbers.values[Int(random.next() % 200)] &+ 1 }
    ).sorted()
    let classes = (0...cuts.count).map { _ in UInt16(truncatingIfNeeded: random.next()) }
    let arena = Arena.ofKernels()
    let table = unsafe LaneCuts(cuts, classes, in: arena)
    let chosen = (0..<200).filter { _ in random.next() % 2 == 0 }.map { UInt32($0) }
    let found = Scratch<UInt16>(count: 264)
    let room = NumberRoom(rowCountMax: 200)
    for form in [LanePositions.Form.all, .chosen] {
      let count = form == .all ? 200 : chosen.count
      unsafe chosen.withUnsafeBufferPointer { chosen in
        guard let values = chosen.baseAddress else { return }
        unsafe writeClasses(
          ofNumbers: UnsafeRawPointer(numbers.pointer),
          width: 8,
          base: 0,
          largest: numbers.values.max() ?? 0,
          highParts: numbers.highParts,
          LanePositions(form: form, values: values, places: values, count: count),
          by: table,
          room,
          into: found.pointer
        )
      }
      for index in 0..<count {
        let number = numbers.values[form == .all ? index : Int(chosen[index])]
        let expected = classes[cuts.count { $0 <= number }]
        #expect(unsafe found.pointer[index] == expected, "seed \(seed), number \(number)")
      }
    }
    withExtendedLifetime(arena) {}
  }
}

/// Random numbers with their high parts; many have the same one.
@safe private struct PartedNumbers {
  let values: [UInt64]
  private let memory: Scratch<UInt64>
  private let parts: Scratch<UInt16>
  private let shift: UInt64

  init(seed: UInt64, count: Int) {
    var random = SeededRandom(seed: seed)
    let kept = [0, 3, 34][Int(seed % 3)] as UInt64
    shift = kept
    values = (0..<count).map { _ in
      random.next() >> (48 - kept) & ~(seed % 2 == 0 && kept > 0 ? 0b110 : 0)
    }
    memory = Scratch(count: count + 64)
    parts = Scratch(count: count + 64)
    for (index, value) in values.enumerated() {
      unsafe memory.pointer[index] = value
      unsafe parts.pointer[index] = UInt16(truncatingIfNeeded: value >> shift)
    }
  }

  var pointer: UnsafePointer<UInt64> { unsafe UnsafePointer(memory.pointer) }

  var highParts: HighParts {
    unsafe HighParts(numbers: UnsafePointer(parts.pointer), shift: shift)
  }
}
