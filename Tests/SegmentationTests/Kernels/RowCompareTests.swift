import Bytes
import ProfileStore
import Testing

@testable import Segmentation

/// Kernels that compare whole lanes, held against the plain meaning of what they do.
struct RowCompareTests {
  @Test("numbers are compared as one by one", arguments: [1, 2, 4, 8], [0, 1, 63, 64, 65, 300])
  func comparing(width: Int, count: Int) {
    var random = SeededRandom(seed: UInt64(100 * width + count))
    // Some small ones, so that many are equal.
    let numbers = (0..<count).map { index in
      index % 2 == 0 ? random.next() % 5 : random.next() >> UInt64(64 - 8 * width)
    }
    let memory = packed(numbers, width: width)
    let others = [0, 1, 3, 255, 256, 65_535, 65_536, .max] + numbers.prefix(40)
    for other in others {
      let equal = bits(count) { words in
        unsafe writeEqual(
          UnsafeRawPointer(memory.pointer),
          width: width,
          count: count,
          to: other,
          into: words
        )
      }
      #expect(equal == numbers.indices.filter { numbers[$0] == other }, "to \(other)")
      let reached = bits(count) { words in
        unsafe writeReached(
          other,
          UnsafeRawPointer(memory.pointer),
          width: width,
          count: count,
          into: words
        )
      }
      #expect(reached == numbers.indices.filter { numbers[$0] >= other }, "from \(other)")
    }
  }

  @Test("doubles are compared in their order")
  func doubles() {
    let numbers: [Double] = [0, -0.0, 1, -1, 0.5, 1e300, -1e300, .leastNonzeroMagnitude, 3, 3]
    let memory = packed(numbers.map(\.bitPattern), width: 8)
    for floor in numbers {
      let reached = bits(numbers.count) { words in
        unsafe writeReached(
          orderedBits(floor.bitPattern),
          ofDoubles: UnsafeRawPointer(memory.pointer),
          count: numbers.count,
          into: words
        )
      }
      #expect(reached == numbers.indices.filter { numbers[$0] >= floor }, "from \(floor)")
    }
  }

  @Test("wide numbers are compared by their high parts first", arguments: 0..<20)
  func highParts(seed: UInt64) {
    let numbers = PartedNumbers(seed: seed, count: 300)
    let floors = numbers.values.prefix(40).flatMap { [$0, $0 &+ 1, $0 &- 1] }
    for floor in floors + [0, .max] {
      let reached = bits(numbers.values.count) { words in
        unsafe writeReached(
          floor,
          numbers.pointer,
          numbers.highParts,
          count: numbers.values.count,
          into: words
        )
      }
      let expected = numbers.values.indices.filter { numbers.values[$0] >= floor }
      #expect(reached == expected, "seed \(seed), floor \(floor)")
    }
  }

  @Test("profiles that are there often enough are marked", arguments: [2, 3, 5, 40, 900])
  func frequent(atLeast: Int) {
    for count in [0, 1, 2, 64, 65, 1_000] {
      var random = SeededRandom(seed: UInt64(atLeast * 10_000 + count))
      // A few have most.
      let profiles = (0..<count).map { index in
        UInt16(index % 3 == 0 ? 1_023 : random.next() % 90)
      }.sorted()
      let memory = Scratch<UInt16>(count: count + 128)
      for (index, profile) in profiles.enumerated() { unsafe memory.pointer[index] = profile }
      let vector = Scratch<UInt64>(count: BlockVector.wordCount)
      unsafe markFrequent(memory.pointer, count: count, atLeast: atLeast, into: vector.pointer)
      let found = (0..<BlockVector.bitCount).filter { profile in
        unsafe vector.pointer[profile / 64] >> UInt64(profile % 64) & 1 == 1
      }
      let expected = (0..<BlockVector.bitCount).filter { profile in
        profiles.count { Int($0) == profile } >= atLeast
      }
      #expect(found == expected, "\(count) rows")
    }
  }

  /// The bits a kernel sets, of memory that was full of ones; those behind the last number of its word
  /// are to be 0.
  private func bits(_ count: Int, _ write: (UnsafeMutablePointer<UInt64>) -> Void) -> [Int] {
    let words = Scratch<UInt64>(count: count / 64 + 2)
    words.fill(.max, count: words.count)
    unsafe write(words.pointer)
    return (0..<(count + 63) / 64 * 64).filter { index in
      unsafe words.pointer[index / 64] >> UInt64(index % 64) & 1 == 1
    }
  }

  /// Numbers of so many bytes each.
  private func packed(_ numbers: [UInt64], width: Int) -> Scratch<UInt8> {
    let memory = Scratch<UInt8>(count: numbers.count * width)
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
